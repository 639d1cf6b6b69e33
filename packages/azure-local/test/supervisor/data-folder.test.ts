import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { clearDataFolder, makeDataFolder } from '../../src/supervisor/data-folder';
import { takeLock } from '../../src/supervisor/locks';
import {
  claimDataFolder,
  findRunning,
  readRunFile,
  removeRunFile,
  writeRunFile,
  type RunFile,
} from '../../src/supervisor/run-file';
import { buildStubPrograms } from '../../testing/stub-system';

const RUN: RunFile = {
  pids: { supervisor: 1, platform: 2, host: 3 },
  urls: {
    api: 'http://127.0.0.1:1',
    services: 'http://127.0.0.1:2',
    cosmos: 'http://127.0.0.1:3',
    servicebus: 'sb://127.0.0.1:4',
    eventgrid: 'http://127.0.0.1:5',
    telemetry: 'http://127.0.0.1:6',
  },
};

let dataDir: string;
const put = (...files: string[]): void =>
  files.forEach((file) => writeFileSync(path.join(dataDir, file), ''));

beforeEach(() => (dataDir = mkdtempSync(path.join(tmpdir(), 'order-saga-data-'))));
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

describe('a data folder that is named', () => {
  test('is made with those above it, and left as it is where it is there', () => {
    const folder = path.join(dataDir, 'a', 'b');
    makeDataFolder(folder);
    put('a/b/platform.db');
    makeDataFolder(folder);
    expect(readdirSync(folder)).toEqual(['platform.db']);
  });

  test('is refused by name where it cannot be made, or is none', () => {
    put('file');
    symlinkSync(path.join(dataDir, 'gone'), path.join(dataDir, 'dangling'));
    for (const folder of [
      '/proc/x',
      '/proc/x/y',
      path.join(dataDir, 'file/below'),
      path.join(dataDir, 'dangling'),
    ])
      expect(() => makeDataFolder(folder)).toThrow(`The data folder ${folder} cannot be made (`);
    expect(() => makeDataFolder(path.join(dataDir, 'file'))).toThrow(
      /file is a file. Choose another with --data/,
    );
  });
});

describe('run.json', () => {
  test('is read as it was written, and gone after its removal', () => {
    writeRunFile(dataDir, RUN);
    expect(readRunFile(dataDir)).toEqual(RUN);
    expect(readdirSync(dataDir)).toEqual(['run.json']);
    removeRunFile(dataDir);
    removeRunFile(dataDir);
    expect(readRunFile(dataDir)).toBeUndefined();
  });

  test.each(['', '{}', 'null', '{"pids":{"supervisor":1,"platform":2},"urls":{}}'])(
    'that holds %j is no run.json',
    (text) => {
      writeFileSync(path.join(dataDir, 'run.json'), text);
      expect(readRunFile(dataDir)).toBeUndefined();
    },
  );

  test('is believed only while its supervisor holds the folder', () => {
    writeRunFile(dataDir, RUN);
    expect(findRunning(dataDir)).toBeUndefined();
    const lock = claimDataFolder(dataDir);
    expect(findRunning(dataDir)).toEqual(RUN);
    lock.release();
    expect(findRunning(dataDir)).toBeUndefined();
  });

  test('names whoever holds the folder to the one who wants it too', () => {
    const lock = claimDataFolder(dataDir);
    expect(() => claimDataFolder(dataDir)).toThrow('starting, stopping or clearing');
    expect(readdirSync(dataDir)).toEqual(['supervisor.lock']);
    writeRunFile(dataDir, RUN);
    expect(() => claimDataFolder(dataDir)).toThrow('http://127.0.0.1:1 (process 1)');
    lock.release();
    claimDataFolder(dataDir).release();
  });
});

describe('clearing a data folder', () => {
  test('removes the known files and lists them', () => {
    put('platform.db', 'platform.db-wal', 'platform.db-shm', 'host.db', 'run.json', 'host.lock');
    expect(clearDataFolder(dataDir).sort()).toEqual(
      ['host.db', 'platform.db', 'platform.db-shm', 'platform.db-wal', 'run.json'].sort(),
    );
    expect(readdirSync(dataDir).every((file) => file.endsWith('.lock'))).toBe(true);
  });

  test('of nothing removes nothing, and makes no folder', () => {
    const missing = path.join(dataDir, 'missing');
    expect(clearDataFolder(missing)).toEqual([]);
    expect(readdirSync(dataDir)).toEqual([]);
  });

  test('is refused where something else lies, and touches nothing', () => {
    put('host.db', 'package.json');
    expect(() => clearDataFolder(dataDir)).toThrow('it holds package.json');
    expect(readdirSync(dataDir).sort()).toEqual(['host.db', 'package.json']);
  });

  test('is refused where a folder or a link has the name of a known file', () => {
    mkdirSync(path.join(dataDir, 'host.db'));
    symlinkSync('/etc/hosts', path.join(dataDir, 'platform.db'));
    expect(() => clearDataFolder(dataDir)).toThrow('host.db, platform.db');
  });

  test('is refused while a system runs there, or only one of its children', () => {
    put('host.db');
    const lock = claimDataFolder(dataDir);
    expect(() => clearDataFolder(dataDir)).toThrow('Another process');
    lock.release();
    const hostLock = takeLock(dataDir, 'host');
    expect(() => clearDataFolder(dataDir, 0)).toThrow('A host process still uses');
    expect(readdirSync(dataDir)).toContain('host.db');
    hostLock?.release();
    expect(clearDataFolder(dataDir)).toEqual(['host.db']);
  });
});

describe('npm run reset', () => {
  const programs = buildStubPrograms();
  afterAll(() => programs.remove());

  function reset(...flags: string[]): Promise<{ code: number; output: string }> {
    const env = { ...process.env, ...programs.environment };
    const program = path.join(path.dirname(programs.program), 'reset.js');
    return new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        [program, '--data', dataDir, ...flags],
        { env },
        (_error, out, err) => resolve({ code: child.exitCode ?? -1, output: out + err }),
      );
    });
  }

  test('prints what it removed', async () => {
    put('host.db', 'run.json');
    expect(await reset()).toEqual({ code: 0, output: `Cleared ${dataDir}: host.db, run.json\n` });
    expect(await reset()).toEqual({ code: 0, output: `Nothing to clear in ${dataDir}\n` });
  });

  test('refuses with exit code 1, and an unknown flag with 2', async () => {
    put('notes.txt');
    expect(await reset()).toMatchObject({ code: 1, output: expect.stringContaining('notes.txt') as string });
    expect(await reset('--everything')).toMatchObject({ code: 2 });
  });

  test('with --use-settings refuses while a setting points beyond this machine, without showing its value', async () => {
    const app = mkdtempSync(path.join(tmpdir(), 'order-saga-app-'));
    const settings = {
      Values: { Cosmos: 'AccountEndpoint=https://prod.example/;AccountKey=secret;', Other: 'x' },
    };
    writeFileSync(path.join(app, 'local.settings.json'), JSON.stringify(settings));
    put('host.db');
    const { code, output } = await reset('--use-settings', '--app', app);
    rmSync(app, { recursive: true });
    expect(code).toBe(1);
    expect(output).toContain('(Cosmos)');
    expect(output).not.toMatch(/prod|secret/);
    expect(readdirSync(dataDir)).toEqual(['host.db']);
  });
});

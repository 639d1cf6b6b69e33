// `npm run doctor` as a program: what it says before anything is installed, its exit code, --json.
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Finding } from '../../local/doctor/finding';
import { listenOnLoopback } from 'azure-local/kit/listen';
import { freePorts } from 'azure-local/supervisor/start-flags';

const ROOT = path.resolve(__dirname, '../..');

let folder: string;
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'order-saga-doctor-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const doctor = (root: string, ...flags: string[]): Promise<Said> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      [path.join(root, 'scripts/doctor.mjs'), ...flags],
      { cwd: root },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });

describe('npm run doctor', () => {
  test('says a line for each check and ends with 0 when nothing is wrong', async () => {
    const { code, stdout } = await doctor(ROOT, ...freePorts(), '--data', folder);
    expect(stdout.split('\n').filter((line) => !/^ok +/.test(line) && !/^warning +disk/.test(line))).toEqual([
      '',
    ]);
    for (const check of [
      'node',
      'packages',
      'copies',
      'build',
      'host.json',
      'settings',
      'ports',
      'proxies',
      'data folder',
      'disk',
      'clock',
      'tools',
    ])
      expect(stdout).toMatch(new RegExp(`^(?:ok|warning) +${check} `, 'm'));
    expect(code).toBe(0);
  });

  test('ends with 1 at an error, and says with --json what each finding is', async () => {
    const server = createServer();
    const port = await listenOnLoopback(server, 0, 'test', '--port');
    const flags = [
      ...freePorts('--servicebus-port'),
      '--servicebus-port',
      String(port),
      '--data',
      folder,
      '--json',
    ];
    const { code, stdout } = await doctor(ROOT, ...flags);
    server.close();
    const findings = JSON.parse(stdout) as Finding[];
    expect(findings.filter(({ status }) => status === 'error')).toEqual([
      expect.objectContaining({ check: 'ports', message: expect.stringContaining(String(port)) as string }),
    ]);
    expect(code).toBe(1);
  });

  test('refuses a flag that npm start does not have, with its own flags', async () => {
    const { code, stderr } = await doctor(ROOT, '--prot', '1');
    expect(code).toBe(2);
    expect(stderr).toMatch(/'--prot'[^]*Usage: npm run doctor/);
  });
});

describe('npm run doctor where nothing can be built', () => {
  /** A project whose lock file has these packages. */
  function project(node: string, packages: Record<string, { version: string; optional?: boolean }>): void {
    mkdirSync(path.join(folder, 'node_modules'));
    cpSync(path.join(ROOT, 'scripts'), path.join(folder, 'scripts'), { recursive: true });
    const write = (file: string, content: object): void =>
      writeFileSync(path.join(folder, file), JSON.stringify(content));
    write('package.json', { engines: { node } });
    write('package-lock.json', { packages: { '': {}, ...packages } });
  }
  function install(where: string, version: string): void {
    mkdirSync(path.join(folder, where), { recursive: true });
    writeFileSync(path.join(folder, where, 'package.json'), JSON.stringify({ version }));
  }

  test('names a Node.js that is too old, and packages that are missing or others', async () => {
    project('>=99.1.0', {
      'node_modules/here': { version: '1.0.0' },
      'node_modules/other': { version: '2.0.0' },
      'node_modules/@scope/missing': { version: '1.0.0' },
      'node_modules/not-for-this-system': { version: '1.0.0', optional: true },
    });
    install('node_modules/here', '1.0.0');
    install('node_modules/other', '1.9.0');
    const { code, stdout } = await doctor(folder);
    expect(stdout.trim().split('\n')).toEqual([
      expect.stringMatching(/^error +node +Node\.js \S+ is too old: >=99\.1\.0 is needed\. Install/),
      expect.stringMatching(
        /^error +packages +.*: other is 1\.9\.0, not 2\.0\.0, @scope\/missing is missing\. Run `npm ci`\./,
      ),
      expect.stringMatching(/^ok +copies /),
    ]);
    expect(code).toBe(1);
  });

  test('names two copies of a package that must be there once, with their folders', async () => {
    project('>=20.0.0', {});
    install('node_modules/@azure/functions-extensions-base', '0.2.0');
    install('node_modules/@azure/functions', '4.16.0');
    const second = 'node_modules/@azure/functions/node_modules/@azure/functions-extensions-base';
    install(second, '0.3.0');
    const { code, stdout } = await doctor(folder);
    expect(stdout).toMatch(/^error +copies +two copies/m);
    expect(stdout).toContain(path.join(folder, second));
    expect(code).toBe(1);
  });

  test('names what the build says when there is no build', async () => {
    project('>=20.0.0', {});
    const { code, stdout } = await doctor(folder);
    expect(stdout).toMatch(/^error +build +the app cannot be built: /m);
    expect(code).toBe(1);
  });
});

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { listenOnLoopback } from '../../src/kit/listen';
import { findRunning, readRunFile } from '../../src/supervisor/run-file';
import { freePorts } from '../../src/supervisor/start-flags';
import { isAlive, killNow } from '../../src/supervisor/process-life';
import { buildStubPrograms } from '../../testing/stub-system';
import type { RunningSystem as System, SystemOptions } from '../../src/supervisor/running-system';
import { until } from '../../src/kit/until';

const programs = buildStubPrograms();
const systems: System[] = [];
let folder: string;

/** What the stub host was started with. */
interface HostStart {
  readonly environment: Record<string, string>;
  readonly options: Record<string, unknown>;
}

async function start(options: SystemOptions = {}): Promise<System> {
  const system = await programs.start({ dataDir: path.join(folder, 'data'), ...options });
  systems.push(system);
  return system;
}

const hostStart = async (system: System): Promise<HostStart> =>
  (await (await fetch(`${system.urls.api}/start`)).json()) as HostStart;

/** Runs start.js to its end. */
function runToEnd(...flags: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, ...programs.environment };
    const child = execFile(
      process.execPath,
      [programs.program, ...flags],
      { env },
      (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'order-saga-supervisor-'));
});

afterEach(async () => {
  await Promise.all(systems.splice(0).map((system) => system.stop()));
  await rm(folder, { recursive: true, force: true });
});

afterAll(() => programs.remove());

describe('a start', () => {
  test('ends its output with one Ready line, once the health address answers 200', async () => {
    const system = await start();
    const lines = system.output().trimEnd().split('\n');
    expect(lines.slice(-2)).toEqual(['stub host is healthy', `Ready: ${system.urls.api}`]);
    expect(system.output().match(/Ready:/g)).toHaveLength(1);
  });

  test('takes free ports for 0 and writes those in use, with the process ids, to run.json', async () => {
    const system = await start();
    expect(findRunning(system.dataDir)).toEqual({ pids: system.pids, urls: system.urls });
    expect(Object.keys(system.pids)).toEqual(['supervisor', 'platform', 'host']);
    expect(Object.values(system.pids).every(isAlive)).toBe(true);
    const { api, cosmos, services } = system.urls;
    expect(new Set([api, cosmos, services].map((url) => new URL(url).port)).size).toBe(3);
  });

  test('gives the host the look-alikes as settings, and --set wins over them', async () => {
    const system = await start({
      settings: { Told: 'by --set', Extra: 'a=b' },
      args: ['--keys'],
    });
    const { environment, options } = await hostStart(system);
    expect(environment).toMatchObject({
      PlatformUrl: system.urls.eventgrid,
      Told: 'by --set',
      Extra: 'a=b',
    });
    expect(environment['CosmosConnection']).toContain(`AccountEndpoint=${system.urls.cosmos}/;AccountKey=`);
    expect(options).toMatchObject({ dataDir: system.dataDir, keys: true });
  });

  test('with a data folder in use says who uses it, and exits 1 without disturbing it', async () => {
    const system = await start();
    const second = await runToEnd('--data', system.dataDir, ...freePorts());
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(`${system.urls.api} (process ${system.pids.supervisor})`);
    expect(Object.values(system.pids).every(isAlive)).toBe(true);
  });

  test('with a busy port says so in one sentence, exits 1 and leaves nothing running', async () => {
    const taken: Server = createServer();
    const port = await listenOnLoopback(taken, 0, 'test', '--port');
    const dataDir = path.join(folder, 'busy');
    const flags = ['--port', String(port), ...freePorts('--port'), '--data', dataDir];
    const { code, stderr, stdout } = await runToEnd(...flags);
    taken.close();
    expect(code).toBe(1);
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringContaining(`Port ${port} (HTTP API) is taken`) as string,
    ]);
    expect(stdout).not.toContain('starting it again');
    expect(existsSync(path.join(dataDir, 'run.json'))).toBe(false);
  });

  test('supervisor.V7: that neither can start for says what the platform says, and the host has done nothing', async () => {
    const taken: Server = createServer();
    const port = await listenOnLoopback(taken, 0, 'test', '--port');
    const dataDir = path.join(folder, 'both');
    const flags = ['--cosmos-port', String(port), ...freePorts('--cosmos-port'), '--data', dataDir];
    const { code, stderr, stdout } = await runToEnd(...flags, '--set', 'StubStart=refuse');
    taken.close();
    expect(code).toBe(1);
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringContaining(`Port ${port} (Cosmos DB) is taken`) as string,
    ]);
    expect(stdout).not.toContain('Starting the function host');
    expect(existsSync(path.join(dataDir, 'host.lock'))).toBe(false);
  });

  test('that the host refuses shows its sentence once and exits 1', async () => {
    const flags = [...freePorts(), '--data', path.join(folder, 'refused'), '--set', 'StubStart=refuse'];
    expect(await runToEnd(...flags)).toMatchObject({
      code: 1,
      stderr: 'InventoryService:BaseUrl is missing.\n',
    });
  });

  test('with an unknown flag names it, prints the usage and exits 2', async () => {
    const { code, stderr } = await runToEnd('--prot', '1');
    expect(code).toBe(2);
    expect(stderr).toContain("'--prot'");
    expect(stderr).toContain('Usage: npx azure-local');
  });
});

describe('a crash', () => {
  test.each(['host', 'platform'] as const)(
    'of the %s brings it back on the same ports and leaves the other process alone',
    async (crashed) => {
      const system = await start();
      const before = { urls: system.urls, pids: system.pids };
      await system.kill(crashed);
      await system.recovered();
      const other = crashed === 'host' ? 'platform' : 'host';
      expect(system.urls).toEqual(before.urls);
      expect(system.pids[other]).toBe(before.pids[other]);
      expect(system.pids[crashed]).not.toBe(before.pids[crashed]);
      const url = crashed === 'host' ? system.urls.api : system.urls.cosmos;
      expect((await fetch(url)).ok).toBe(true);
      expect(system.output().match(/Ready:/g)).toHaveLength(1);
    },
  );

  test('of the supervisor ends both children at once, and its run.json is not believed by the next start', async () => {
    const system = await start();
    const { pids, urls } = system;
    killNow(pids.supervisor);
    await until('the children are gone', () => !isAlive(pids.platform) && !isAlive(pids.host));
    await expect(fetch(urls.api)).rejects.toThrow();
    expect(readRunFile(system.dataDir)).toMatchObject({ pids });
    expect(findRunning(system.dataDir)).toBeUndefined();
    const next = await start();
    expect(findRunning(next.dataDir)?.pids.supervisor).not.toBe(pids.supervisor);
  });

  test('of everything is survived by a restart on the same data folder', async () => {
    const system = await start();
    await system.kill('all');
    await system.restart();
    expect((await fetch(`${system.urls.api}/api/health`)).status).toBe(200);
  });
});

describe('a stop', () => {
  test('by SIGTERM drains the host before the platform, exits 0 and leaves nothing behind', async () => {
    const system = await start();
    const { pids } = system;
    expect(await system.stop()).toBe(0);
    expect(system.output()).toContain('stub host drained while the platform answers');
    expect(Object.values(pids).some(isAlive)).toBe(false);
    expect(existsSync(path.join(system.dataDir, 'run.json'))).toBe(false);
  });

  test('by a second Ctrl-C ends a host that does not finish, at once', async () => {
    const system = await start({ settings: { StubStop: 'hang' } });
    const { pids } = system;
    await until('Ctrl-C, pressed again and again, ends it', () => {
      if (isAlive(pids.supervisor)) process.kill(pids.supervisor, 'SIGINT');
      return !Object.values(pids).some(isAlive);
    });
    // After the time that the host has to finish, it would be 0.
    expect(await system.stop()).toBe(130);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)(
    'leaves a %s that reaches the whole process group to the supervisor',
    async (signal) => {
      const system = await start();
      const { pids, urls } = system;
      process.kill(pids.platform, signal);
      process.kill(pids.host, signal);
      for (const url of [urls.services, urls.api]) expect((await fetch(url)).status).toBe(200);
      process.kill(pids.supervisor, signal);
      expect(await system.stop()).toBe(0);
      expect(system.output()).not.toContain('ended unexpectedly');
      expect(system.output()).toContain('stub host drained while the platform answers');
    },
  );
});

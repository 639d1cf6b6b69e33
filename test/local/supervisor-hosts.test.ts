import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkData } from '../../local/doctor/check-data';
import { checkPorts } from '../../local/doctor/check-ports';
import { listenOnLoopback } from 'azure-local/kit/listen';
import { clearDataFolder } from 'azure-local/supervisor/data-folder';
import type { HostName } from 'azure-local/supervisor/processes';
import { isAlive } from 'azure-local/supervisor/process-life';
import type { RunningSystem as System, SystemOptions } from 'azure-local/supervisor/running-system';
import { parseStartFlags } from 'azure-local/supervisor/start-flags';
import { until } from 'azure-local/kit/until';
import { buildStubPrograms } from 'azure-local/testing/stub-system';

const programs = buildStubPrograms();
let folder: string;
let system: System | undefined;

async function start(options: SystemOptions = {}): Promise<System> {
  const args = ['--hosts', '2', ...(options.args ?? [])];
  system = await programs.start({ dataDir: path.join(folder, 'data'), ...options, args });
  return system;
}

interface HostStart {
  readonly options: { readonly instance: number; readonly publicUrl: string; readonly appRoot: string };
  /** Whether the keys file was there when it started. */
  readonly keysAtStart: boolean;
}

/** What the host that is asked was started with, over a connection of its own. */
async function answerOf(url: string): Promise<HostStart['options'] & Pick<HostStart, 'keysAtStart'>> {
  const answer = await fetch(`${url}/start`, { headers: { connection: 'close' } });
  const { options, keysAtStart } = (await answer.json()) as HostStart;
  return { ...options, keysAtStart };
}

/** Who answers so many requests to the one address. */
async function instances(url: string, requests: number): Promise<Set<number>> {
  const answers = new Set<number>();
  for (let sent = 0; sent < requests; sent += 1) answers.add((await answerOf(url)).instance);
  return answers;
}

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'order-saga-hosts-'));
});

afterEach(async () => {
  await system?.stop();
  system = undefined;
  await rm(folder, { recursive: true, force: true });
});

afterAll(() => programs.remove());

test('two hosts answer at one address in turn, each with an address of its own in run.json', async () => {
  const { urls, pids } = await start();
  expect(await instances(urls.api, 4)).toEqual(new Set([1, 2]));
  expect(Object.keys(pids)).toEqual(['supervisor', 'platform', 'host', 'host-2']);
  expect(new Set(Object.values(pids)).size).toBe(4);
  expect((await answerOf(urls.host ?? '')).instance).toBe(1);
  expect(await answerOf(urls['host-2'] ?? '')).toMatchObject({ instance: 2, publicUrl: urls.api });
});

test('each host runs the app that is given for it', async () => {
  const apps = ['old', 'new'].map((release) => path.join(folder, release));
  const { urls } = await start({ args: apps.flatMap((app) => ['--app', app]) });
  const started = [await answerOf(urls.host ?? ''), await answerOf(urls['host-2'] ?? '')];
  expect(started.map(({ appRoot }) => appRoot)).toEqual(apps);
});

test('a single host has the address of the users itself, without a balancer', async () => {
  const { urls } = await start({ args: ['--hosts', '1'] });
  expect(Object.keys(urls)).not.toContain('host');
  expect(await answerOf(urls.api)).toMatchObject({ instance: 1, publicUrl: '' });
});

test.each(['host', 'host-2'] as const)(
  'a %s that is killed comes back alone, at its own address, and the other answers meanwhile',
  async (killed) => {
    const running = await start();
    const before = { urls: running.urls, pids: running.pids };
    await running.kill(killed);
    // Not at once: until the last thread of a killed process is gone, its port still accepts.
    await until('the other answers', () => instances(running.urls.api, 2).catch(() => undefined));
    await running.recovered();
    const other = killed === 'host' ? 'host-2' : 'host';
    expect(running.pids[other]).toBe(before.pids[other]);
    expect(running.pids.platform).toBe(before.pids.platform);
    expect(running.pids[killed]).not.toBe(before.pids[killed]);
    expect(running.urls).toEqual(before.urls);
    expect(await instances(running.urls.api, 4)).toEqual(new Set([1, 2]));
    expect(running.output().match(/Ready:/g)).toHaveLength(1);
  },
);

test('both hosts come back when both are killed, at the one address', async () => {
  const running = await start();
  const { api } = running.urls;
  await running.kill('host');
  await running.kill('host-2');
  await running.recovered();
  expect(running.urls.api).toBe(api);
  await until('both answer', async () => (await instances(api, 4).catch(() => new Set())).size === 2);
});

test('a stop drains both hosts while the platform answers, and leaves nothing running', async () => {
  const running = await start();
  const { pids } = running;
  expect(await running.stop()).toBe(0);
  expect(running.output().match(/stub host drained while the platform answers/g)).toHaveLength(2);
  expect(Object.values(pids).some(isAlive)).toBe(false);
  expect(existsSync(path.join(running.dataDir, 'run.json'))).toBe(false);
});

test('a busy port is reported in one sentence, and nothing is left running', async () => {
  const taken = createServer();
  const port = await listenOnLoopback(taken, 0, 'test', '--port');
  const dataDir = path.join(folder, 'busy');
  const flags = ['--hosts', '2', '--port', String(port), '--data', dataDir];
  const { code, stderr } = await new Promise<{ code: number | null; stderr: string }>((resolve) => {
    const env = { ...process.env, ...programs.environment };
    const child = execFile(process.execPath, [programs.program, ...flags], { env }, (_e, _out, err) =>
      resolve({ code: child.exitCode, stderr: err }),
    );
  });
  taken.close();
  expect({ code, lines: stderr.trim().split('\n') }).toEqual({
    code: 1,
    lines: [expect.stringContaining(`Port ${port} (the function hosts) is taken`)],
  });
});

test('with --keys the keys are there before the hosts, so that both have the same', async () => {
  const { urls } = await start({ args: ['--keys'] });
  const starts = ['host', 'host-2'].map(async (name) => answerOf(urls[name as HostName] ?? ''));
  expect((await Promise.all(starts)).map(({ keysAtStart }) => keysAtStart)).toEqual([true, true]);
});

test('doctor finds nothing wrong while they run, and reset clears what they leave', async () => {
  const running = await start();
  const command = parseStartFlags(
    ['--data', running.dataDir, '--port', new URL(running.urls.api).port, '--hosts', '2'],
    folder,
  );
  if (command.kind !== 'start') throw new Error('the flags were not read');
  const ports = await checkPorts({
    ...command.options,
    cosmosPort: 0,
    servicebusPort: 0,
    eventgridPort: 0,
    telemetryPort: 0,
    servicesPort: 0,
  });
  expect([...ports, ...checkData(running.dataDir)].map(({ status }) => status)).toEqual(['ok', 'ok']);
  expect(() => clearDataFolder(running.dataDir)).toThrow('It already runs');
  await running.stop();
  clearDataFolder(running.dataDir);
  expect((await readdir(running.dataDir)).filter((name) => !name.endsWith('.lock'))).toEqual([]);
});

test('--hosts 2 implies --storage azure, and refuses atomic in a sentence', () => {
  const parse = (...flags: readonly string[]) => parseStartFlags(flags, '.');
  expect(parse('--hosts', '2')).toMatchObject({ options: { hosts: 2, storage: 'azure' } });
  expect(parse('--hosts', '2', '--storage', 'azure')).toMatchObject({ options: { storage: 'azure' } });
  expect(parse('--hosts', '1')).toMatchObject({ options: { storage: 'atomic' } });
  expect(parse('--hosts', '2', '--storage', 'atomic')).toMatchObject({
    problem: expect.stringContaining('--hosts 2 goes with --storage azure only') as string,
  });
});

test.each(['0', '9', 'two', '-1', '1.5', ''])('--hosts %p is refused in a sentence', (text) => {
  expect(parseStartFlags([`--hosts=${text}`], '.')).toEqual({
    kind: 'refused',
    problem: `--hosts takes a number from 1 to 8, not "${text}".`,
  });
});

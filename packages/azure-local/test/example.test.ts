// The example app on the packed azure-local, installed in an empty folder: nothing that only the workspace has may be needed.
// Without npm's registry the packages cannot be had, and the test is skipped.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { until } from '../src/kit/until';

const PACKAGE = path.resolve(__dirname, '..');
const PORTS = [
  '--port',
  '--cosmos-port',
  '--servicebus-port',
  '--eventgrid-port',
  '--services-port',
  '--telemetry-port',
];

const folder = mkdtempSync(path.join(tmpdir(), 'azure-local-example-'));
const app = path.join(folder, 'app');
const NO_REGISTRY = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENOTCACHED/;
let said = '';
let running: ChildProcess | undefined;

const npm = (cwd: string, ...args: string[]): unknown =>
  execFileSync('npm', args, { cwd, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });

/** Packs and installs; false when npm's registry cannot be reached. */
function installed(): boolean {
  cpSync(path.join(PACKAGE, 'example'), app, { recursive: true });
  npm(PACKAGE, 'pack', '--pack-destination', folder);
  const [packed = ''] = readdirSync(folder).filter((file) => file.endsWith('.tgz'));
  const manifest = path.join(app, 'package.json');
  const wanted = JSON.parse(readFileSync(manifest, 'utf8')) as object;
  const devDependencies = { 'azure-local': `file:${path.join(folder, packed)}` };
  writeFileSync(manifest, JSON.stringify({ ...wanted, devDependencies }));
  try {
    npm(
      app,
      'install',
      '--no-audit',
      '--no-fund',
      '--prefer-offline',
      '--fetch-retries=1',
      '--fetch-retry-mintimeout=500',
      '--fetch-retry-maxtimeout=500',
    );
    return true;
  } catch (error) {
    if (NO_REGISTRY.test(String((error as { stderr?: unknown }).stderr))) return false;
    throw error;
  }
}

function start(): ChildProcess {
  const bin = path.join(app, 'node_modules/.bin/azure-local');
  const child = spawn(process.execPath, [bin, ...PORTS.flatMap((port) => [port, '0'])], {
    cwd: app,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
  return child;
}

const isInstalled = installed();
afterAll(async () => {
  const ended = new Promise((resolve) => running?.once('close', resolve) ?? resolve(undefined));
  running?.kill('SIGTERM');
  await ended;
  rmSync(folder, { recursive: true, force: true });
});

if (!isInstalled) test.skip("The example is not run: npm's registry cannot be reached.", () => undefined);

(isInstalled ? test : test.skip)(
  'a request, a message, an orchestration and the change feed work from an empty folder',
  async () => {
    const child = (running = start());
    const url = await until('the app is ready', () => {
      if (child.exitCode !== null) throw new Error(said);
      return /^Ready: (\S+)$/m.exec(said)?.[1];
    });
    const greeted = await fetch(`${url}/api/greetings/Ada`, { method: 'POST' });
    expect(greeted.status).toBe(202);
    const list = async (): Promise<unknown[]> =>
      (await (await fetch(`${url}/api/greetings`)).json()) as unknown[];
    await until('the greeting has come back', async () => (await list()).length > 0);
    expect(await list()).toEqual(['Hello, Ada!']);
  },
);

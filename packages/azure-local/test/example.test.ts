// The example app on the packed azure-local, installed in an empty folder: nothing that only the workspace has may be needed.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { until } from '../src/kit/until';

const PACKAGE = path.resolve(__dirname, '..');
const PORTS = ['--port', '--cosmos-port', '--servicebus-port', '--eventgrid-port', '--services-port'];

let folder: string;
let app: string;
let said = '';
let running: ChildProcess;

const npm = (cwd: string, ...args: string[]): unknown =>
  execFileSync('npm', args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'azure-local-example-'));
  app = path.join(folder, 'app');
  cpSync(path.join(PACKAGE, 'example'), app, { recursive: true });
  npm(PACKAGE, 'pack', '--silent', '--pack-destination', folder);
  const [packed = ''] = readdirSync(folder).filter((file) => file.endsWith('.tgz'));
  const manifest = path.join(app, 'package.json');
  const wanted = JSON.parse(readFileSync(manifest, 'utf8')) as object;
  const devDependencies = { 'azure-local': `file:${path.join(folder, packed)}` };
  writeFileSync(manifest, JSON.stringify({ ...wanted, devDependencies }));
  npm(app, 'install', '--silent', '--no-audit', '--no-fund', '--prefer-offline');
  const bin = path.join(app, 'node_modules/.bin/azure-local');
  running = spawn(process.execPath, [bin, ...PORTS.flatMap((port) => [port, '0'])], {
    cwd: app,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  for (const stream of [running.stdout, running.stderr])
    stream?.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
});
afterAll(async () => {
  const ended = new Promise((resolve) => running.once('close', resolve));
  running.kill('SIGTERM');
  await ended;
  rmSync(folder, { recursive: true, force: true });
});

test('a request, a message, an orchestration and the change feed work from an empty folder', async () => {
  const url = await until('the app is ready', () => {
    if (running.exitCode !== null) throw new Error(said);
    return /^Ready: (\S+)$/m.exec(said)?.[1];
  });
  const greeted = await fetch(`${url}/api/greetings/Ada`, { method: 'POST' });
  expect(greeted.status).toBe(202);
  const list = async (): Promise<unknown[]> =>
    (await (await fetch(`${url}/api/greetings`)).json()) as unknown[];
  await until('the greeting has come back', async () => (await list()).length > 0);
  expect(await list()).toEqual(['Hello, Ada!']);
});

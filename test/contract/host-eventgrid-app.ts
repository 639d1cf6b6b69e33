// The fixture app with Event Grid triggers and outputs on a function host in a process of its own, with the test on the
// other side of its handlers.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildSync } from 'esbuild';

/** One run of an Event Grid function. */
export interface Run {
  readonly name: string;
  readonly event: Readonly<Record<string, unknown>>;
  readonly triggerMetadata: Readonly<Record<string, unknown>>;
}

export interface RunningApp {
  readonly url: string;
  output(): string;
  /** Closes the host, and resolves when its process has ended. */
  close(): Promise<void>;
}

export interface Runs {
  readonly url: string;
  readonly list: Run[];
  /** How a run ends; undefined: well. */
  ending: (run: Run) => string | undefined | Promise<string | undefined>;
}

const root = path.resolve(__dirname, '../..');
const folder = mkdtempSync(path.join(tmpdir(), 'host-eventgrid-'));
const children = new Set<ChildProcess>();
const servers = new Set<Server>();
let program: string | undefined;

/** Ends what the tests of a file have started; for `afterAll`. */
export function removeApps(): void {
  for (const child of children) child.kill('SIGKILL');
  for (const server of servers) server.close().closeAllConnections();
  rmSync(folder, { recursive: true, force: true });
}

/** Takes in what handlers are given. */
export async function receiveRuns(): Promise<Runs> {
  const runs: Runs = { url: '', list: [], ending: () => undefined };
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const run = JSON.parse(Buffer.concat(chunks).toString()) as Run;
      runs.list.push(run);
      void Promise.resolve(runs.ending(run)).then((error) =>
        response.writeHead(error === undefined ? 200 : 500).end(error),
      );
    });
  });
  servers.add(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(runs, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

/** Starts a host; rejects with the sentence that it refused to start with. */
export async function startApp(environment: Readonly<Record<string, string>>): Promise<RunningApp> {
  program ??= build();
  const child = fork(program, [path.join(root, 'test/fixtures/host-eventgrid')], {
    env: { PATH: process.env['PATH'], NODE_PATH: path.join(root, 'node_modules'), ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [],
  });
  children.add(child);
  const ended = once(child, 'exit').then(() => children.delete(child));
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [{ url, failed }] = await Promise.race([
    once(child, 'message') as Promise<[{ url: string; failed?: string }]>,
    ended.then(() => [{ url: '', failed: output }] as const),
  ]);
  if (failed !== undefined) throw new Error(failed);
  return {
    url,
    output: () => output,
    async close() {
      child.send('close');
      await once(child, 'disconnect');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function build(): string {
  const outfile = path.join(folder, 'host-eventgrid-child.js');
  buildSync({
    entryPoints: [path.join(__dirname, 'host-eventgrid-child.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['libsql'],
  });
  return outfile;
}

// A function host with a fixture app in a process of its own: the app is loaded as in `npm start`, outside jest's
// module registry.
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { request, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildSync } from 'esbuild';
import type { HostKeys } from '../../local/host/host-keys';
import type { HostUrls } from '../../local/host/host-options';

export interface ChildOptions {
  readonly appRoot: string;
  readonly journalFile?: string;
  readonly isManual?: boolean;
  readonly startMs?: number;
  readonly hasDurable?: boolean;
  readonly drainMs?: number;
  readonly keys?: HostKeys;
  readonly maxRequestBodyBytes?: number;
}

export type ChildCommand =
  | { readonly kind: 'advance'; readonly byMs: number }
  | { readonly kind: 'nextDueMs' }
  | { readonly kind: 'kindOf'; readonly name: string }
  | {
      readonly kind: 'invoke';
      readonly name: string;
      readonly data?: string;
      readonly metadata: Record<string, unknown>;
    }
  | { readonly kind: 'close' };

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
}

export interface RequestOptions {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

export interface HostProcess {
  readonly urls: HostUrls;
  readonly functions: readonly string[];
  /** Everything it has printed so far. */
  output(): string;
  command(command: ChildCommand): Promise<unknown>;
  request(target: string, options?: RequestOptions): Promise<Answer>;
  /** Sends bytes as they are and resolves with everything that came back when the socket ended. */
  raw(text: string): Promise<string>;
  /** Kills it at once. */
  kill(): void;
}

const root = path.resolve(__dirname, '../..');
const folder = mkdtempSync(path.join(tmpdir(), 'host-child-'));
const children = new Set<ChildProcess>();
let program: string | undefined;

/** Ends what the tests of a file have started; for `afterAll`. */
export function removeHosts(): void {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}

/** A file in a folder that goes with the tests. */
export function temporaryFile(name: string): string {
  return path.join(folder, name);
}

export function fixture(name: string): string {
  return path.join(root, 'test/fixtures', name);
}

/** Starts a host; rejects with the sentence that it refused to start with. */
export async function startHost(
  options: ChildOptions,
  environment: Record<string, string> = {},
): Promise<HostProcess> {
  program ??= build();
  const child = fork(program, [JSON.stringify(options)], {
    env: { PATH: process.env['PATH'], NODE_PATH: path.join(root, 'node_modules'), ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [],
  });
  children.add(child);
  child.once('exit', () => children.delete(child));
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ready = await firstMessage(child, () => output);
  let lastId = 0;
  return {
    ...ready,
    output: () => output,
    command: (command) => send(child, (lastId += 1), command),
    request: (target, requestOptions) => sendRequest(ready.urls.url, target, requestOptions),
    raw: (text) => sendRaw(Number(new URL(ready.urls.url).port), text),
    kill: () => child.kill('SIGKILL'),
  };
}

/** Sends one request on a connection of its own. */
export function sendRequest(base: string, target: string, options: RequestOptions = {}): Promise<Answer> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers, body } = options;
    const sent = request({ hostname, port, method, path: target, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const whole = Buffer.concat(chunks);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: whole,
          text: whole.toString(),
        });
      });
      response.on('error', reject);
    });
    sent.on('error', reject);
    if (body !== undefined) sent.setHeader('content-length', Buffer.byteLength(body));
    sent.end(body);
  });
}

function sendRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk) => (received += chunk.toString('latin1')));
    socket.on('close', () => resolve(received));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' || error.code === 'EPIPE' ? resolve(received) : reject(error),
    );
  });
}

function firstMessage(
  child: ChildProcess,
  output: () => string,
): Promise<{ urls: HostUrls; functions: readonly string[] }> {
  return new Promise((resolve, reject) => {
    child.once('message', (message: { failed?: string; urls: HostUrls; functions: string[] }) =>
      message.failed === undefined ? resolve(message) : reject(new Error(message.failed)),
    );
    child.once('exit', (code) => reject(new Error(`The host ended with ${String(code)}: ${output()}`)));
  });
}

function send(child: ChildProcess, id: number, command: ChildCommand): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onMessage = (answer: { id: number; value?: unknown; error?: string }): void => {
      if (answer.id !== id) return;
      child.off('message', onMessage);
      if (answer.error === undefined) resolve(answer.value);
      else reject(new Error(answer.error));
    };
    child.on('message', onMessage);
    child.send({ id, command });
  });
}

function build(): string {
  const outfile = path.join(folder, 'host-child.js');
  buildSync({
    entryPoints: [path.join(__dirname, 'host-child.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['libsql'],
  });
  return outfile;
}

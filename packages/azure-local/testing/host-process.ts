// Fixture: a function host with a fixture app in a process of its own. The app is loaded as in `npm start`, outside
// jest's module registry.
import type { ChildProcess } from 'node:child_process';
import { request, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import path from 'node:path';
import type { HostKeys } from '../src/kit/host-keys';
import type { HostUrls } from '../src/host/host-options';
import { startChild } from './child-programs';

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
  raw(text: string | Buffer): Promise<string>;
  /** Kills it at once. */
  kill(): void;
}

/** The folder of a fixture app. */
export const fixture = (name: string): string => path.resolve(__dirname, '../test/fixtures', name);

/** Starts a host; rejects with the sentence that it refused to start with. */
export async function startHost(
  options: ChildOptions,
  environment: Record<string, string> = {},
): Promise<HostProcess> {
  const { child, ready, output } = await startChild<{ urls: HostUrls; functions: readonly string[] }>(
    'host/host-child',
    [JSON.stringify(options)],
    environment,
  );
  let lastId = 0;
  return {
    ...ready,
    output,
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

function sendRaw(port: number, text: string | Buffer): Promise<string> {
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

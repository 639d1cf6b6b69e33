// Fixture: the management API of an engine on a port, and a client of it. Used by durable-harness.ts.
import { createServer, request, type IncomingHttpHeaders, type Server } from 'node:http';
import type { DurableHub } from '../src/durable/hub';
import { createManagementApi } from '../src/durable/management';
import type { HostKeys } from '../src/kit/host-keys';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: unknown;
}

export type Call = (
  method: string,
  path: string,
  body?: string,
  headers?: Record<string, string>,
) => Promise<Answer>;

/** Keys of a host whose durable key is `durable`. */
const keysWith = (durable: string): HostKeys => ({
  ...{ function: 'function-key', master: 'master-key', eventgrid: 'eventgrid-key', durable },
});

/** Server of the management API of `engine`, with keys where `systemKey` is given. */
export function serve(engine: DurableHub, systemKey: string | undefined): Server {
  const api = createManagementApi(engine, systemKey === undefined ? {} : { keys: keysWith(systemKey) });
  return createServer((incoming, response) => {
    void api(incoming, response, new URL(incoming.url ?? '/', 'http://127.0.0.1'));
  });
}

/** Client of the server at `base`: one connection for each call. */
export function caller(base: string): Call {
  return (method, where, body, headers = {}) =>
    new Promise((resolve, reject) => {
      const outgoing = request(`${base}${where}`, { method, headers, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.on('end', () => {
          const parsed: unknown = text === '' ? undefined : JSON.parse(text);
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: parsed });
        });
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
}

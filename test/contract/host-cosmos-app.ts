// The fixture app on a function host in a process of its own, with the test on the other side of its handlers; and a
// gateway that stands between a client and the Cosmos DB look-alike, to be cut.
import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EMULATOR_KEY } from '../../local/cosmos/server';
import { removeChildren, startChild } from '../support/child-programs';
import { fixture } from './host-process';

export interface Document {
  readonly id: string;
  readonly [property: string]: unknown;
}

/** One run of a handler. */
export interface Delivery {
  readonly name: string;
  readonly documents: readonly Document[];
  readonly retryContext?: {
    readonly retryCount: number;
    readonly maxRetryCount: number;
    readonly exception?: { readonly message: string; readonly stackTrace: string };
  };
}

/** How a run ends: well, with this error, or not until the test says so. */
export type Ending = 'ok' | { readonly error: string } | Promise<'ok'>;

export interface RunningApp {
  readonly url: string;
  output(): string;
  /** Closes the host, and resolves when its process has ended. */
  close(): Promise<void>;
  /** SIGKILL; resolves when its process is gone. */
  kill(): Promise<void>;
}

const servers = new Set<Server>();

export const connectionTo = (url: string): string => `AccountEndpoint=${url};AccountKey=${EMULATOR_KEY};`;

/** Ends what the tests of a file have started; for `afterAll`. */
export function removeApps(): void {
  removeChildren();
  for (const server of servers) server.close().closeAllConnections();
}

/** Takes in what handlers are given; `ending` says how each run ends. */
export async function receiveDeliveries(
  ending: (delivery: Delivery) => Ending,
): Promise<{ readonly url: string; readonly deliveries: readonly Delivery[] }> {
  const deliveries: Delivery[] = [];
  const url = await serve(async (body) => {
    const delivery = JSON.parse(body) as Delivery;
    deliveries.push(delivery);
    const end = await ending(delivery);
    return end === 'ok' ? { status: 200, text: '' } : { status: 500, text: end.error };
  });
  return { url, deliveries };
}

/** Starts a host with these functions; rejects with the sentence that it refused to start with. */
export async function startApp(
  functions: readonly object[],
  environment: Readonly<Record<string, string>>,
): Promise<RunningApp> {
  const { child, ready, output } = await startChild<{ url: string }>(
    'host-triggers-child',
    [fixture('host-cosmos')],
    { FUNCTIONS: JSON.stringify(functions), ...environment },
  );
  const ended = once(child, 'exit');
  return {
    url: ready.url,
    output,
    async close() {
      child.send('close');
      await once(child, 'disconnect');
      child.kill('SIGKILL');
      await ended;
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

export interface Gateway {
  readonly url: string;
  /** `open` passes on; a number answers with it; `loseAnswers` carries a write out and cuts the line. */
  mode: 'open' | 'loseAnswers' | number;
  /** Requests so far, whatever became of them. */
  requests: number;
}

/** Stands before the look-alike at `target`. */
export async function openGateway(target: string): Promise<Gateway> {
  const gateway: Gateway = { url: '', mode: 'open', requests: 0 };
  const server = createServer((incoming, response) => {
    gateway.requests += 1;
    const { mode } = gateway;
    if (typeof mode === 'number') {
      response.writeHead(mode).end();
      return;
    }
    const { method, headers, url = '/' } = incoming;
    const onward = request(new URL(url, target), { method, headers, agent: false }, (answer) => {
      if (mode === 'loseAnswers' && method !== 'GET') {
        answer.resume().on('end', () => response.destroy());
      } else {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      }
    });
    onward.on('error', () => response.destroy());
    incoming.pipe(onward);
  });
  return Object.assign(gateway, { url: `${await listen(server)}/` });
}

async function serve(answer: (body: string) => Promise<{ status: number; text: string }>): Promise<string> {
  return listen(
    createServer((incoming, response) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        void answer(Buffer.concat(chunks).toString()).then(({ status, text }) =>
          response.writeHead(status).end(text),
        );
      });
    }),
  );
}

async function listen(server: Server): Promise<string> {
  servers.add(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

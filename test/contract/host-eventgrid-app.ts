// The fixture app with Event Grid triggers and outputs on a function host in a process of its own, with the test on the
// other side of its handlers.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { removeChildren, startChild } from '../support/child-programs';
import { fixture } from './host-process';

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

const servers = new Set<Server>();

/** Ends what the tests of a file have started; for `afterAll`. */
export function removeApps(): void {
  removeChildren();
  for (const server of servers) server.close().closeAllConnections();
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
  const { child, ready, output } = await startChild<{ url: string }>(
    'host-triggers-child',
    [fixture('host-eventgrid')],
    environment,
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
  };
}

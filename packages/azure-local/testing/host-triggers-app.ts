// Fixture: a function host in a process of its own, and the server in the test that the handlers of its app call. It
// knows no trigger.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { removeChildren, startChild } from './child-programs';
import { fixture } from './host-process';

export interface RunningApp {
  readonly url: string;
  output(): string;
  /** Closes the host, and resolves when its process has ended. */
  close(): Promise<void>;
  /** SIGKILL; resolves when its process is gone. */
  kill(): Promise<void>;
}

const servers = new Set<Server>();

/** Ends what the tests of a file have started; for `afterAll`. */
export function removeApps(): void {
  removeChildren();
  for (const server of servers) server.close().closeAllConnections();
}

/** Starts a host with the app in test/fixtures/`name`; rejects with the sentence that it refused to start with. */
export async function startFixture(
  name: string,
  environment: Readonly<Record<string, string>>,
): Promise<RunningApp> {
  const { child, ready, output } = await startChild<{ url: string }>(
    'host/triggers-child',
    [fixture(name)],
    environment,
  );
  const ended = once(child, 'exit');
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  return {
    url: ready.url,
    output,
    async close() {
      child.send('close');
      await once(child, 'disconnect');
      await kill();
    },
    kill,
  };
}

/** Takes what handlers post: each fails with the error that `take` gives, or ends well. The URL to post to. */
export function takePosts(take: (body: string) => Promise<string | undefined>): Promise<string> {
  return listen(
    createServer((incoming, response) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        void take(Buffer.concat(chunks).toString()).then((error) =>
          response.writeHead(error === undefined ? 200 : 500).end(error),
        );
      });
    }),
  );
}

/** Lets a server listen on a free port until `removeApps`; its URL. */
export async function listen(server: Server): Promise<string> {
  servers.add(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

// `npm start` says Ready once the app can take an order, also on a machine on which that answer takes its time.
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { wallClock } from '../../src/kit/clock';
import { awaitHealthy } from '../../src/supervisor/health';

/** Longer than the first question waits, shorter than the second. */
const ANSWERS_AFTER_MS = 2_500;
const life = new AbortController();
const servers: Server[] = [];

afterAll(() => {
  life.abort();
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
});

/** Waits for an app that answers so. */
async function awaitApp(listener: RequestListener): Promise<void> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/health`;
  await awaitHealthy(url, { clock: wallClock(), signal: life.signal, print: () => undefined });
}

test('an app that answers slower than the first health request waits is found ready all the same', async () => {
  await awaitApp((_, response) => void setTimeout(() => response.end('{}'), ANSWERS_AFTER_MS));
  expect(life.signal.aborted).toBe(false);
});

test('an app without a function for the question is ready; a 404 that says why is not one', async () => {
  await awaitApp((_, response) => response.writeHead(404).end());
  let asked = 0;
  await awaitApp((_, response) => {
    asked += 1;
    if (asked > 1) response.end('{}');
    else response.writeHead(404).end('the store is not there yet');
  });
  expect(asked).toBe(2);
});

// `npm start` says Ready once the app can take an order, also on a machine on which that answer takes its time.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { wallClock } from '../../src/kit/clock';
import { awaitHealthy } from '../../src/supervisor/health';

/** Longer than the first question waits, shorter than the second. */
const ANSWERS_AFTER_MS = 2_500;
const server = createServer((_, response) => void setTimeout(() => response.end('{}'), ANSWERS_AFTER_MS));
const life = new AbortController();

afterAll(() => {
  life.abort();
  server.close();
  server.closeAllConnections();
});

test('an app that answers slower than the first question waits is heard all the same', async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/health`;
  await awaitHealthy(url, { clock: wallClock(), signal: life.signal, print: () => undefined });
  expect(life.signal.aborted).toBe(false);
});

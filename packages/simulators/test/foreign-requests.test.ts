// What a web page of another site gets from the simulated services and their control API: nothing on loopback; in the
// container image, which has a public name, the path is the guard (behind-a-path.test.ts).
import { request } from 'node:http';
import { wallClock } from 'azure-local/kit/clock';
import { Journal } from 'azure-local/storage/journal';
import { createServicesServer, type ServicesServer } from '../src/server';

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

let journal: Journal;
let server: ServicesServer;
beforeEach(() => {
  journal = new Journal(':memory:');
  server = createServicesServer({ journal, clock: wallClock(), log: quiet });
});
afterEach(async () => {
  await server.close();
  await journal.close();
});

const statusOf = (url: string, headers: Record<string, string>): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const sent = request(`${url}/control/faults`, { method: 'DELETE', headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on('error', reject);
    sent.end();
  });

test('on loopback a rebound name and a page of another site are refused, a program of this machine is not', async () => {
  const url = await server.listen(0);
  expect(await statusOf(url, { host: 'evil.example' })).toBe(403);
  expect(await statusOf(url, { origin: 'http://evil.example' })).toBe(403);
  expect(await statusOf(url, { origin: url })).toBeLessThan(300);
  expect(await statusOf(url, {})).toBeLessThan(300);
});

test('on an address that is given, as in the container image, any name reaches them', async () => {
  const url = await server.listen(0, '127.0.0.1');
  expect(await statusOf(url, { host: 'simulators.example' })).toBeLessThan(300);
});

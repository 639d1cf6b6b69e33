// Which requests the listeners take for one of a program or page of this machine, by Host and Origin.
import { request as send } from 'node:http';
import { foreignRequest } from '../../src/kit/foreign-requests';
import { createCosmosServer } from '../../src/cosmos/server';
import { createEventGridServer } from '../../src/eventgrid/server';
import { parseTopics } from '../../src/eventgrid/topics';
import { startHttpServer } from '../../src/host/http-server';
import { wallClock } from '../../src/kit/clock';
import { Journal } from '../../src/storage/journal';

const HERE = '127.0.0.1:7071';
const verdict = (headers: Record<string, string>, method = 'POST'): boolean =>
  foreignRequest({ method, headers: { host: HERE, ...headers } }) === undefined;

describe('foreign-requests.F1: the header Host', () => {
  test.each([HERE, 'localhost:7071', 'LOCALHOST', '[::1]:7072', '127.1.2.3', 'api.localhost:80', ''])(
    '"%s" is this machine',
    (host) => {
      expect(verdict({ host })).toBe(true);
    },
  );

  test.each([
    'evil.example:7071',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'evil-localhost',
    'localhost:7071@evil.example',
    '127.0.0.1:7071/x',
    '192.168.1.7:7071',
    '0.0.0.0:7071',
    '[::ffff:7f00:1]',
    '2130706433',
    'a b',
  ])('"%s" is another', (host) => {
    expect(verdict({ host })).toBe(false);
  });
});

describe('foreign-requests.F2: a page', () => {
  test.each(['http://localhost:3000', 'http://127.0.0.1:7071', 'https://app.localhost', 'http://[::1]:1'])(
    'of %s may ask',
    (origin) => {
      expect(verdict({ origin, 'sec-fetch-site': 'cross-site' })).toBe(true);
    },
  );

  test.each([
    'http://evil.example',
    'null',
    'file://',
    '',
    'chrome-extension://abc',
    'http://localhost.evil.example',
  ])('of "%s" may not', (origin) => {
    expect(verdict({ origin })).toBe(false);
    expect(verdict({ origin }, 'GET')).toBe(false);
  });

  test('that sends no Origin is known by Sec-Fetch-Site', () => {
    expect(verdict({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, 'GET')).toBe(false);
    expect(verdict({ 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' }, 'GET')).toBe(true);
    expect(verdict({ 'sec-fetch-site': 'none' }, 'GET')).toBe(true);
  });
});

test('foreign-requests.F3: a link may be followed from anywhere, but not shown in a frame, nor sent by a form', () => {
  const followed = {
    'sec-fetch-site': 'cross-site',
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
  };
  expect(verdict(followed, 'GET')).toBe(true);
  expect(verdict({ ...followed, 'sec-fetch-dest': 'iframe' }, 'GET')).toBe(false);
  expect(verdict(followed, 'POST')).toBe(false);
});

interface Listener {
  readonly url: string;
  close(): Promise<void>;
}

const log = { error: jest.fn(), warn: jest.fn(), info: jest.fn() };

const LISTENERS: Readonly<Record<string, (journal: Journal) => Promise<Listener>>> = {
  'Cosmos DB look-alike': async (journal) => {
    const server = createCosmosServer({ journal, clock: wallClock(), log });
    return { url: await server.listen(0), close: () => server.close() };
  },
  'Event Grid look-alike': async (journal) => {
    const topics = parseTopics({ topics: [{ name: 'orders' }] });
    const server = createEventGridServer({ journal, clock: wallClock(), log, topics });
    return { url: await server.listen(0), close: () => server.close() };
  },
  'function host': async () => {
    const server = await startHttpServer({
      ...{ port: 0, purpose: 'test', flag: '--port', onError: () => undefined },
      handle: (_request, response) => {
        response.end('{}');
        return Promise.resolve();
      },
    });
    return { url: `http://${server.host}`, close: () => server.close(0) };
  },
};

const PATHS = [
  '/',
  '/_lookalike/faults',
  '/control/subscriptions',
  '/orders/api/events',
  '/admin/host/status',
];

describe.each(Object.entries(LISTENERS))('the %s', (_, open) => {
  let journal: Journal;
  let listener: Listener;
  beforeAll(async () => {
    journal = new Journal(':memory:');
    listener = await open(journal);
  });
  afterAll(async () => {
    await listener.close();
    await journal.close();
  });

  const ask = (path: string, headers: Record<string, string>): Promise<string> =>
    new Promise((resolve, reject) => {
      const sent = send(new URL(path, listener.url), { method: 'PUT', headers, agent: false }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve(`${response.statusCode} ${text}`));
      });
      sent.on('error', reject);
      sent.end('[]');
    });

  test.each(PATHS)('refuses %s to a rebound name and to a page of another site', async (path) => {
    expect(await ask(path, { host: 'evil.example' })).toMatch(/^403 .*evil\.example/);
    expect(await ask(path, { origin: 'http://evil.example' })).toMatch(/^403 .*evil\.example/);
    expect(await ask(path, { 'sec-fetch-site': 'cross-site' })).toMatch(/^403 /);
    expect(await ask(path, {})).not.toMatch(/^403 .*(?:page|machine)/);
  });
});

// No listener of the local host keeps more of a body than it takes, or waits for the rest of it before it answers.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { createHoldsApi } from 'azure-local/durable/holds-api';
import { EpisodeHolds } from 'azure-local/durable/episode-holds';
import { LOCAL_KEY } from 'azure-local/eventgrid/topics';
import { readBody } from 'azure-local/kit/read-body';
import { cleanUp, openEngine } from 'azure-local/testing/durable-harness';
import { closeServices, openServices } from 'order-saga-simulators/testing/simulated-services';
import { openCosmos, type Cosmos } from 'azure-local/testing/cosmos-fixture';
import { closeAll, openGrid } from 'azure-local/testing/eventgrid-fixture';

const TOPIC = { name: 'inventory', inputSchema: 'EventGridSchema', subscriptions: [] };
const LIMIT = 1_000;

const sockets = new Set<Socket>();
const servers = new Set<Server>();
let cosmos: Cosmos;
let origins: Readonly<Record<string, string>>;

beforeAll(async () => {
  cosmos = await openCosmos();
  const holds = createHoldsApi(new EpisodeHolds());
  origins = {
    cosmos: cosmos.url,
    engine: (await openEngine()).origin,
    eventGrid: (await openGrid([TOPIC])).url,
    holds: await serve((request, response) => void holds(request, response)),
    reader: await serve((request, response) => {
      void readBody(request, LIMIT).then((body) => {
        response.writeHead(body.kind === 'whole' ? 200 : 413).end();
      });
    }),
    services: (await openServices()).url,
  };
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
});
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  await Promise.all([cosmos.close(), cleanUp(), closeAll(), closeServices()]);
});

async function serve(handle: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(handle);
  servers.add(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Conversation {
  readonly socket: Socket;
  /** The status lines that have come; waits for so many of them. */
  statuses(count: number): Promise<readonly string[]>;
}

/** Unlike `once`, not to be rejected by the reset that a cut connection may end with. */
const heardOf = (socket: Socket, event: 'data' | 'close'): Promise<unknown> =>
  new Promise((resolve) => socket.once(event, resolve));

/** Opens a connection and sends this. */
function say(origin: string, ...parts: readonly (string | Buffer)[]): Conversation {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1');
  sockets.add(socket);
  let heard = '';
  socket.on('data', (chunk) => (heard += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  for (const part of parts) socket.write(part);
  return {
    socket,
    async statuses(count) {
      const found = (): string[] =>
        [...heard.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status ?? '');
      while (found().length < count && !socket.destroyed) {
        await Promise.race([heardOf(socket, 'data'), heardOf(socket, 'close')]);
      }
      return found();
    },
  };
}

/** What one or the other listener asks for. */
const HEADERS = [
  'Host: 127.0.0.1',
  'Content-Type: application/json',
  `aeg-sas-key: ${LOCAL_KEY}`,
  'Idempotency-Key: k',
];

const head = (method: string, target: string, ...headers: readonly string[]): string =>
  [`${method} ${target} HTTP/1.1`, ...HEADERS, ...headers, '', ''].join('\r\n');

const MANAGEMENT = '/runtime/webhooks/durabletask';

const TOO_LONG_TO_SEND = [
  ['an order for the durable engine', 'engine', 'POST', `${MANAGEMENT}/orchestrators/seq3`, 104_857_600],
  ['an event for an instance', 'engine', 'POST', `${MANAGEMENT}/instances/x/raiseEvent/go`, 104_857_600],
  ['a signal for an entity', 'engine', 'POST', `${MANAGEMENT}/entities/counter/k?op=add`, 104_857_600],
] as const;

const BODIES = [
  ['the rules for held episodes', 'holds', 'PUT', '/_lookalike/holds', 1_048_576],
  ['a document', 'cosmos', 'POST', '/dbs/a/colls/b/docs', 2_162_688],
  ['the rules for held requests', 'cosmos', 'PUT', '/_lookalike/holds', 2_162_688],
  ['the rules for requests that fail', 'cosmos', 'PUT', '/_lookalike/faults', 2_162_688],
  ['a batch of events', 'eventGrid', 'POST', '/inventory/api/events?api-version=2018-01-01', 1_048_576],
  ['a subscription', 'eventGrid', 'PUT', '/control/subscriptions/inventory/s', 1_048_576],
  ['a call of a service', 'services', 'POST', '/payments/charges', 5_242_880],
  ['a fault plan', 'services', 'PUT', '/control/faults', 5_242_880],
] as const;

test.each([...TOO_LONG_TO_SEND, ...BODIES])(
  '%s that is declared to be over the limit is a 413 before it is sent',
  async (_, server, method, target, limit) => {
    const talk = say(origins[server] ?? '', head(method, target, `Content-Length: ${limit + 1}`));
    expect(await talk.statuses(1)).toEqual(['413']);
  },
);

test.each(BODIES)(
  '%s whose chunks come to be over the limit is a 413, though more is to come',
  async (_, server, method, target, limit) => {
    const chunk = Buffer.alloc(limit + 1, 'x');
    const size = `${chunk.length.toString(16)}\r\n`;
    const talk = say(origins[server] ?? '', head(method, target, 'Transfer-Encoding: chunked'), size, chunk);
    expect(await talk.statuses(1)).toEqual(['413']);
  },
);

describe('a client that sends too much', () => {
  const reader = (): string => origins['reader'] ?? '';

  test('to its end, and reads then, gets the answer, and the connection is good for another request', async () => {
    const body = Buffer.alloc(8_000_000, 'x');
    const talk = say(reader(), head('POST', '/', `Content-Length: ${body.length}`), body, head('GET', '/'));
    expect(await talk.statuses(2)).toEqual(['413', '200']);
  });

  test('without end loses the connection', async () => {
    const talk = say(reader(), head('POST', '/', 'Transfer-Encoding: chunked'));
    const chunk = Buffer.from(`${LIMIT.toString(16)}\r\n${'x'.repeat(LIMIT)}\r\n`);
    const more = setInterval(() => talk.socket.write(chunk), 50);
    try {
      await heardOf(talk.socket, 'close');
    } finally {
      clearInterval(more);
    }
    expect(await talk.statuses(1)).toEqual(['413']);
  });

  test('and disconnects harms no other client', async () => {
    say(reader(), head('POST', '/', 'Content-Length: 500'), 'half of it').socket.destroy();
    expect(await say(reader(), head('GET', '/')).statuses(1)).toEqual(['200']);
  });
});

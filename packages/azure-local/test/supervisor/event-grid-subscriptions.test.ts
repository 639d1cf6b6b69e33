// How the supervisor makes subscriptions while the platform, or a host that has to answer the handshake, is away.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { ManualClock } from '../../src/kit/clock';
import { listenOnLoopback } from '../../src/kit/listen';
import { until } from '../../src/kit/until';
import { subscribeFunctions, type TopicDefinitions } from '../../src/supervisor/event-grid-subscriptions';

const definitions: TopicDefinitions = {
  topics: [
    {
      name: 'stock',
      subscriptions: [
        { name: 'first', endpointUrl: '{functions}/hook?functionName=A' },
        { name: 'second', endpointUrl: '{functions}/hook?functionName=B' },
      ],
    },
  ],
};

type Respond = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server;
let asked: string[];
let respond: Respond;
let life: AbortController;
let url: string;

beforeEach(async () => {
  asked = [];
  life = new AbortController();
  server = createServer((request, response) => {
    request.resume();
    asked.push(request.url ?? '');
    respond(request, response);
  });
  url = `http://127.0.0.1:${await listenOnLoopback(server, 0, 'test', '--port')}`;
});
afterEach(() => {
  life.abort();
  server.closeAllConnections();
  server.close();
});

/** Runs it to its end, with every wait between attempts cut short. */
async function run(answerWithinMs = 60_000): Promise<string[]> {
  const clock = new ManualClock();
  const { signal } = life;
  let result: string[] | undefined;
  const parts = { eventgrid: url, api: 'http://127.0.0.1:1', clock, signal, answerWithinMs };
  const running = subscribeFunctions(definitions, parts).then((refusals) => (result = refusals));
  await until('it has ended', () => {
    clock.advance(60_000);
    return result !== undefined;
  });
  return running;
}

const countOf = (name: string): number => asked.filter((path) => path.endsWith(name)).length;

test('subscriptions.B1: a connection that breaks is no end: it is asked again until it answers', async () => {
  respond = (request, response) => {
    if (countOf('first') < 3 && request.url?.endsWith('first') === true) request.socket.destroy();
    else response.end('{}');
  };
  expect(await run()).toEqual([]);
  expect([countOf('first'), countOf('second')]).toEqual([3, 1]);
});

test('subscriptions.B1: a handshake that hangs holds up neither the others nor itself', async () => {
  respond = (request, response) => {
    if (countOf('first') === 1 && request.url?.endsWith('first') === true) return;
    response.end('{}');
  };
  expect(await run(200)).toEqual([]);
  expect([countOf('first'), countOf('second')]).toEqual([2, 1]);
});

test('what is refused to the last is told in a sentence each', async () => {
  respond = (_request, response) => response.writeHead(400).end('no handshake');
  expect(await run()).toEqual([
    'Event Grid topic stock does not reach first: no handshake',
    'Event Grid topic stock does not reach second: no handshake',
  ]);
  expect(asked).toHaveLength(10);
});

test('a stop ends it without a sentence', async () => {
  respond = () => life.abort();
  expect(await run()).toEqual([]);
});

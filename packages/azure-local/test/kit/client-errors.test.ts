// What the listeners of the local host answer on a connection on which something comes that is no HTTP.
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { answerClientErrors } from '../../src/kit/client-errors';
import { trackConnections } from '../../src/kit/connections';
import { until } from '../../src/kit/until';

let server: Server;
let socket: Socket;
let unanswered: ServerResponse[];
let said: string;
let isClosed: boolean;

beforeEach(async () => {
  unanswered = [];
  said = '';
  isClosed = false;
  server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    request.resume();
    unanswered.push(response);
  });
  answerClientErrors(server, trackConnections(server));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('data', (chunk) => (said += chunk.toString()));
  socket.on('close', () => (isClosed = true));
});
afterEach(async () => {
  socket.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const POST = 'POST / HTTP/1.1\r\nHost: x\r\n';
const statuses = (): readonly string[] =>
  Array.from(said.matchAll(/HTTP\/1\.1 (\d+)/g), ([, status = '']) => status);
const closed = (): Promise<unknown> => until('the connection is closed', () => isClosed);
const came = (count: number): Promise<unknown> =>
  until(`${count} requests have come`, () => unanswered.length === count);
const errorSeen = (): Promise<unknown> => once(server, 'clientError');

test.each(['', 'Connection: close\r\n'])(
  'a whole request with bytes behind it (%j) gets its own answer, not the refusal of those bytes',
  async (header) => {
    const error = errorSeen();
    socket.write(`${POST}${header}Content-Length: 2\r\n\r\n{}}`);
    await error;
    expect(said).toBe('');
    unanswered[0]?.end();
    await closed();
    expect(statuses()).toEqual(['200']);
  },
);

test('of several whole requests with bytes behind them each gets its answer', async () => {
  const error = errorSeen();
  socket.write(`${POST}Content-Length: 0\r\n\r\n${POST}Content-Length: 0\r\n\r\n}`);
  await Promise.all([came(2), error]);
  for (const response of unanswered) response.end();
  await closed();
  expect(statuses()).toEqual(['200', '200']);
});

test('bytes behind a request that is answered already are refused', async () => {
  socket.write(`${POST}Content-Length: 0\r\n\r\n`);
  await came(1);
  unanswered[0]?.end();
  await until('it is answered', () => statuses().length === 1);
  socket.write('}\r\n\r\n');
  await closed();
  expect(statuses()).toEqual(['200', '400']);
});

test('a request whose body turns into garbage is refused, also while its handler runs', async () => {
  socket.write(`${POST}Transfer-Encoding: chunked\r\n\r\n`);
  await came(1);
  socket.write('rubbish\r\n');
  await closed();
  expect(statuses()).toEqual(['400']);
});

test('a request that turns into garbage behind a whole one is not answered: the whole one is', async () => {
  const error = errorSeen();
  socket.write(`${POST}Content-Length: 0\r\n\r\n${POST}Transfer-Encoding: chunked\r\n\r\nrubbish\r\n`);
  await Promise.all([came(2), error]);
  expect(said).toBe('');
  unanswered[0]?.end();
  await closed();
  expect(statuses()).toEqual(['200']);
});

test('a connection ends after the answer to a whole request, though its head was sent before the garbage came', async () => {
  socket.write(`${POST}Content-Length: 2\r\n\r\n{}`);
  await came(1);
  unanswered[0]?.writeHead(200, { 'Content-Length': 4 }).write('a');
  await until('the head has come', () => said.endsWith('a'));
  const error = errorSeen();
  socket.write('}\r\n');
  await error;
  unanswered[0]?.end('bcd');
  await closed();
  expect(statuses()).toEqual(['200']);
  expect(said).toMatch(/abcd$/);
});

// How the connections of a listener end when it closes: what is awaited is answered, nobody else is waited for.
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { drain, trackConnections, type Connections } from '../../src/kit/connections';
import { until } from '../../src/kit/until';

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

let server: Server;
let connections: Connections;
let unanswered: ServerResponse[];
let sockets: Socket[];
beforeEach(async () => {
  [unanswered, sockets] = [[], []];
  server = createServer({ keepAliveTimeout: 0 }, (_, response) => unanswered.push(response));
  connections = trackConnections(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server.closeAllConnections();
  server.close();
});

async function say(text: string): Promise<Socket> {
  const already = connections.size;
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined).write(text);
  await until('it is accepted', () => connections.size > already);
  return socket;
}
const came = (count: number): Promise<unknown> =>
  until(`${count} requests have come`, () => unanswered.length === count);

test.each(['', 'GET / HT', 'GET / HTTP/1.1\r\nHost: x\r\nX: '])(
  'a connection on which only %j has come is not waited for',
  async (text) => {
    await say(text);
    await drain(server, connections);
  },
);

test('requests in a row are answered up to the last that is awaited', async () => {
  const socket = await say(GET + GET + GET);
  await came(3);
  let heard = '';
  socket.on('data', (chunk: Buffer) => (heard += chunk.toString()));
  const ended = drain(server, connections, (response) => response !== unanswered[2]);
  unanswered[1]?.end('second');
  unanswered[0]?.end('first');
  await ended;
  await until('both have come', () => /first[^]*second/.test(heard));
});

test('requests in a row whose connection has broken are not waited for', async () => {
  const socket = await say(GET + GET);
  await came(2);
  socket.destroy();
  await until('the connection has ended', () => connections.size === 0);
  await drain(server, connections);
});

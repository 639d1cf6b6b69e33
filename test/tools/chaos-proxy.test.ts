// The proxy that stands for an unreliable network.
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { listenOnLoopback } from 'azure-local/kit/listen';
import { openFaultyProxy, type FaultyProxy } from '../../tools/chaos/faulty-proxy';

let echo: Server;
let proxy: FaultyProxy;
const inside = new Set<Socket>();

beforeEach(async () => {
  echo = createServer((socket) => {
    inside.add(socket);
    socket.on('error', () => undefined).pipe(socket);
  });
  proxy = await openFaultyProxy(`127.0.0.1:${await listenOnLoopback(echo, 0, 'an echo', '--port')}`);
});
afterEach(async () => {
  await proxy.close();
  for (const socket of inside) socket.destroy();
  inside.clear();
  await new Promise((resolve) => echo.close(resolve));
});

async function enter(): Promise<Socket> {
  const [host = '', port = ''] = proxy.host.split(':');
  const socket = connect(Number(port), host).on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** What comes back until as much as `sent` has come. */
async function echoed(socket: Socket, sent: string): Promise<string> {
  let came = '';
  for await (const piece of socket) {
    came += String(piece);
    if (came.length >= sent.length) break;
  }
  return came;
}

test('passes bytes in both directions', async () => {
  const socket = await enter();
  socket.write('hello');
  expect(await echoed(socket, 'hello')).toBe('hello');
});

test('slow keeps the order of what goes through, also when it ends', async () => {
  const socket = await enter();
  proxy.slow(40);
  for (const letter of 'abcdef') {
    socket.write(letter);
    await new Promise((resolve) => setImmediate(resolve));
  }
  proxy.heal();
  socket.write('g');
  expect(await echoed(socket, 'abcdefg')).toBe('abcdefg');
});

test('cut breaks open connections and accepts new ones', async () => {
  const socket = await enter();
  const closed = once(socket, 'close');
  socket.write('x');
  await once(socket, 'data');
  proxy.cut();
  await closed;
  const next = await enter();
  next.write('again');
  expect(await echoed(next, 'again')).toBe('again');
});

test('shut breaks open and new connections, until it is healed', async () => {
  const socket = await enter();
  const closed = once(socket, 'close');
  proxy.shut();
  await closed;
  await once(await enter(), 'close');
  proxy.heal();
  const next = await enter();
  next.write('back');
  expect(await echoed(next, 'back')).toBe('back');
});

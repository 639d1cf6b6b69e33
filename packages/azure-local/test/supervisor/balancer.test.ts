import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { listenOnLoopback, PortInUseError } from '../../src/kit/listen';
import { createBalancer, type Balancer } from '../../src/supervisor/balancer';
import { until } from '../../src/kit/until';

let balancer: Balancer;
let url: string;
const servers: Server[] = [];

/** An HTTP host that says its name; each request on a connection of its own. */
async function startHost(name: string): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((request, response) => {
    let length = 0;
    request.on('data', (chunk: Buffer) => (length += chunk.length));
    request.on('end', () => response.writeHead(200, { connection: 'close' }).end(`${name} ${length}`));
  });
  servers.push(server);
  return { server, port: await listenOnLoopback(server, 0, 'test', '--port') };
}

const ask = async (init: RequestInit = {}): Promise<string> =>
  (await fetch(url, { ...init, headers: { connection: 'close' } })).text();

beforeEach(async () => {
  balancer = createBalancer();
  url = await balancer.listen(0);
});

afterEach(async () => {
  balancer.close();
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

test('connections take the hosts in turn', async () => {
  for (const name of ['one', 'two']) balancer.up(name, (await startHost(name)).port);
  const answers = [await ask(), await ask(), await ask(), await ask()];
  expect(answers).toEqual(['one 0', 'two 0', 'one 0', 'two 0']);
});

test('a host that is reported as down gets no connection until it is up', async () => {
  const two = await startHost('two');
  balancer.up('one', (await startHost('one')).port);
  balancer.up('two', two.port);
  balancer.down('two');
  expect(await Promise.all([ask(), ask(), ask()])).toEqual(['one 0', 'one 0', 'one 0']);
  balancer.up('two', two.port);
  expect(new Set([await ask(), await ask()])).toEqual(new Set(['one 0', 'two 0']));
});

test('a host that does not accept connections is skipped before it is reported as down', async () => {
  const gone = await startHost('gone');
  await new Promise((resolve) => gone.server.close(resolve));
  balancer.up('gone', gone.port);
  balancer.up('one', (await startHost('one')).port);
  expect(await Promise.all([ask(), ask(), ask()])).toEqual(['one 0', 'one 0', 'one 0']);
});

test('a connection is ended at once where no host is up', async () => {
  await expect(ask()).rejects.toThrow('fetch failed');
});

test('a large body arrives whole', async () => {
  balancer.up('one', (await startHost('one')).port);
  expect(await ask({ method: 'POST', body: Buffer.alloc(5_000_000) })).toBe('one 5000000');
});

test('a host that dies ends the connections that it had, and no others', async () => {
  const accepted: Socket[] = [];
  const server = createTcpServer((socket) => accepted.push(socket.on('error', () => undefined)));
  servers.push(server);
  balancer.up('raw', await listenOnLoopback(server, 0, 'test', '--port'));
  const ends: string[] = [];
  for (const name of ['one', 'two']) {
    const client = connect(Number(new URL(url).port), '127.0.0.1');
    client.on('error', () => undefined).on('close', () => ends.push(name));
    await until(`${name} is accepted`, () => accepted.length === (name === 'one' ? 1 : 2));
  }
  accepted[0]?.resetAndDestroy();
  await until('the first has ended', () => ends.length > 0);
  expect(ends).toEqual(['one']);
});

test('after a refusal what is in flight goes on, and nothing new is taken', async () => {
  let answer: (() => void) | undefined;
  const server = createServer((_request, response) => (answer = () => void response.end('late')));
  servers.push(server);
  balancer.up('slow', await listenOnLoopback(server, 0, 'test', '--port'));
  const asked = ask();
  await until('the request has come', () => answer !== undefined);
  balancer.refuse();
  await expect(fetch(url)).rejects.toThrow('fetch failed');
  answer?.();
  expect(await asked).toBe('late');
});

test('a port that is taken is named with the flag', async () => {
  const taken = Number(new URL(url).port);
  await expect(createBalancer().listen(taken)).rejects.toThrow(PortInUseError);
});

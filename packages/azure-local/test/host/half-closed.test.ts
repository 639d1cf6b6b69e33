// A client that ends its side of the connection before it has its answer. Kestrel takes it for gone, though TCP would let it
// listen on (https://github.com/dotnet/aspnetcore/issues/13188), and so does the host.
import { connect } from 'node:net';
import { once } from 'node:events';
import { startHttpServer } from '../../src/host/http-server';

test('a client that ends its side before its answer is taken for gone: it gets none, and the function hears of it', async () => {
  const errors: unknown[] = [];
  let whenGone: Promise<unknown> | undefined;
  const server = await startHttpServer({
    ...{ port: 0, purpose: 'a test', flag: '--port' },
    handle: async (_, response) => {
      whenGone = once(response, 'close');
      await whenGone;
      response.end('too late');
    },
    onError: (error) => errors.push(error),
  });
  const [host = '', port] = server.host.split(':');
  const client = connect({ host, port: Number(port), allowHalfOpen: true });
  let answer = '';
  client.on('data', (chunk) => (answer += String(chunk)));
  client.end('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n');
  await once(client, 'close');
  await whenGone;
  expect([answer, errors]).toEqual(['', []]);
  await server.close(0);
});

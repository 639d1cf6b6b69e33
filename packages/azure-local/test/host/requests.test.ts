// What a host answers to bodies of every kind, and to requests that are not HTTP at all.
import { removeChildren } from '../../testing/child-programs';
import { fixture, startHost, type HostProcess } from '../../testing/host-process';
import { until } from '../../src/kit/until';

let host: HostProcess;
beforeAll(async () => {
  host = await startHost(
    { appRoot: fixture('host-features'), isManual: true, hasDurable: true, maxRequestBodyBytes: 1_000 },
    { Schedule: '0 * * * * *', 'AzureWebJobs.Off.Disabled': 'true' },
  );
});
afterAll(removeChildren);

describe('bodies', () => {
  const post = (body: Buffer): Promise<{ status: number; text: string }> =>
    host.request('/shop/Length', { method: 'POST', body });

  test('up to the limit are read whole; over it the answer is the recorded 500 and the log says why', async () => {
    expect((await post(Buffer.alloc(1_000))).text).toBe('{"length":1000}');
    expect((await post(Buffer.alloc(1_001))).status).toBe(500);
    await until('the limit is in the log', () =>
      /A request body of 1001 bytes is over the limit/.test(host.output()),
    );
  });

  test('in chunks are refused by name, because they would arrive empty on Azure', async () => {
    const answer = await host.raw(
      'POST /shop/Length HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 [\s\S]*chunked request body reaches a function empty on Azure/);
  });

  test.each([
    ['declared to be', 'Content-Length: 1001\r\n\r\n'],
    ['in chunks that come to be', `Transfer-Encoding: chunked\r\n\r\n3e9\r\n${'x'.repeat(1_001)}`],
  ])('%s over the limit are a 413 of the admin API, which does not wait for the rest', async (_, rest) => {
    const head = 'POST /admin/functions/EveryMinute HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n';
    expect(await host.raw(`${head}Content-Type: application/json\r\n${rest}`)).toMatch(/^HTTP\/1\.1 413 /);
    expect((await host.request('/shop/Seen')).status).toBe(200);
  });

  test('of a GET are refused by name', async () => {
    const answer = await host.request('/shop/Seen', { body: 'x' });
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('A GET request with a body')]);
  });
});

describe('abuse', () => {
  const get = 'GET /shop/Seen HTTP/1.1\r\n';
  test.each([
    [
      'a malformed escape',
      'GET /shop/orders/%zz%E4 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
      200,
    ],
    ['a host that is none', `${get}Host: a b\r\nConnection: close\r\n\r\n`, 403],
    ['a host with a path', `${get}Host: a/b?c\r\nConnection: close\r\n\r\n`, 403],
    ['no host in HTTP/1.1', `${get}Connection: close\r\n\r\n`, 400],
    ['an absolute target', 'GET http://[ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n', 400],
    ['an asterisk', 'OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n', 404],
    ['a header line without colon', `${get}Host: localhost\r\nnonsense\r\n\r\n`, 400],
    [
      'a request line over 8 kB',
      `GET /shop/Seen?${'x'.repeat(8_192)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
      414,
    ],
    ['headers without end', `${get}Host: localhost\r\nX: ${'y'.repeat(50_000)}`, 431],
    [
      'two lengths',
      `POST /shop/Length HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab`,
      400,
    ],
    ['a negative length', `POST /shop/Length HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n`, 400],
    ['TLS', '\u0016\u0003\u0001\u0000\u0001', 400],
  ])('%s costs at most its connection', async (_, text, status) => {
    expect(await host.raw(text)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect((await host.request('/shop/Seen')).status).toBe(200);
  });

  test('bytes behind a whole request do not take its answer from it', async () => {
    const text =
      'POST /shop/Length HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 2\r\n\r\nab}';
    expect(await host.raw(text)).toMatch(/^HTTP\/1\.1 200 [\s\S]*\{"length":2\}/);
  });

  test.each([
    ['an escaped NUL in the path', '/shop/S%00een', ''],
    ['a header value that is not UTF-8', '/shop/Seen', 'X-Name: caf\xe9\r\n'],
  ])('%s is an empty 400 before the app is asked; the next request is served', async (_, target, header) => {
    const next = 'GET /shop/Seen?n=%00 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
    const text = `GET ${target} HTTP/1.1\r\nHost: localhost\r\n${header}\r\n${next}`;
    const answer = await host.raw(Buffer.from(text, 'latin1'));
    expect(answer).toMatch(/^HTTP\/1\.1 400 [^]*Content-Length: 0\r\n[^]*\r\n\r\nHTTP\/1\.1 200 /i);
  });

  test('HTTP/1.0 without a host is served under the own address', async () => {
    expect(await host.raw('GET /shop/Seen HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 /);
  });

  test('a client that disconnects in the middle of its body gets no answer and harms nothing', async () => {
    const text = 'POST /shop/Length HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nab';
    const { connect } = await import('node:net');
    const socket = connect(Number(new URL(host.urls.url).port), '127.0.0.1');
    socket.write(text, () => socket.destroy());
    expect((await host.request('/shop/Seen')).status).toBe(200);
  });
});

// One exchange with a server that answers, breaks off, hangs or is not there.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent } from 'undici';
import { createCosmosHttp } from '../../src/adapters/cosmos-http';
import { exchange, ExchangeTimeout, type HttpAnswer } from '../../src/adapters/http-exchange';
import { until } from 'azure-local/kit/until';

describe('an exchange', () => {
  const agent = new Agent({ connections: 1 });
  const seen: string[] = [];
  let server: Server;
  let origin: string;

  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      request.on('end', () => {
        seen.push(`${request.method ?? ''} ${request.url ?? ''} ${body}`);
        if (request.url === '/hang') return;
        if (request.url === '/break') {
          response.writeHead(200, { 'content-length': 10 }).write('half');
          setImmediate(() => request.socket.destroy());
          return;
        }
        response.writeHead(418, { 'X-Told': 'yes', 'Set-Cookie': ['a=1', 'b=2'] });
        response.write(Buffer.from('Grüße ').subarray(0, 3));
        response.end(Buffer.concat([Buffer.from('Grüße ').subarray(3), Buffer.from(body)]));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    await agent.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const ask = (path: string, signal?: AbortSignal): Promise<HttpAnswer> =>
    exchange(agent, { method: 'POST', url: origin + path, headers: {}, body: 'ä', signal });

  test('gives status, headers by lower-case name and the text, though a character came in two pieces', async () => {
    const { status, headers, text } = await ask('/a?b=c');
    expect({ status, told: headers['x-told'], cookie: headers['set-cookie'], text }).toEqual({
      status: 418,
      told: 'yes',
      cookie: 'a=1',
      text: 'Grüße ä',
    });
    expect(seen).toContain('POST /a?b=c ä');
  });

  test('asks for the root of a server that is named without a path', async () => {
    await ask('');
    expect(seen).toContain('POST / ä');
  });

  test('rejects with the reason of its signal while no answer comes, and the next one is served', async () => {
    const controller = new AbortController();
    const hung = ask('/hang', controller.signal);
    await until('the request has arrived', () => seen.includes('POST /hang ä'));
    controller.abort();
    await expect(hung).rejects.toMatchObject({ name: 'AbortError' });
    expect((await ask('/after')).status).toBe(418);
  });

  test('never sends what was given up while it stood in the queue of the connection', async () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const hung = ask('/hang', first.signal);
    const queued = ask('/queued', second.signal);
    second.abort();
    await expect(queued).rejects.toMatchObject({ name: 'AbortError' });
    first.abort();
    await expect(hung).rejects.toMatchObject({ name: 'AbortError' });
    await ask('/last');
    expect(seen.filter((line) => line.includes('/queued'))).toEqual([]);
  });

  test('rejects with an ExchangeTimeout when its time is over, and the next one is served', async () => {
    const request = {
      method: 'POST',
      url: `${origin}/hang`,
      headers: {},
      body: 'late',
      timeoutMs: 1,
    } as const;
    await expect(exchange(agent, request)).rejects.toBeInstanceOf(ExchangeTimeout);
    expect((await ask('/after-it')).status).toBe(418);
  });

  test('leaves no timer behind when the answer came in time', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    await exchange(agent, { method: 'POST', url: origin, headers: {}, body: '', timeoutMs: 30_000 });
    expect(timers()).toBe(before);
  });

  test('rejects at once when its signal has been given already', async () => {
    await expect(ask('/never', AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
    expect(seen.filter((line) => line.includes('/never'))).toEqual([]);
  });

  test('rejects with a code when the connection breaks inside the answer, and when nobody listens', async () => {
    await expect(ask('/break')).rejects.toMatchObject({ code: 'UND_ERR_SOCKET' });
    const nobody = { method: 'GET', url: 'http://127.0.0.1:1/', headers: {}, body: null } as const;
    await expect(exchange(agent, nobody)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('tells the Cosmos DB SDK of a broken connection by the code that it sends reads again for', async () => {
    const request = { method: 'POST', url: `${origin}/break`, headers: { toJSON: () => ({}) }, body: 'ä' };
    const sent = createCosmosHttp().sendRequest(request as never);
    await expect(sent).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
});

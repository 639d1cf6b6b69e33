// A downstream service that has been taken over, or answers nonsense: where it leads the app, and what the app keeps of it.
import { createServer, type RequestListener, type Server } from 'node:http';
import { gzipSync } from 'node:zlib';
import { listenOnLoopback } from 'azure-local/kit/listen';
import { createPaymentService } from '../../../src/adapters/downstream-services';
import { createServiceClient, type ServiceClient } from '../../../src/adapters/service-client';
import type { Outcome } from '../../../src/domain/outcome';

const call = {
  ...{ orderId: 'o-1', customerId: 'c-1', key: 'o-1:charge', timeoutMs: 20_000 },
  ...{ traceparent: '00-00000000000000000000000000000001-0000000000000001-01', correlationId: 'c-1' },
};

const servers: Server[] = [];
let client: ServiceClient | undefined;

async function serve(respond: RequestListener): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    respond(request, response);
  });
  servers.push(server);
  return `http://127.0.0.1:${await listenOnLoopback(server, 0, 'test', '--port')}`;
}

async function chargedBy(respond: RequestListener): Promise<Outcome<{ readonly transactionId: string }>> {
  client = createServiceClient({ service: 'payment', baseUrl: await serve(respond), breakerOpenMs: 1_000 });
  return createPaymentService(client).charge(call, { amountMinor: 1, currency: 'USD', method: 'card' });
}

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  await client?.close();
});

test('service-client.D5: a redirect to another address is not followed', async () => {
  let led = 0;
  const elsewhere = await serve((_request, response) => {
    led += 1;
    response.end('{"transactionId":"t-1"}');
  });
  for (const status of [301, 307]) {
    const outcome = await chargedBy((_request, response) =>
      response.writeHead(status, { location: `${elsewhere}/metadata/identity/oauth2/token` }).end(),
    );
    expect(outcome.kind).toBe('unknown');
  }
  expect(led).toBe(0);
});

test('service-client.D5: an answer without end is cut off', async () => {
  let sent = 0;
  const outcome = await chargedBy((_request, response) => {
    const chunk = Buffer.alloc(64 * 1024, ' ');
    const pump = (): void => {
      while (!response.destroyed && response.write(chunk)) sent += chunk.length;
    };
    response.on('drain', pump);
    pump();
  });
  expect(outcome.kind).toBe('unknown');
  expect(sent).toBeLessThan(100_000_000);
});

test('service-client.D5: a compressed answer is not unpacked', async () => {
  const bomb = gzipSync(Buffer.alloc(50_000_000, ' '));
  const outcome = await chargedBy((_request, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
  );
  expect(outcome).toMatchObject({ kind: 'unknown', error: { code: 'BAD_ANSWER' } });
});

test('service-client.D5: of the words of a refusal a page is kept, of its code a line', async () => {
  const outcome = await chargedBy((_request, response) =>
    response.writeHead(402).end(JSON.stringify({ code: 'C'.repeat(9_000), message: 'm'.repeat(900_000) })),
  );
  expect(outcome).toEqual({
    kind: 'refused',
    detailCode: 'C'.repeat(64),
    reason: `payment: ${'m'.repeat(500)}`,
  });
});

test.each(['', 'x'.repeat(257)])('service-client.D5: an id of %p is no answer', async (transactionId) => {
  const outcome = await chargedBy((_request, response) => response.end(JSON.stringify({ transactionId })));
  expect(outcome).toMatchObject({ kind: 'unknown', error: { code: 'BAD_ANSWER' } });
});

test.each([
  ['[', ']'],
  ['{"a":', '1}'],
])('an answer nested in %s 100,000 times is no answer', async (open, close) => {
  const text = open.repeat(100_000) + (open === '[' ? '' : '1') + close.slice(-1).repeat(100_000);
  const outcome = await chargedBy((_request, response) => response.end(text));
  expect(outcome).toMatchObject({ kind: 'unknown', error: { code: 'BAD_ANSWER' } });
});

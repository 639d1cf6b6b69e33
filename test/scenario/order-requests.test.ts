// Requests that are wrong: a problem document that names what is wrong, nothing stored, never a 500.
import { createConnection } from 'node:net';
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { createOrderCaller, line, newCustomer, order, type OrderCaller } from '../support/order-caller';

let system: RunningSystem;
let caller: OrderCaller;

beforeAll(async () => {
  system = await startSystem();
  caller = createOrderCaller(system.urls.api);
});
afterAll(() => system.stop());

const instances = async (): Promise<unknown[]> =>
  (await (await fetch(`${system.urls.api}/runtime/webhooks/durabletask/instances`)).json()) as unknown[];

describe('a bad request', () => {
  const customerId = 'cust-bad';
  type Bad = readonly [string, string | object, Record<string, string>, number, string, string?];
  const bad: readonly Bad[] = [
    ['a brace', '{', {}, 400, 'MALFORMED_JSON'],
    ['nothing', '', {}, 400, 'MALFORMED_JSON'],
    ['NaN', '{"customerId":NaN}', {}, 400, 'MALFORMED_JSON'],
    ['invalid UTF-8', 'ÿ'.repeat(3), {}, 400, 'MALFORMED_JSON'],
    ['text/plain', order(customerId), { 'content-type': 'text/plain' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['gzip', order(customerId), { 'content-encoding': 'gzip' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['20,000-deep nesting', '['.repeat(20_000) + ']'.repeat(20_000), {}, 400, 'VALIDATION_FAILED', ''],
    [
      '20,000-deep nesting in a field',
      `{"customerId":"${customerId}","items":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
      {},
      400,
      'VALIDATION_FAILED',
      'items[0]',
    ],
    ['a body of 5 MB', `{"customerId":"${'x'.repeat(5_000_000)}"}`, {}, 413, 'ORDER_TOO_LARGE'],
    [
      '10,000 lines',
      { customerId, items: Array.from({ length: 10_000 }, () => 1) },
      {},
      413,
      'ORDER_TOO_LARGE',
    ],
    ['__proto__', '{"customerId":"c","items":[],"__proto__":{}}', {}, 400, 'VALIDATION_FAILED', '__proto__'],
    ['constructor', order(customerId, { constructor: {} }), {}, 400, 'VALIDATION_FAILED', 'constructor'],
    [
      'a price of 1e308',
      order(customerId, { items: [{ ...line, unitPrice: 1e308 }] }),
      {},
      400,
      'VALIDATION_FAILED',
      'items[0].unitPrice',
    ],
    [
      'a price with three decimals',
      order(customerId, { items: [{ ...line, unitPrice: 1.005 }] }),
      {},
      400,
      'VALIDATION_FAILED',
      'items[0].unitPrice',
    ],
    ...['acme/eu', '..', 'a'.repeat(65), 'ann@example.com'].map((id): Bad => [
      `the customer ${id}`,
      order(id),
      {},
      ...([400, 'VALIDATION_FAILED', 'customerId'] as const),
    ]),
    [
      'an empty key',
      order(customerId),
      { 'idempotency-key': ' ' },
      400,
      'VALIDATION_FAILED',
      'Idempotency-Key',
    ],
    [
      'a key of 129 characters',
      order(customerId),
      { 'idempotency-key': 'k'.repeat(129) },
      400,
      'VALIDATION_FAILED',
      'Idempotency-Key',
    ],
  ];

  test.each(bad.map(([what, ...rest]) => [what, rest] as const))(
    'with %s is answered with a problem that says what is wrong',
    async (_, [body, headers, status, code, path]) => {
      const before = (await instances()).length;
      const answer = await caller.post(body, headers);
      expect([answer.status, answer.json.code]).toEqual([status, code]);
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
      expect(answer.json.correlationId).toBe(answer.headers.get('x-correlation-id'));
      if (path !== undefined) expect(answer.json.errors?.map((error) => error.path)).toContain(path);
      expect(await caller.listOf(customerId)).toEqual([]);
      expect(await instances()).toHaveLength(before);
    },
  );

  test('with ?wait=forever is refused, naming the parameter', async () => {
    const { status, json } = await caller.post(order(newCustomer()), {}, '?wait=forever');
    expect([status, json.errors?.[0]?.path]).toEqual([400, 'wait']);
  });

  test.each(['nobody', '..%2F..%2Fetc', '%00', "' OR 1=1", '🦄', 'a'.repeat(2_000), '%E0%A4%A'])(
    'for the order %j is a 404 or 400, never a 500',
    async (id) => {
      const { hostname, port } = new URL(system.urls.api);
      expect([400, 404]).toContain(await rawStatus(hostname, Number(port), `/api/orders/${encodeURI(id)}`));
    },
  );

  test.each(['customer/acme%2Feu', 'customer/a%20b', '%F0%9F%A6%84', 'a%20b/events', 'a%20b/saga'])(
    'for %s, which cannot be an id, is a 400 that says what an id is',
    async (path) => {
      const answer = await fetch(`${system.urls.api}/api/orders/${path}`);
      expect(answer.status).toBe(400);
      expect(await answer.text()).toContain('must have 1 to 64 characters');
    },
  );
});

/** The status of a GET whose path is sent as it is. */
function rawStatus(host: string, port: number, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port }, () => {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    });
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    socket.on('end', () => resolve(Number(text.split(' ')[1])));
    socket.on('error', reject);
  });
}

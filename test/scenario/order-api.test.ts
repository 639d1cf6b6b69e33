// The order API as its callers see it, over HTTP against a running system.
import {
  createSystemClient,
  isEnded,
  poll,
  type OrderAnswer,
  type SystemClient,
} from '../../local/demo/system-client';
import { startSystem, type RunningSystem } from '../../local/supervisor/running-system';
import { createConnection } from 'node:net';

let system: RunningSystem;
let client: SystemClient;
let orders: string;

beforeAll(async () => {
  system = await startSystem({ settings: { 'OrderProcessing:BreakerOpenSeconds': '1' } });
  client = createSystemClient(system.urls);
  orders = `${system.urls.api}/api/orders`;
}, 30_000);
afterAll(() => system.stop());

const line = { productId: 'prod-001', productName: 'Desk lamp', quantity: 2, unitPrice: 49.99 };
let customers = 0;
const newCustomer = (): string => `cust-${++customers}`;

interface Problem {
  readonly status: number;
  readonly code: string;
  readonly correlationId: string;
  readonly errors?: readonly { readonly path: string }[];
}

async function post(
  body: string | object,
  headers: Record<string, string> = {},
  query = '',
): Promise<{ status: number; headers: Headers; json: OrderAnswer & Problem }> {
  const response = await fetch(`${orders}${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return {
    status: response.status,
    headers: response.headers,
    json: (await response.json()) as OrderAnswer & Problem,
  };
}

const order = (customerId: string, more: object = {}): object => ({ customerId, items: [line], ...more });
const listOf = async (customerId: string, query = ''): Promise<OrderAnswer[]> =>
  (await (await fetch(`${orders}/customer/${customerId}${query}`)).json()) as OrderAnswer[];
const instances = async (): Promise<unknown[]> =>
  (await (await fetch(`${system.urls.api}/runtime/webhooks/durabletask/instances`)).json()) as unknown[];

describe('POST /api/orders', () => {
  test('answers 202 with the order as it is, exact to the cent, and the order completes by itself', async () => {
    const items = [line, { productId: 'prod-002', productName: 'Bulb', quantity: 5, unitPrice: 9.99 }];
    const { status, headers, json } = await post({ customerId: newCustomer(), items });
    expect(status).toBe(202);
    expect(headers.get('location')).toBe(`/api/orders/${json.id}`);
    expect(json).toMatchObject({
      status: 'processing',
      totalAmount: 149.93,
      currency: 'USD',
      completedAt: null,
      failureReason: null,
      trackingId: null,
      items,
    });
    const done = await poll(() => client.order(json.id), isEnded);
    expect(done).toMatchObject({ status: 'completed', completedAt: expect.any(String) as string });
  });

  test('?wait answers 200 with the end', async () => {
    const { status, json } = await post(order(newCustomer()), {}, '?wait=20');
    expect(status).toBe(200);
    expect(json.status).toBe('completed');
  });

  test('takes a correlation id and gives it back, and makes one where there is none', async () => {
    const given = await post(order(newCustomer()), { 'x-correlation-id': 'my-id-1' });
    expect(given.headers.get('x-correlation-id')).toBe('my-id-1');
    const events = (await (await fetch(`${orders}/${given.json.id}/events`)).json()) as {
      correlationId: string;
    }[];
    expect(events[0]?.correlationId).toBe('my-id-1');
    expect((await post(order(newCustomer()))).headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('correlation id and trace context reach every downstream call', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const { json } = await post(
      order(newCustomer()),
      { 'x-correlation-id': 'trace-me', traceparent },
      '?wait=20',
    );
    const response = await fetch(`${system.urls.services}/control/requests?orderId=${json.id}`);
    const calls = (await response.json()) as { correlationId: string; traceparent: string }[];
    expect(calls).toHaveLength(4);
    for (const call of calls) expect(call).toMatchObject({ correlationId: 'trace-me', traceparent });
  });

  test('50 equal posts with one key at once are one order, one saga and one charge', async () => {
    const body = order(newCustomer());
    const key = { 'idempotency-key': `fifty-${Date.now()}` };
    const answers = await Promise.all(Array.from({ length: 50 }, () => post(body, key)));
    expect(new Set(answers.map(({ json }) => json.id)).size).toBe(1);
    expect(answers.every(({ status }) => status === 202 || status === 200)).toBe(true);
    const id = answers[0]?.json.id ?? '';
    await poll(() => client.order(id), isEnded);
    expect((await client.ledger(id)).map(({ effect }) => effect)).toEqual([
      'stockReserved',
      'charged',
      'shipmentCreated',
      'stockConfirmed',
    ]);
    expect((await post(body, key)).status).toBe(200);
  });

  test('one key with another body is a 422', async () => {
    const key = { 'idempotency-key': `other-body-${Date.now()}` };
    const customerId = newCustomer();
    await post(order(customerId), key);
    const { status, json } = await post(order(customerId, { currency: 'EUR' }), key);
    expect([status, json.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
  });
});

describe('a bad request', () => {
  const customerId = 'cust-bad';
  const bad: readonly [string, string | object, Record<string, string>, number, string, string?][] = [
    ['a brace', '{', {}, 400, 'MALFORMED_JSON'],
    ['nothing', '', {}, 400, 'MALFORMED_JSON'],
    ['NaN', '{"customerId":NaN}', {}, 400, 'MALFORMED_JSON'],
    ['invalid UTF-8', 'ÿ'.repeat(3), {}, 400, 'MALFORMED_JSON'],
    ['text/plain', order(customerId), { 'content-type': 'text/plain' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
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
      const answer = await post(body, headers);
      expect([answer.status, answer.json.code]).toEqual([status, code]);
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
      expect(answer.json.correlationId).toBe(answer.headers.get('x-correlation-id'));
      if (path !== undefined) expect(answer.json.errors?.map((error) => error.path)).toContain(path);
      expect(await listOf(customerId)).toEqual([]);
      expect(await instances()).toHaveLength(before);
    },
  );

  test('with ?wait=forever is refused, naming the parameter', async () => {
    const { status, json } = await post(order(newCustomer()), {}, '?wait=forever');
    expect([status, json.errors?.[0]?.path]).toEqual([400, 'wait']);
  });

  test.each(['nobody', '..%2F..%2Fetc', '%00', "' OR 1=1", '🦄', 'a'.repeat(2_000), '%E0%A4%A'])(
    'for the order %j is a 404 or 400, never a 500',
    async (id) => {
      const { hostname, port } = new URL(system.urls.api);
      expect([400, 404]).toContain(await rawStatus(hostname, Number(port), `/api/orders/${encodeURI(id)}`));
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

describe('lists', () => {
  test('are newest first, only the customer’s own, and pages are disjoint and complete', async () => {
    const customerId = newCustomer();
    const ids = new Set<string>();
    for (let index = 0; index < 5; index++) ids.add((await post(order(customerId))).json.id);
    await post(order(newCustomer()));
    const pages: OrderAnswer[][] = [];
    let next: string | undefined = `/api/orders/customer/${customerId}?limit=2`;
    while (next !== undefined) {
      const response: Response = await fetch(`${system.urls.api}${next}`);
      pages.push((await response.json()) as OrderAnswer[]);
      next = /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
    }
    expect(pages.map((page) => page.length)).toEqual([2, 2, 1]);
    expect(new Set(pages.flat().map(({ id }) => id))).toEqual(ids);
    const times = pages.flat().map((listed) => (listed as unknown as { createdAt: string }).createdAt);
    expect(times).toEqual([...times].sort().reverse());
  });

  test('are filtered by status and time', async () => {
    const customerId = `declined-${newCustomer()}`;
    await post(order(customerId), {}, '?wait=20');
    expect(await listOf(customerId, '?status=failed')).toHaveLength(1);
    expect(await listOf(customerId, '?status=completed')).toEqual([]);
    expect(await listOf(customerId, '?from=2999-01-01T00:00:00Z')).toEqual([]);
    expect(await listOf(customerId, '?to=2999-01-01T00:00:00Z')).toHaveLength(1);
  });

  test('of an unknown customer are empty', async () => {
    expect(await listOf('nobody-at-all')).toEqual([]);
  });

  test.each(['limit=101', 'limit=0', 'page=0', 'status=done', 'from=yesterday', 'limit=ten'])(
    'with %s are refused, naming the parameter',
    async (query) => {
      const response = await fetch(`${orders}/customer/${newCustomer()}?${query}`);
      const problem = (await response.json()) as Problem;
      expect([response.status, problem.errors?.[0]?.path]).toEqual([400, query.split('=')[0]]);
    },
  );
});

describe('an order', () => {
  test('tells how far its saga is, without any storage or management key', async () => {
    const { json } = await post(order(newCustomer()), {}, '?wait=20');
    const text = await (await fetch(`${orders}/${json.id}/saga`)).text();
    expect(JSON.parse(text)).toMatchObject({
      runtimeStatus: 'completed',
      completedSteps: ['ReserveInventory', 'ProcessPayment', 'CreateShipment', 'ConfirmInventory'],
      attempts: { ProcessPayment: 1 },
    });
    expect(text).not.toMatch(/code=|AccountKey|\/runtime\/webhooks/);
  });

  test('tells its events in sequence', async () => {
    const { json } = await post(order(newCustomer()), {}, '?wait=20');
    const events = (await (await fetch(`${orders}/${json.id}/events`)).json()) as {
      sequence: number;
      type: string;
    }[];
    expect(events.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(events.at(-1)?.type).toBe('OrderCompleted');
  });

  test('that is shipped cannot be cancelled', async () => {
    const { json } = await post(order(newCustomer()), {}, '?wait=20');
    const response = await fetch(`${orders}/${json.id}/cancel`, { method: 'POST' });
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({
      code: 'CANNOT_CANCEL',
      detail: 'cannot cancel a shipped order',
    });
  });

  test('S7: that is suspended is woken by its cancel', async () => {
    const customerId = newCustomer();
    await client.planFaults([
      { service: 'payments', operation: 'charge', customerId, fault: 'slow', delayMs: 1_000, times: 1 },
    ]);
    const { json } = await post(order(customerId));
    await poll(
      () => client.order(json.id),
      ({ status }) => status === 'inventoryReserved',
    );
    const manage = `${system.urls.api}/runtime/webhooks/durabletask/instances/${json.id}`;
    expect((await fetch(`${manage}/suspend?reason=look`, { method: 'POST' })).status).toBe(202);
    expect(await client.cancel(json.id)).toBe(202);
    const ended = await poll(() => client.order(json.id), isEnded);
    expect(ended.status).toBe('cancelled');
    await client.planFaults([]);
  });

  test('that is not there is a 404 problem', async () => {
    const response = await fetch(`${orders}/00000000-0000-4000-8000-000000000000`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: 'NOT_FOUND' });
  });
});

test('of 20 concurrent orders for a stock of 5 exactly 5 complete', async () => {
  const productId = `scarce-${Date.now()}`;
  await client.setStock(productId, 5);
  const items = [{ ...line, productId, quantity: 1 }];
  const placed = await Promise.all(
    Array.from({ length: 20 }, () => post({ customerId: newCustomer(), items })),
  );
  const ended = await Promise.all(placed.map(({ json }) => poll(() => client.order(json.id), isEnded)));
  expect(ended.filter(({ status }) => status === 'completed')).toHaveLength(5);
  expect(ended.filter(({ failureCode }) => failureCode === 'INVENTORY_ERROR')).toHaveLength(15);
  expect(await client.stock(productId)).toMatchObject({ onHand: 0, reserved: 0 });
});

test('an order takes its stock off the shelf when it completes, and not before', async () => {
  const productId = `shelf-${Date.now()}`;
  const customerId = newCustomer();
  await client.setStock(productId, 10);
  await client.planFaults([
    { service: 'payments', operation: 'charge', customerId, fault: 'slow', delayMs: 500, times: 1 },
  ]);
  const { json } = await post({ customerId, items: [{ ...line, productId, quantity: 3 }] });
  await poll(
    () => client.order(json.id),
    ({ status }) => status === 'inventoryReserved',
  );
  expect(await client.stock(productId)).toMatchObject({ onHand: 10, reserved: 3 });
  await poll(() => client.order(json.id), isEnded);
  expect(await client.stock(productId)).toMatchObject({ onHand: 7, reserved: 0 });
  await client.planFaults([]);
});

test('health tells store, task hub and breakers, and the breaker that opens', async () => {
  const health = async (): Promise<{ status: string; breakers: Record<string, string> }> =>
    (await (await fetch(`${system.urls.api}/api/health`)).json()) as never;
  expect(await health()).toMatchObject({
    status: 'ok',
    checks: { store: 'ok', taskHub: 'ok' },
    breakers: { inventory: 'closed', payment: 'closed', shipping: 'closed' },
  });
  const customerId = newCustomer();
  await client.planFaults([{ service: 'shipping', operation: 'createShipment', customerId, fault: 'down' }]);
  await Promise.all(Array.from({ length: 6 }, () => post(order(customerId))));
  await poll(health, ({ breakers }) => breakers.shipping === 'open');
  await client.planFaults([]);
  const listed = await poll(
    () => listOf(customerId),
    (found) => found.every(isEnded),
  );
  expect(listed.map(({ status }) => status)).toEqual(Array(6).fill('completed'));
});

// The order API as its callers see it, over HTTP against a running system.
import {
  createSystemClient,
  isEnded,
  poll,
  type OrderAnswer,
  type SystemClient,
} from '../../local/demo/system-client';
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { until } from 'azure-local/kit/until';
import {
  createOrderCaller,
  line,
  newCustomer,
  order,
  type OrderCaller,
  type Problem,
} from '../support/order-caller';

let system: RunningSystem;
let client: SystemClient;
let caller: OrderCaller;
let orders: string;

beforeAll(async () => {
  system = await startSystem({ settings: { 'OrderProcessing:BreakerOpenSeconds': '1' } });
  client = createSystemClient(system.urls);
  caller = createOrderCaller(system.urls.api);
  ({ orders } = caller);
});
afterAll(() => system.stop());

describe('POST /api/orders', () => {
  test('answers 202 with the order as it is, exact to the cent, and the order completes by itself', async () => {
    const items = [line, { productId: 'prod-002', productName: 'Bulb', quantity: 5, unitPrice: 9.99 }];
    const { status, headers, json } = await caller.post({ customerId: newCustomer(), items });
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
    const { status, json } = await caller.post(order(newCustomer()), {}, '?wait=20');
    expect(status).toBe(200);
    expect(json.status).toBe('completed');
  });

  test('takes a correlation id and gives it back, and makes one where there is none', async () => {
    const given = await caller.post(order(newCustomer()), { 'x-correlation-id': 'my-id-1' });
    expect(given.headers.get('x-correlation-id')).toBe('my-id-1');
    const events = (await (await fetch(`${orders}/${given.json.id}/events`)).json()) as {
      correlationId: string;
    }[];
    expect(events[0]?.correlationId).toBe('my-id-1');
    expect((await caller.post(order(newCustomer()))).headers.get('x-correlation-id')).toMatch(
      /^[0-9a-f-]{36}$/,
    );
  });

  test('correlation id and trace context reach every downstream call', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const { json } = await caller.post(
      order(newCustomer()),
      { 'x-correlation-id': 'trace-me', traceparent },
      '?wait=20',
    );
    const response = await fetch(`${system.urls.services}/control/requests?orderId=${json.id}`);
    const calls = (await response.json()) as { correlationId: string; traceparent: string }[];
    expect(calls.length).toBeGreaterThanOrEqual(4);
    const inTrace = expect.stringMatching(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/) as string;
    for (const call of calls) expect(call).toMatchObject({ correlationId: 'trace-me', traceparent: inTrace });
  });

  test('50 equal posts with one key at once are one order, one saga and one charge', async () => {
    const body = order(newCustomer());
    const key = { 'idempotency-key': `fifty-${Date.now()}` };
    const answers = await Promise.all(Array.from({ length: 50 }, () => caller.post(body, key)));
    expect(new Set(answers.map(({ json }) => json.id)).size).toBe(1);
    expect(answers.every(({ status }) => status === 202 || status === 200)).toBe(true);
    const id = answers[0]?.json.id ?? '';
    await poll(() => client.order(id), isEnded);
    const effects = (await client.ledger(id)).map(({ effect }) => effect);
    expect(effects.filter((effect) => effect !== 'notified')).toEqual([
      'stockReserved',
      'charged',
      'shipmentCreated',
      'stockConfirmed',
    ]);
    expect((await caller.post(body, key)).status).toBe(200);
  });

  test('an order in forints has two decimals wherever its amount is shown', async () => {
    const customerId = newCustomer();
    const items = [{ productId: 'prod-huf', productName: 'Lamp', quantity: 1, unitPrice: 1500.5 }];
    const { json } = await caller.post(order(customerId, { currency: 'HUF', items }), {}, '?wait=20');
    expect(json).toMatchObject({ totalAmount: 1500.5, items: [{ unitPrice: 1500.5 }] });
    const charged = (await client.ledger(json.id)).find(({ effect }) => effect === 'charged');
    expect(charged).toMatchObject({ amount: 150_050, currency: 'HUF' });
    await until('it is listed', async () => (await caller.listOf(customerId)).length === 1);
    expect(await caller.listOf(customerId)).toMatchObject([{ totalAmount: 1500.5 }]);
    const days = (await (await fetch(`${system.urls.api}/api/analytics/daily`)).json()) as object[];
    expect(days).toMatchObject([{ createdAmount: { HUF: 1500.5 } }]);
  });

  test('a free order completes, is not charged, and says so', async () => {
    const items = [{ productId: 'prod-free', productName: 'Sample', quantity: 1, unitPrice: 0 }];
    const { json } = await caller.post(order(`declined-${newCustomer()}`, { items }), {}, '?wait=20');
    expect(json).toMatchObject({ status: 'completed', totalAmount: 0 });
    const requests = await fetch(`${system.urls.services}/control/requests?orderId=${json.id}`);
    const called = ((await requests.json()) as { service: string }[]).map(({ service }) => service);
    expect(called).toContain('shipping');
    expect(called).not.toContain('payments');
    const saga = await (await fetch(`${orders}/${json.id}/saga`)).json();
    expect(saga).toMatchObject({ transactionIds: [`free-${json.id}`] });
  });

  test('one key with another body is a 422', async () => {
    const key = { 'idempotency-key': `other-body-${Date.now()}` };
    const customerId = newCustomer();
    await caller.post(order(customerId), key);
    const { status, json } = await caller.post(order(customerId, { currency: 'EUR' }), key);
    expect([status, json.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
  });
});

describe('lists', () => {
  test('are newest first, only the customer’s own, and pages are disjoint and complete', async () => {
    const customerId = newCustomer();
    const ids = new Set<string>();
    for (let index = 0; index < 5; index++) ids.add((await caller.post(order(customerId))).json.id);
    await caller.post(order(newCustomer()));
    await until('all are listed', async () => (await caller.listOf(customerId)).length === 5);
    const pages: OrderAnswer[][] = [];
    let next: string | undefined = `/api/orders/customer/${customerId}?limit=2`;
    while (next !== undefined) {
      const response: Response = await fetch(`${system.urls.api}${next}`);
      expect(response.status).toBe(200);
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
    await caller.post(order(customerId), {}, '?wait=20');
    await until('it is listed', async () => (await caller.listOf(customerId, '?status=failed')).length === 1);
    expect(await caller.listOf(customerId, '?status=completed')).toEqual([]);
    expect(await caller.listOf(customerId, '?from=2999-01-01T00:00:00Z')).toEqual([]);
    expect(await caller.listOf(customerId, '?to=2999-01-01T00:00:00Z')).toHaveLength(1);
  });

  test('of an unknown customer are empty', async () => {
    expect(await caller.listOf('nobody-at-all')).toEqual([]);
  });

  test.each(['limit=101', 'limit=0', 'page=2', 'cursor=x', 'status=done', 'from=yesterday', 'limit=ten'])(
    'with %s are refused, naming the parameter',
    async (query) => {
      const response = await fetch(`${orders}/customer/${newCustomer()}?${query}`);
      const problem = (await response.json()) as Problem;
      expect([response.status, problem.errors?.[0]?.path]).toEqual([400, query.split('=')[0]]);
    },
  );
});

describe('an order', () => {
  test('shows the progress of its saga, without any storage or management key', async () => {
    const { json } = await caller.post(order(newCustomer()), {}, '?wait=20');
    const text = await (await fetch(`${orders}/${json.id}/saga`)).text();
    expect(JSON.parse(text)).toMatchObject({
      mode: 'orchestration',
      runtimeStatus: 'completed',
      completedSteps: ['ReserveInventory', 'ProcessPayment', 'CreateShipment', 'ConfirmInventory'],
      attempts: { ProcessPayment: 1 },
    });
    expect(text).not.toMatch(/code=|AccountKey|\/runtime\/webhooks/);
  });

  test('lists its events in sequence', async () => {
    const { json } = await caller.post(order(newCustomer()), {}, '?wait=20');
    const events = (await (await fetch(`${orders}/${json.id}/events`)).json()) as {
      sequence: number;
      type: string;
    }[];
    expect(events.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(events.at(-1)?.type).toBe('OrderCompleted');
  });

  test('that is shipped cannot be cancelled', async () => {
    const { json } = await caller.post(order(newCustomer()), {}, '?wait=20');
    const response = await fetch(`${orders}/${json.id}/cancel`, { method: 'POST' });
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({
      code: 'CANNOT_CANCEL',
      detail: 'cannot cancel shipped order',
    });
  });

  test('S7: that is suspended is woken by its cancel', async () => {
    const customerId = newCustomer();
    await client.planFaults([
      { service: 'payments', operation: 'charge', customerId, fault: 'slow', delayMs: 1_000, times: 1 },
    ]);
    const { json } = await caller.post(order(customerId));
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
    Array.from({ length: 20 }, () => caller.post({ customerId: newCustomer(), items })),
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
  const { json } = await caller.post({ customerId, items: [{ ...line, productId, quantity: 3 }] });
  await poll(
    () => client.order(json.id),
    ({ status }) => status === 'inventoryReserved',
  );
  expect(await client.stock(productId)).toMatchObject({ onHand: 10, reserved: 3 });
  await poll(() => client.order(json.id), isEnded);
  expect(await client.stock(productId)).toMatchObject({ onHand: 7, reserved: 0 });
  await client.planFaults([]);
});

test('health tells of each part, and of the breaker that this instance opens', async () => {
  const health = async (): Promise<{ status: string; thisInstance: { breakers: Record<string, string> } }> =>
    (await (await fetch(`${system.urls.api}/api/health`)).json()) as never;
  expect(await health()).toMatchObject({
    status: 'ok',
    checks: { store: 'ok', broker: 'ok', taskHub: 'ok' },
    thisInstance: {
      breakers: { inventory: 'closed', payment: 'closed', shipping: 'closed', notification: 'closed' },
    },
  });
  const customerId = newCustomer();
  await client.planFaults([{ service: 'shipping', operation: 'createShipment', customerId, fault: 'down' }]);
  await Promise.all(Array.from({ length: 6 }, () => caller.post(order(customerId))));
  await poll(health, ({ thisInstance }) => thisInstance.breakers.shipping === 'open');
  await client.planFaults([]);
  const listed = await poll(
    () => caller.listOf(customerId),
    (found) => found.length === 6 && found.every(isEnded),
  );
  expect(listed.map(({ status }) => status)).toEqual(Array(6).fill('completed'));
});

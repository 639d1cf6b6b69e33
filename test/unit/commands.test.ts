import { cancelOrder } from '../../src/commands/cancel-order';
import { openStream } from '../../src/commands/order-stream';
import { placeOrder, type PlaceOrder } from '../../src/commands/place-order';
import { reconcileOrders } from '../../src/commands/reconcile-orders';
import { openCommandPorts as open } from '../support/command-ports';
import { facts, orderRequest } from '../support/orders';

const QUIET_MS = 30_000;

const command: PlaceOrder = {
  request: orderRequest,
  tenantId: 'default',
  idempotencyKey: 'key-1',
  correlationId: 'corr-1',
  traceparent: undefined,
};

async function placed(app: ReturnType<typeof open>, more: Partial<PlaceOrder> = {}): Promise<string> {
  const result = await placeOrder(app.ports, { ...command, ...more });
  if (!('order' in result)) throw new Error(`not placed: ${result.kind}`);
  return result.order.orderId;
}

describe('placing an order', () => {
  test('S6: stores it with OrderCreated and SagaStarted, then starts it', async () => {
    const app = open();
    const orderId = await placed(app);
    expect((await app.orders.eventsAfter(orderId, 0)).map(({ type }) => type)).toEqual([
      'OrderCreated',
      'SagaStarted',
    ]);
    expect(app.calls).toEqual(['start']);
  });

  test('S6: the same key and body is the same order, started once, also 50 times at once', async () => {
    const app = open();
    const ids = await Promise.all(Array.from({ length: 50 }, () => placed(app)));
    expect(new Set(ids).size).toBe(1);
    expect(app.calls).toEqual(['start']);
  });

  test('the same key with another body is refused and changes nothing', async () => {
    const app = open();
    const orderId = await placed(app);
    const other = { ...orderRequest, customerId: 'cust-2' };
    const result = await placeOrder(app.ports, { ...command, request: other });
    expect(result).toEqual({ kind: 'keyReused', orderId });
    expect((await app.orders.read(orderId))?.order.customerId).toBe('cust-1');
  });

  test('without a key is a new order every time', async () => {
    const app = open();
    const keyless = { idempotencyKey: undefined };
    expect(await placed(app, keyless)).not.toBe(await placed(app, keyless));
  });

  test('keys of two tenants never meet', async () => {
    const app = open();
    expect(await placed(app)).not.toBe(await placed(app, { tenantId: 'other' }));
  });

  test('S6: a task hub that is away does not lose the order: the reconciler starts it, once', async () => {
    const app = open();
    app.hub.away = true;
    const orderId = await placed(app);
    app.hub.away = false;
    expect(app.lines.warn).toEqual([
      ['saga not started', { orderId, correlationId: 'corr-1', error: 'away' }],
    ]);
    app.pass(QUIET_MS + 1);
    expect(await reconcileOrders(app.ports, QUIET_MS)).toMatchObject({ started: 1 });
    expect(await reconcileOrders(app.ports, QUIET_MS)).toMatchObject({ started: 0 });
    expect(app.calls).toEqual(['start']);
  });

  test('a store that is away is a transient error, and nothing is started', async () => {
    const app = open();
    app.orders.away = true;
    await expect(placed(app)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(app.calls).toEqual([]);
  });
});

describe('cancelling an order', () => {
  const cancel = (app: ReturnType<typeof open>, orderId: string) =>
    cancelOrder(app.ports, { orderId, requestedBy: 'customer', reason: null });

  test('S7: is a fact first and a signal second', async () => {
    const app = open();
    const orderId = await placed(app);
    expect((await cancel(app, orderId)).kind).toBe('accepted');
    expect((await app.orders.eventsAfter(orderId, 2)).map(({ type }) => type)).toEqual(['CancelRequested']);
    expect(app.calls).toEqual(['start', 'cancel']);
  });

  test('S7: twice is one request in the stream and the same answer', async () => {
    const app = open();
    const orderId = await placed(app);
    await cancel(app, orderId);
    expect((await cancel(app, orderId)).kind).toBe('accepted');
    expect(await app.orders.eventsAfter(orderId, 2)).toHaveLength(1);
  });

  test('S7: a signal that is lost is raised again by the reconciler', async () => {
    const app = open();
    const orderId = await placed(app);
    app.hub.away = true;
    expect((await cancel(app, orderId)).kind).toBe('accepted');
    app.hub.away = false;
    app.pass(QUIET_MS + 1);
    expect(await reconcileOrders(app.ports, QUIET_MS)).toMatchObject({ signalled: 1 });
    expect(app.calls).toEqual(['start', 'cancel']);
  });

  test('S7: a signal that is lost is told as a warning; one that a bug kept back is an error', async () => {
    const app = open();
    const orderId = await placed(app);
    app.hub.away = true;
    await cancel(app, orderId);
    expect(app.lines.warn).toEqual([
      ['cancel not signalled', { orderId, correlationId: 'corr-1', error: 'away' }],
    ]);
    app.ports.sagas.signalCancel = () => Promise.reject(new TypeError('a bug'));
    await expect(cancel(app, orderId)).rejects.toThrow('a bug');
  });

  test('S7: of an order that ended cancelled is accepted again, and its saga is signalled no more', async () => {
    const app = open();
    const orderId = await placed(app);
    await cancel(app, orderId);
    const stored = await app.orders.read(orderId);
    if (stored === undefined) throw new Error('the order is gone');
    const fact = { actor: 'test', key: null, facts: () => [facts.cancelled] };
    await openStream(app.ports, stored).append(fact);
    expect(await cancel(app, orderId)).toMatchObject({ kind: 'accepted', order: { status: 'cancelled' } });
    expect(app.calls).toEqual(['start', 'cancel']);
  });

  test('an order that does not exist is not found', async () => {
    expect(await cancel(open(), 'nobody')).toEqual({ kind: 'notFound' });
  });
});

describe('the reconciler', () => {
  test('leaves alone what moved lately, runs, or has ended', async () => {
    const app = open();
    await placed(app);
    expect(await reconcileOrders(app.ports, QUIET_MS)).toMatchObject({ looked: 0 });
    app.pass(QUIET_MS + 1);
    expect(await reconcileOrders(app.ports, QUIET_MS)).toEqual(
      expect.objectContaining({ looked: 1, started: 0, signalled: 0, repaired: 0 }),
    );
  });

  test.each(['completed', 'failed', 'terminated'] as const)(
    'S6: an order whose instance is %s without its last write is marked for an operator, once',
    async (runtimeStatus) => {
      const app = open();
      const orderId = await placed(app);
      app.instances.set(orderId, { runtimeStatus, output: null });
      app.pass(QUIET_MS + 1);
      expect(await reconcileOrders(app.ports, QUIET_MS)).toMatchObject({ repaired: 1 });
      app.pass(QUIET_MS + 1);
      expect(await reconcileOrders(app.ports, QUIET_MS)).toMatchObject({ repaired: 0 });
      expect((await app.orders.read(orderId))?.order.saga.needsIntervention).toBe(true);
      const reason = `the orchestration is ${runtimeStatus}`;
      expect(app.lines.error).toEqual([
        ['manual intervention required', { orderId, correlationId: 'corr-1', reason }],
      ]);
    },
  );

  test('an order that began on a version of the saga that this build does not have is marked with it', async () => {
    const app = open();
    const orderId = await placed(app);
    const stored = await app.orders.read(orderId);
    if (stored === undefined) throw new Error('not placed');
    const { order } = stored;
    app.orders.seed({ ...order, saga: { ...order.saga, definitionVersion: 7 } }, []);
    app.instances.set(orderId, { runtimeStatus: 'failed', output: 'Non-Deterministic workflow detected' });
    app.pass(QUIET_MS + 1);
    await reconcileOrders(app.ports, QUIET_MS);
    const opened = (await app.orders.eventsAfter(orderId, 0)).at(-1);
    expect(opened?.data).toMatchObject({
      reason: expect.stringContaining(
        '(it began on version 7 of the saga, which this build does not have',
      ) as string,
    });
  });

  test.each([
    ['one after the other', 1],
    ['in the same millisecond', 0],
  ])('R5: finds an unstarted order behind 600 that live on, placed %s', async (_when, apartMs) => {
    const app = open();
    for (let index = 0; index < 600; index += 1) {
      await placed(app, { idempotencyKey: `lives-${index}` });
      app.pass(apartMs);
    }
    app.hub.away = true;
    app.pass(1);
    await placed(app, { idempotencyKey: 'unstarted' });
    app.hub.away = false;
    app.pass(QUIET_MS + 1);
    const first = await reconcileOrders(app.ports, QUIET_MS);
    expect(first).toMatchObject({ looked: 500, started: 0 });
    let run = first;
    for (let more = 0; more < 2 && run.next !== undefined && run.started === 0; more += 1)
      run = await reconcileOrders(app.ports, QUIET_MS, run.next);
    expect(run).toMatchObject({ started: 1, next: undefined });
  });

  test('R4: an order that cannot be mended is told of, and those behind it are mended all the same', async () => {
    const app = open();
    const [stuck, behind] = [await placed(app), await placed(app, { idempotencyKey: 'key-2' })];
    const sagas = { ...app.ports.sagas };
    app.ports.sagas.find = (orderId) =>
      orderId === stuck ? Promise.reject(new TypeError('a bug')) : sagas.find(orderId);
    app.instances.set(behind, { runtimeStatus: 'terminated', output: null });
    app.pass(QUIET_MS + 1);
    expect(await reconcileOrders(app.ports, QUIET_MS)).toMatchObject({ looked: 2, repaired: 1 });
    expect(app.errors.sort()).toEqual(['manual intervention required', 'order not reconciled']);
    const told = { orderId: stuck, correlationId: 'corr-1', error: 'TypeError: a bug' };
    expect(app.lines.error).toContainEqual(['order not reconciled', told]);
  });

  test('an order that ends while it is looked at is left as it ended', async () => {
    const app = open();
    const orderId = await placed(app);
    app.instances.set(orderId, { runtimeStatus: 'terminated', output: null });
    app.orders.beforeAppend = async () => {
      app.orders.beforeAppend = () => Promise.resolve();
      const stored = await app.orders.read(orderId);
      if (stored === undefined) throw new Error('the order is gone');
      const fact = { actor: 'test', key: null, facts: () => [facts.cancelRequested, facts.cancelled] };
      await openStream(app.ports, stored).append(fact);
    };
    app.pass(QUIET_MS + 1);
    expect(await reconcileOrders(app.ports, QUIET_MS)).toMatchObject({ looked: 1, repaired: 0 });
    expect((await app.orders.eventsAfter(orderId, 2)).map(({ type }) => type)).toEqual([
      'CancelRequested',
      'OrderCancelled',
    ]);
    expect(app.errors).toEqual([]);
  });

  test('an order whose instance failed is marked with what it failed with, on one line', async () => {
    const app = open();
    const orderId = await placed(app);
    app.instances.set(orderId, { runtimeStatus: 'failed', output: 'no version 7 of the saga\n  at stack' });
    app.pass(QUIET_MS + 1);
    await reconcileOrders(app.ports, QUIET_MS);
    const opened = (await app.orders.eventsAfter(orderId, 0)).at(-1);
    expect(opened?.data).toMatchObject({
      reason:
        'the orchestration is failed and the order is still processing; nothing was compensated (no version 7 of the saga)',
    });
  });

  test('S6: an order whose instance completed without its last write gets the end that the output tells', async () => {
    const app = open();
    const orderId = await placed(app);
    const output = {
      success: false,
      finalStatus: 'failed',
      failureCode: 'PAYMENT_FAILED',
      failureReason: 'no',
    };
    app.instances.set(orderId, { runtimeStatus: 'completed', output });
    app.pass(QUIET_MS + 1);
    expect(await reconcileOrders(app.ports, QUIET_MS)).toMatchObject({ repaired: 1 });
    expect((await app.orders.read(orderId))?.order).toMatchObject({
      status: 'failed',
      failureCode: 'PAYMENT_FAILED',
    });
    expect(app.errors).toEqual([]);
  });

  test('S6: an order that ended is never started again, even when its instance is purged', async () => {
    const app = open();
    const orderId = await placed(app);
    const output = { success: false, finalStatus: 'cancelled' };
    app.instances.set(orderId, { runtimeStatus: 'completed', output });
    app.pass(QUIET_MS + 1);
    await reconcileOrders(app.ports, QUIET_MS);
    app.instances.clear();
    app.pass(QUIET_MS + 1);
    expect(await reconcileOrders(app.ports, QUIET_MS)).toMatchObject({ looked: 0 });
    expect(app.calls).toEqual(['start']);
  });

  test('S6: an order with recorded steps whose instance is lost is not begun again but marked for an operator', async () => {
    const app = open();
    const orderId = await placed(app);
    const seen = await app.orders.read(orderId);
    if (seen === undefined) throw new Error('the order is gone');
    const fact = { actor: 'test', key: null, facts: () => [facts.stockReserved] };
    await openStream(app.ports, seen).append(fact);
    app.instances.clear();
    app.pass(QUIET_MS + 1);
    expect(await reconcileOrders(app.ports, QUIET_MS)).toMatchObject({ started: 0, repaired: 1 });
    expect((await app.orders.read(orderId))?.order.saga.needsIntervention).toBe(true);
  });
});

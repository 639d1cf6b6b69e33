// What the reconciler mends: orders whose saga was never started, is lost, or ended without their last write.
import { openStream } from '../../src/commands/order-stream';
import { reconcileOrders } from '../../src/commands/reconcile-orders';
import { openCommandPorts as open, placed } from '../support/command-ports';
import { facts } from '../support/orders';

const QUIET_MS = 30_000;

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

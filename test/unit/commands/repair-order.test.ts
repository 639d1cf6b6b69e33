// What the reconciler does for an order whose saga was never started, is lost, or ended without its last write.
import { anyTraceId } from '../../support/log-lines';
import { PATIENCE_MS } from '../../../src/commands/repair-order';
import {
  done,
  effectsOf,
  happened,
  openCommandPorts as open,
  QUIET_MS,
  reconcile,
} from '../../support/command-ports';
import { endedAs, FORWARD, lastOf, orderOf, typesOf } from '../../support/ended-orders';
import { SCOPE, facts } from '../../support/orders';

describe.each(['completed', 'failed', 'terminated', 'lost'] as const)(
  'with an instance that is %s',
  (status) => {
    test('S9: a shipped order goes on to its end', async () => {
      const app = open();
      const orderId = await endedAs(app, status, ...FORWARD);
      await done(app, orderId, 'CreateShipment');
      expect(await reconcile(app)).toMatchObject({ repaired: 1 });
      expect(await typesOf(app, orderId, 5)).toEqual(['StockConfirmed', 'OrderCompleted']);
      expect(effectsOf(app, orderId).at(-1)).toBe('stockConfirmed');
      expect(app.errors).toEqual([]);
    });

    test('S1: an order that was going back is undone to its end, latest step first', async () => {
      const app = open();
      const orderId = await endedAs(
        app,
        status,
        ...[facts.stockReserved, facts.paymentProcessed, facts.compensationStarted],
      );
      await done(app, orderId, 'CreateShipment');
      expect(await reconcile(app)).toMatchObject({ repaired: 1 });
      expect(effectsOf(app, orderId).slice(3)).toEqual(['shipmentCancelled', 'refunded', 'stockReleased']);
      expect(await orderOf(app, orderId)).toMatchObject({
        status: 'failed',
        saga: { needsIntervention: false },
      });
    });

    test('S7: a cancel that was accepted is followed', async () => {
      const app = open();
      const orderId = await endedAs(
        app,
        status,
        ...[facts.stockReserved, facts.paymentProcessed, facts.cancelRequested],
      );
      await done(app, orderId, 'ProcessPayment');
      expect(await reconcile(app)).toMatchObject({ repaired: 1 });
      expect(effectsOf(app, orderId).slice(2)).toEqual(['refunded', 'stockReleased']);
      expect((await orderOf(app, orderId)).status).toBe('cancelled');
    });

    test('S6: an order with steps done that goes neither way is marked for an operator, once, and can be undone', async () => {
      const app = open();
      const orderId = await endedAs(app, status, facts.stockReserved, facts.paymentProcessed);
      expect(await reconcile(app)).toMatchObject({ started: 0, repaired: 1 });
      app.pass(QUIET_MS + 1);
      expect(await reconcile(app)).toMatchObject({ looked: 0 });
      expect((await orderOf(app, orderId)).saga.needsIntervention).toBe(true);
      const reason = `the orchestration is ${status} and the order is still paymentProcessed; nothing was compensated; to undo it: POST /api/ops/orders/${orderId}/compensate`;
      expect(await lastOf(app, orderId)).toMatchObject({ type: 'InterventionOpened', data: { reason } });
      expect(app.lines.error).toEqual([
        ['manual intervention required', { orderId, correlationId: 'corr-1', traceId: anyTraceId(), reason }],
      ]);
      expect(effectsOf(app, orderId)).toEqual([]);
    });
  },
);

describe('an order that is finished without its instance', () => {
  test('S2: has every effect and every record once, though three hosts do it at once', async () => {
    const app = open();
    const orderId = await endedAs(app, 'lost', ...FORWARD);
    await done(app, orderId, 'CreateShipment');
    await Promise.all([reconcile(app), reconcile(app), reconcile(app)]);
    expect(await typesOf(app, orderId, 5)).toEqual(['StockConfirmed', 'OrderCompleted']);
    expect(effectsOf(app, orderId).filter((effect) => effect === 'stockConfirmed')).toHaveLength(1);
  });

  test('S11: is tried again at growing intervals while a service is away, and then ends', async () => {
    const app = open();
    const orderId = await endedAs(app, 'terminated', ...FORWARD);
    await done(app, orderId, 'CreateShipment');
    app.services.faults.confirm = ['down'];
    app.services.forever.add('confirm');
    for (let run = 0; run < 240; run += 1) {
      await reconcile(app);
      app.pass(5_000);
    }
    expect((await orderOf(app, orderId)).saga.needsIntervention).toBe(false);
    const errors = app.lines.error.filter(([event]) => event === 'order not finished').length;
    expect(errors).toBeGreaterThan(5);
    expect(errors).toBeLessThan(16);
    app.services.forever.clear();
    app.services.faults.confirm = [];
    app.pass(120_000);
    await reconcile(app);
    expect((await orderOf(app, orderId)).status).toBe('completed');
  });

  test('S9: is for an operator when its last step is refused', async () => {
    const app = open();
    const orderId = await endedAs(app, 'terminated', ...FORWARD);
    await reconcile(app);
    expect(await orderOf(app, orderId)).toMatchObject({
      status: 'shipped',
      saga: { needsIntervention: true },
    });
    expect(await lastOf(app, orderId)).toMatchObject({ data: { detailCode: 'NOT_RESERVED' } });
  });

  test('S4: is undone as far as it can be when a compensation fails, and ends with an intervention', async () => {
    const app = open();
    const orderId = await endedAs(
      app,
      'failed',
      ...[facts.stockReserved, facts.paymentProcessed, facts.compensationStarted],
    );
    await done(app, orderId, 'ProcessPayment');
    app.services.faults.refund = ['refuse'];
    await reconcile(app);
    expect(effectsOf(app, orderId)).toEqual(['stockReserved', 'charged', 'stockReleased']);
    expect(await orderOf(app, orderId)).toMatchObject({
      status: 'failed',
      saga: { needsIntervention: true },
    });
  });

  test('goes on to its end although an operator is asked about a part of it already', async () => {
    const app = open();
    const failed = { step: 'RefundPayment', undoes: 'ProcessPayment', attempts: 1, lastError: null };
    const orderId = await endedAs(
      app,
      'lost',
      ...[facts.stockReserved, facts.paymentProcessed, facts.compensationStarted],
      { type: 'CompensationFailed', data: { ...failed, reason: 'no', transactionId: 'txn_1' } },
    );
    await done(app, orderId, 'ReserveInventory');
    await reconcile(app);
    expect((await orderOf(app, orderId)).status).toBe('failed');
    expect(effectsOf(app, orderId)).toEqual(['stockReserved', 'stockReleased']);
  });
});

describe('an order whose instance', () => {
  test('failed is marked with what it failed with, on one line', async () => {
    const app = open();
    const orderId = await endedAs(app, 'failed');
    app.instances.set(orderId, { runtimeStatus: 'failed', output: 'no version 7 of the saga\n  at stack' });
    await reconcile(app);
    const { reason } = (await lastOf(app, orderId))?.data as { reason: string };
    expect(reason).toContain(
      'still processing; nothing was compensated (no version 7 of the saga); to undo it',
    );
    expect(reason).not.toContain('at stack');
  });

  test('failed is marked without changing what the order has of the attempts of its step', async () => {
    const app = open();
    const failed = { ...facts.paymentFailed.data, attempts: 3, lastError: { code: 'AWAY', message: 'away' } };
    const orderId = await endedAs(app, 'failed', facts.stockReserved, {
      type: 'PaymentFailed',
      data: failed,
    });
    await reconcile(app);
    expect(await lastOf(app, orderId)).toMatchObject({ type: 'InterventionOpened', data: { attempts: 3 } });
    expect((await orderOf(app, orderId)).saga).toMatchObject({
      attempts: { ProcessPayment: 3 },
      lastErrors: { ProcessPayment: { code: 'AWAY' } },
    });
  });

  test('S21: began on a version that only a newer release has is left to one, then to an operator; nothing is called', async () => {
    const app = open();
    const orderId = await endedAs(app, 'failed', ...FORWARD);
    const order = await orderOf(app, orderId);
    app.orders.seed(
      { ...order, saga: { ...order.saga, definitionVersion: 7 } },
      await app.orders.eventsAfter(SCOPE, orderId, 0),
    );
    expect(await reconcile(app)).toMatchObject({ repaired: 0 });
    expect((await lastOf(app, orderId))?.type).toBe('ShipmentCreated');
    app.pass(PATIENCE_MS);
    await reconcile(app);
    expect((await lastOf(app, orderId))?.data).toMatchObject({
      reason: expect.stringContaining(
        '(it began on version 7 of the saga, which this build does not have',
      ) as string,
    });
    expect(effectsOf(app, orderId)).toEqual([]);
  });

  test('S6: completed without its last write gets the end that the output tells', async () => {
    const app = open();
    const orderId = await endedAs(app, 'completed');
    const output = {
      success: false,
      finalStatus: 'failed',
      failureCode: 'PAYMENT_FAILED',
      failureReason: 'no',
    };
    app.instances.set(orderId, { runtimeStatus: 'completed', output });
    expect(await reconcile(app)).toMatchObject({ repaired: 1 });
    expect(await orderOf(app, orderId)).toMatchObject({ status: 'failed', failureCode: 'PAYMENT_FAILED' });
    expect(app.errors).toEqual([]);
  });

  test('says that it ended, with something done that is not undone, is marked for an operator', async () => {
    const app = open();
    const orderId = await endedAs(app, 'completed', facts.stockReserved, facts.paymentProcessed);
    app.instances.set(orderId, {
      runtimeStatus: 'completed',
      output: { success: false, finalStatus: 'failed' },
    });
    await reconcile(app);
    expect(await orderOf(app, orderId)).toMatchObject({ ended: false, saga: { needsIntervention: true } });
  });

  test('S6: is purged is never started again, once the order has ended', async () => {
    const app = open();
    const orderId = await endedAs(app, 'lost', facts.cancelRequested, facts.cancelled);
    expect(await reconcile(app)).toMatchObject({ looked: 0 });
    expect(app.calls).toEqual(['start']);
    expect(app.instances.has(orderId)).toBe(false);
  });
});

test('an order that ends while it is looked at is left as it ended', async () => {
  const app = open();
  const orderId = await endedAs(app, 'terminated');
  app.orders.beforeAppend = async () => {
    app.orders.beforeAppend = () => Promise.resolve();
    await happened(app, orderId, facts.cancelRequested, facts.cancelled);
  };
  expect(await reconcile(app)).toMatchObject({ looked: 1, repaired: 0 });
  expect(await typesOf(app, orderId, 2)).toEqual(['CancelRequested', 'OrderCancelled']);
  expect(app.errors).toEqual([]);
});

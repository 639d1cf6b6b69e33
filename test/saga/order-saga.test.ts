// The order saga as it runs on Durable Functions: the real orchestrator under the unmodified SDK.
import { headOf } from '../../src/domain/order';
import { cleanUp } from 'azure-local/testing/durable-harness';
import type { Operation } from '../support/fake-services';
import { SCOPE } from '../support/orders';
import { openSaga, registerSaga } from '../support/saga-harness';

const HAPPY = ['stockReserved', 'charged', 'shipmentCreated', 'stockConfirmed'];

beforeAll(registerSaga);
afterEach(cleanUp);

describe('the order saga', () => {
  test('S10: an order completes with one activity per step, and says so as its output', async () => {
    const saga = await openSaga();
    const { result, order, effects, scheduled, status } = await saga.finish(await saga.place());
    expect(status.runtimeStatus).toBe('Completed');
    expect(result).toEqual({
      success: true,
      finalStatus: 'completed',
      trackingId: order.trackingId,
      completedSteps: ['ReserveInventory', 'ProcessPayment', 'CreateShipment', 'ConfirmInventory'],
      compensatedSteps: [],
    });
    expect(effects).toEqual(HAPPY);
    expect(scheduled).toEqual({
      ReserveInventory: 1,
      ProcessPayment: 1,
      CreateShipment: 1,
      ConfirmInventory: 1,
    });
  });

  test('S5: a step is one store request; reserving also reads the lines, and the pivot the order', async () => {
    const saga = await openSaga();
    await saga.finish(await saga.place());
    expect(saga.orders.requests).toEqual({ create: 1, read: 2, append: 4, eventsAfter: 1 });
  });

  test('S8: no timer is set for the working time, so that the instance completes at once', async () => {
    const saga = await openSaga();
    const { runtimeStatus, historyEvents } = await saga.settled(await saga.place());
    expect(runtimeStatus).toBe('Completed');
    expect((historyEvents ?? []).filter(({ EventType }) => String(EventType).startsWith('Timer'))).toEqual(
      [],
    );
    expect(saga.clock.nextDueMs()).toBeUndefined();
  });

  test('S5: the order document is exactly the fold of its events', async () => {
    const saga = await openSaga();
    const { order } = await saga.finish(await saga.place());
    expect((await saga.orders.read(SCOPE, order.orderId))?.order).toEqual(headOf(order));
  });

  test('S1: a declined card is compensated in reverse, and the card is not refunded', async () => {
    const saga = await openSaga();
    saga.services.faults.charge = ['refuse'];
    const { result, order, effects, events } = await saga.finish(await saga.place());
    expect(result).toMatchObject({ success: false, finalStatus: 'failed', failureCode: 'PAYMENT_FAILED' });
    expect(effects).toEqual(['stockReserved', 'stockReleased']);
    expect(events.map(({ type }) => type)).toEqual([
      'OrderCreated',
      'SagaStarted',
      'StockReserved',
      'PaymentFailed',
      'CompensationStarted',
      'StockReleased',
      'OrderFailed',
    ]);
    expect(order.saga).toMatchObject({
      compensatedSteps: ['ReserveInventory'],
      failedStep: 'ProcessPayment',
    });
  });

  test('S3: a payment whose answer was lost is found by its key and the order completes with one charge', async () => {
    const saga = await openSaga();
    saga.services.faults.charge = ['loseAnswer'];
    const { result, effects } = await saga.finish(await saga.place());
    expect(result.success).toBe(true);
    expect(effects).toEqual(HAPPY);
  });

  test('S3: a payment nobody can look up is refunded by its key', async () => {
    const saga = await openSaga();
    saga.services.faults.charge = ['loseAnswer'];
    saga.services.lookUps = false;
    const { result, effects } = await saga.finish(await saga.place());
    expect(result).toMatchObject({ success: false, failureCode: 'PAYMENT_FAILED' });
    expect(effects).toEqual(['stockReserved', 'charged', 'refunded', 'stockReleased']);
  });

  test('S2: a charge that arrives after its refund is refused', async () => {
    const saga = await openSaga();
    saga.services.faults.charge = ['hang'];
    const orderId = await saga.place();
    const { effects, result } = await saga.finish(orderId);
    expect(result).toMatchObject({ failureCode: 'STEP_TIMED_OUT' });
    const late = {
      key: `${orderId}:ProcessPayment`,
      orderId,
      customerId: 'c',
      correlationId: '',
      traceparent: '',
    };
    const charge = { amountMinor: 14_993, currency: 'USD', method: 'card' };
    const outcome = await saga.services.payment.charge({ ...late, timeoutMs: 1 }, charge);
    expect(outcome).toMatchObject({ kind: 'refused', detailCode: 'KEY_CLOSED' });
    expect(effects).toEqual(['stockReserved', 'stockReleased']);
  });

  test('S11, S13: a service that fails twice is asked a third time, and the attempts are told', async () => {
    const saga = await openSaga();
    saga.services.faults.charge = ['error', 'error'];
    const startedMs = saga.clock.now();
    const { order, events, effects, status } = await saga.finish(await saga.place());
    expect(effects).toEqual(HAPPY);
    // S13: one timer per wait; a task in two races would have been scheduled twice.
    const timers = (status.historyEvents ?? []).filter(({ EventType }) => EventType === 'TimerCreated');
    expect(timers).toHaveLength(2);
    expect(order.saga.attempts).toMatchObject({ ReserveInventory: 1, ProcessPayment: 3, CreateShipment: 1 });
    expect(events.find(({ type }) => type === 'PaymentProcessed')?.data).toMatchObject({
      attempts: 3,
      lastError: { code: 'FAULT' },
    });
    expect(saga.clock.now() - startedMs).toBe(3_000);
  });

  test('S11, S22: a bug in an activity is a transient failure, and the activity throws nothing', async () => {
    const saga = await openSaga();
    let throws = 2;
    saga.services.around = (moment, operation) =>
      moment === 'before' && operation === 'charge' && throws-- > 0
        ? Promise.reject(new Error('a bug'))
        : Promise.resolve();
    const { order, effects } = await saga.finish(await saga.place());
    expect(effects).toEqual(HAPPY);
    expect(order.saga.attempts.ProcessPayment).toBe(3);
    expect(order.saga.lastErrors.ProcessPayment?.code).toBe('ACTIVITY_BROKE');
  });

  test('S4: a refund that fails opens an intervention, and the stock is released all the same', async () => {
    const saga = await openSaga();
    saga.services.faults.ship = ['refuse'];
    saga.services.faults.refund = ['refuse'];
    const { order, events, effects, result } = await saga.finish(await saga.place());
    expect(effects).toEqual(['stockReserved', 'charged', 'stockReleased']);
    expect(events.find(({ type }) => type === 'CompensationFailed')?.data).toMatchObject({
      transactionId: order.payments[0]?.transactionId,
    });
    expect(result.finalStatus).toBe('failed');
    expect(order.saga.needsIntervention).toBe(true);
    expect(saga.lines.filter(({ level }) => level === 'error')).toEqual([
      {
        level: 'error',
        event: 'manual intervention required',
        fields: expect.objectContaining({
          orderId: order.orderId,
          transactionId: order.payments[0]?.transactionId,
        }) as unknown,
      },
    ]);
  });

  test('S4: a refund whose outcome nobody knows opens an intervention, although it may have been made', async () => {
    const saga = await openSaga();
    saga.services.faults.ship = ['refuse'];
    saga.services.faults.refund = ['loseAnswer'];
    saga.services.lookUps = false;
    const { order, effects } = await saga.finish(await saga.place());
    expect(effects).toEqual(['stockReserved', 'charged', 'refunded', 'stockReleased']);
    expect(order.saga).toMatchObject({ needsIntervention: true, compensatedSteps: ['ReserveInventory'] });
  });

  test('S9: a confirmation that fails five times is retried forward and nothing is undone', async () => {
    const saga = await openSaga();
    saga.services.faults.confirm = ['error', 'hang', 'error', 'hang', 'error'];
    const { result, effects } = await saga.finish(await saga.place());
    expect(result.success).toBe(true);
    expect(effects).toEqual(HAPPY);
  });

  test('S9: a confirmation that is refused leaves the order shipped and asks an operator', async () => {
    const saga = await openSaga();
    saga.services.faults.confirm = ['refuse'];
    const { result, order, effects, scheduled } = await saga.finish(await saga.place());
    expect(result).toMatchObject({ success: false, finalStatus: 'shipped', failureCode: 'INVENTORY_ERROR' });
    expect(order.saga.needsIntervention).toBe(true);
    expect(effects).toEqual(['stockReserved', 'charged', 'shipmentCreated']);
    expect(scheduled).toMatchObject({ ConfirmInventory: 1, CompleteOrder: 1 });
  });

  // The Durable extension waits for longer than six days in several timers, of which the SDK makes one.
  const WAITS_MS = { '30 s': 30_000, 'ten days': 10 * 86_400_000 };

  test.each(Object.entries(WAITS_MS))(
    'an order with notBefore in %s reserves nothing until then',
    async (_, waitMs) => {
      const saga = await openSaga();
      const notBefore = new Date(saga.clock.now() + waitMs).toISOString();
      const orderId = await saga.place({ notBefore });
      await saga.settled(orderId);
      for (let part = 0; part < 10; part++) {
        saga.clock.advance(waitMs / 10 - 100);
        await saga.settled(orderId);
      }
      expect(saga.services.ledger).toEqual([]);
      expect((await saga.orders.read(SCOPE, orderId))?.order.status).toBe('pending');
      const { order, effects } = await saga.finish(orderId);
      expect(effects).toEqual(HAPPY);
      expect(order).toMatchObject({ status: 'completed', notBefore });
    },
  );

  test.each(Object.entries(WAITS_MS))(
    'S7: an order that waits %s for notBefore is cancelled without any effect',
    async (_, waitMs) => {
      const saga = await openSaga();
      const orderId = await saga.place({ notBefore: new Date(saga.clock.now() + waitMs).toISOString() });
      await saga.settled(orderId);
      expect((await saga.cancel(orderId)).kind).toBe('accepted');
      const { result, events, effects } = await saga.finish(orderId);
      expect(result.finalStatus).toBe('cancelled');
      expect(effects).toEqual([]);
      // It never started, so no SagaStarted; the key of the step that would have come next is closed all the same (S1).
      expect(events.map(({ type }) => type)).toEqual([
        ...['OrderCreated', 'CancelRequested', 'CompensationStarted', 'OrderCancelled'],
      ]);
    },
  );

  test('S2: every call gets the time of its own step', async () => {
    const saga = await openSaga();
    const timeMs: Partial<Record<Operation, number>> = {};
    saga.services.around = (moment, operation, { timeoutMs }) => {
      if (moment === 'before') timeMs[operation] = timeoutMs;
      return Promise.resolve();
    };
    await saga.finish(await saga.place());
    expect(timeMs).toEqual({ reserve: 10_000, charge: 30_000, ship: 20_000, confirm: 10_000 });
  });

  test('the custom status and the order tell the step that is being worked on', async () => {
    const saga = await openSaga();
    const seen: unknown[] = [];
    saga.services.around = async (moment, _operation, { orderId }) => {
      if (moment === 'after') return;
      const stored = await saga.orders.read(SCOPE, orderId);
      seen.push([(await saga.sagas.find(orderId))?.customStatus, stored?.order.saga.currentStep]);
    };
    await saga.finish(await saga.place());
    const steps = ['ReserveInventory', 'ProcessPayment', 'CreateShipment', 'ConfirmInventory'];
    // SagaStarted is in the stream from the start, and with it the first step.
    expect(seen).toEqual(steps.map((step) => [step, step]));
  });

  test('correlation id and order id are on the log line of every step', async () => {
    const saga = await openSaga();
    const orderId = await saga.place();
    await saga.finish(orderId);
    const steps = saga.lines.filter(({ event }) => event === 'saga step');
    expect(steps).toHaveLength(4);
    for (const { fields } of steps)
      expect(fields).toMatchObject({ orderId, correlationId: 'corr-1', attempt: 1 });
  });

  test('S12: a saga of a version that this deployment does not have fails by name and touches nothing', async () => {
    const saga = await openSaga();
    const orderId = await saga.start('OrderSagaOrchestrator', {
      definitionVersion: 7,
      compensationMaxAttempts: 1,
    });
    const { runtimeStatus, output } = await saga.settled(orderId);
    expect(runtimeStatus).toBe('Failed');
    expect(output).toContain('no version 7 of the order saga (it has 1)');
    expect(saga.services.ledger).toEqual([]);
  });
});

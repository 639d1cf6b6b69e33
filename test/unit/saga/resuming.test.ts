// What a turn of a choreographed saga knows: from the stream, from a retry, and of the working time.
import { createServiceBusPublisher } from '../../../src/adapters/service-bus-publisher';
import type { EventEnvelope } from '../../../src/domain/event-envelope';
import { evolve, type OrderHead } from '../../../src/domain/order';
import type { OrderEvent, OrderFact } from '../../../src/domain/order-events';
import { resume, retryOf, type Retry } from '../../../src/saga/engine/resuming';
import { orderSaga } from '../../../src/saga/order/order-saga-versions';
import { wakesSaga } from '../../../src/saga/order/waking-events';
import { workedMs } from '../../../src/saga/order/working-time';
import { orderAfter } from '../../support/orders';

const saga = orderSaga(1, 3);
const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString();

const step = (name: string, attempts = 1) => ({ step: name, attempts, lastError: null, nextStep: 'Next' });
const reserved: OrderFact = {
  type: 'StockReserved',
  data: { ...step('ReserveInventory'), reservationId: 'r' },
};
const paid: OrderFact = {
  type: 'PaymentProcessed',
  data: { ...step('ProcessPayment'), transactionId: 't', amountMinor: 1 },
};
const turned: OrderFact = {
  type: 'CompensationStarted',
  data: { kind: 'failed', code: 'X', detailCode: 'Y', reason: 'z' },
};
const undone = (name: string, undoes: string) => ({ step: name, undoes, attempts: 1, lastError: null });
const refunded: OrderFact = {
  type: 'PaymentRefunded',
  data: { ...undone('RefundPayment', 'ProcessPayment'), amountMinor: 1 },
};

function after(...facts: readonly OrderFact[]): OrderHead {
  return facts.reduce<OrderHead>(
    (order, fact) => evolve(order, { ...fact, sequence: order.version + 1, occurredAt: at(order.version) }),
    orderAfter(),
  );
}

const retry = (name: string, attempt = 2): Retry => ({
  ...{ step: name, attempt, attemptsUsed: attempt - 1, lastError: null, refusedForMs: 0, attempted: true },
});

const called = (state: OrderHead, asked: Retry | null, interruption: 'timedOut' | null = null) => {
  const decision = resume(saga, state, [], { retry: asked, interruption });
  if (decision === null) return null;
  return [retryOf(saga, state, decision.progress).step, decision.progress.calls];
};

const refusedAtOnce: OrderFact = {
  type: 'StockReservationFailed',
  data: {
    ...{
      step: 'ReserveInventory',
      attempts: 1,
      lastError: { code: 'OUT_OF_STOCK', message: 'none is left' },
    },
    ...{ code: 'INVENTORY_ERROR', detailCode: 'OUT_OF_STOCK', reason: 'none is left' },
  },
};

describe('a turn goes on', () => {
  test('S17, S26: with the end alone, where the stream has a refusal and nothing to undo', () => {
    const refused = after(refusedAtOnce);
    expect(called(refused, null)).toEqual(['CompleteOrder', 0]);
    expect(called(refused, null, 'timedOut')).toEqual(['CompleteOrder', 0]);
    expect(called(refused, retry('CompleteOrder', 3))).toEqual(['CompleteOrder', 2]);
    const { progress } = resume(saga, refused, [], { retry: null, interruption: null }) ?? {};
    expect(progress).toMatchObject({
      facts: [],
      failure: { kind: 'failed', detailCode: 'OUT_OF_STOCK', reason: 'none is left' },
    });
  });

  test('S17: with the step behind what is done, at its first attempt', () => {
    expect(called(after(reserved), null)).toEqual(['ProcessPayment', 0]);
  });

  test('S17: with the attempt that its message names, while the stream stands there', () => {
    expect(called(after(reserved), retry('ProcessPayment', 3))).toEqual(['ProcessPayment', 2]);
    expect(called(after(reserved, paid), retry('ProcessPayment', 3))).toBeNull();
  });

  test('S1, S17: with the latest undoing that the stream does not have, and closes no key behind one that it has', () => {
    expect(called(after(reserved, paid, turned), null)).toEqual(['CancelShipment', 0]);
    expect(called(after(reserved, paid, turned, refunded), null)).toEqual(['CompensateInventory', 0]);
  });

  test('S4, S17: with an undoing that its message tries again, although what was behind it left no event', () => {
    expect(called(after(reserved, paid, turned), retry('RefundPayment'))).toEqual(['RefundPayment', 1]);
  });

  test('S8, S17: back, when a retry finds the working time over', () => {
    expect(called(after(reserved), retry('ProcessPayment'), 'timedOut')?.[0]).toBe('CancelShipment');
  });
});

describe('the working time that a stream tells of', () => {
  const events = (reservedAt: number, paidAt: number, attempts = 1): OrderEvent[] => [
    { ...reserved, sequence: 3, occurredAt: at(reservedAt) },
    {
      ...paid,
      data: { ...paid.data, ...step('ProcessPayment', attempts) },
      sequence: 4,
      occurredAt: at(paidAt),
    },
  ];
  const order = { ...orderAfter(), createdAt: at(0), notBefore: null };

  test('S8: is the time from step to step', () => {
    expect(workedMs(saga, order, events(5, 12))).toBe(12_000);
  });

  test('S28: counts a step with no more than its calls and pauses may take', () => {
    // 10 s and 30 s of the steps, and 30 s around each call.
    expect(workedMs(saga, order, events(3_600, 7_200))).toBe(40_000 + 60_000);
    expect(workedMs(saga, order, events(5, 7_200, 3))).toBe(5_000 + 3 * 60_000 + 1_000 + 2_000);
  });

  test('S8: begins when the order may begin', () => {
    expect(workedMs(saga, { ...order, notBefore: at(3) }, events(5, 12))).toBe(9_000);
  });
});

describe('what wakes a saga', () => {
  test('S17: is a step that another follows, a cancel, and what only a newer release knows', () => {
    expect(wakesSaga(reserved)).toBe(true);
    expect(wakesSaga({ ...reserved, data: { ...reserved.data, nextStep: null } })).toBe(false);
    expect(wakesSaga({ type: 'CancelRequested', data: { requestedBy: 'c', reason: null } })).toBe(true);
    expect(wakesSaga(turned)).toBe(false);
    expect(wakesSaga({ type: 'Screened', data: {} } as unknown as OrderFact)).toBe(true);
  });

  test('S17: is marked on its message, by which the subscription is filtered', async () => {
    const sent: unknown[] = [];
    const sender = { send: (messages: readonly unknown[]) => Promise.resolve((sent.push(...messages), [])) };
    const event = (fact: OrderFact): EventEnvelope =>
      ({ ...fact, eventId: 'e', orderId: 'o' }) as EventEnvelope;
    await createServiceBusPublisher(sender, wakesSaga).publish([event(reserved), event(turned)]);
    await createServiceBusPublisher(sender).publish([event(reserved)]);
    const marks = (sent as { applicationProperties: { wakesSaga?: string } }[]).map(
      ({ applicationProperties }) => applicationProperties.wakesSaga,
    );
    expect(marks).toEqual(['true', undefined, undefined]);
  });
});

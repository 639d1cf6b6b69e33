import fc from 'fast-check';
import { createOrder, evolve, fold, type Order } from '../../../src/domain/order';
import { refusal, stepsNotUndone } from '../../../src/domain/order-rules';
import type { OrderEvent, OrderFact } from '../../../src/domain/order-events';
import {
  AT,
  ORDER_ID,
  created,
  facts,
  failedOrder,
  orderAfter,
  started,
  streamOf,
  inThreeParts,
  orderOf,
} from '../../support/orders';

const { stockReserved, paymentProcessed, shipmentCreated, stockConfirmed, completed } = facts;
const happyPath = [started, stockReserved, paymentProcessed, shipmentCreated, stockConfirmed, completed];
const turnedRound = [facts.cancelRequested, facts.compensationStarted, facts.stockReleased];
const anyFact = fc.constantFrom<OrderFact>(created, started, ...Object.values(facts));

const backForCancel: OrderFact = {
  type: 'CompensationStarted',
  data: { ...facts.compensationStarted.data, kind: 'cancelled' },
};

describe('an order', () => {
  test('goes from pending to completed, one status per step', () => {
    const statuses = happyPath.map((_, index) => orderAfter(...happyPath.slice(0, index + 1)).status);
    expect([orderAfter().status, ...statuses]).toEqual([
      'pending',
      'processing',
      'inventoryReserved',
      'paymentProcessed',
      'shipped',
      'shipped',
      'completed',
    ]);
  });

  test('tells the step that is being worked on: none before the start, while compensating and after the end', () => {
    const stepsOf = (path: readonly OrderFact[]) =>
      [...path.keys(), path.length].map((count) => orderAfter(...path.slice(0, count)).saga.currentStep);
    const [reserve, pay, ship, confirm] = [
      ...['ReserveInventory', 'ProcessPayment', 'CreateShipment', 'ConfirmInventory'],
    ];
    expect(stepsOf(happyPath)).toEqual([null, reserve, pay, ship, confirm, null, null]);
    expect(stepsOf(failedOrder)).toEqual([null, reserve, pay, pay, null, null, null]);
    const cancelled = [started, stockReserved, facts.cancelRequested, facts.cancelled];
    expect(stepsOf(cancelled)).toEqual([null, reserve, pay, pay, null]);
  });

  test('knows its ids, attempts and steps when it is done', () => {
    const order = orderAfter(...happyPath);
    expect(order).toMatchObject({ trackingId: 'trk_1', completedAt: AT, ended: true, version: 7 });
    expect(order.payments).toEqual([
      { method: 'card', amountMinor: 14_993, transactionId: 'txn_1', refundedMinor: 0, takesRest: true },
    ]);
    expect(order.saga).toMatchObject({
      reservationId: 'res_1',
      trackingId: 'trk_1',
      completedSteps: ['ReserveInventory', 'ProcessPayment', 'CreateShipment', 'ConfirmInventory'],
      attempts: { ReserveInventory: 1, ProcessPayment: 1, CreateShipment: 1, ConfirmInventory: 1 },
      currentStep: null,
      needsIntervention: false,
    });
  });

  test('S4: a failed compensation is told on the order, which then needs intervention', () => {
    const lastError = { code: 'REFUND_REFUSED', message: 'no' };
    const order = orderAfter(started, stockReserved, paymentProcessed, facts.compensationStarted, {
      type: 'CompensationFailed',
      data: {
        step: 'RefundPayment',
        undoes: 'ProcessPayment',
        attempts: 1,
        lastError,
        reason: 'no',
        transactionId: 'txn_1',
      },
    });
    expect(order.saga.needsIntervention).toBe(true);
    expect(order.saga.compensations).toEqual([
      {
        step: 'RefundPayment',
        undoes: 'ProcessPayment',
        at: AT,
        attempts: 1,
        outcome: 'failed',
        error: lastError,
      },
    ]);
    expect(order.saga.compensatedSteps).toEqual([]);
  });

  test('S9: an intervention is told on the order', () => {
    const data = { step: 'ConfirmInventory', attempts: 8, lastError: null };
    const order = orderAfter(...happyPath.slice(0, 4), {
      type: 'InterventionOpened',
      data: { ...data, code: 'INVENTORY_ERROR', detailCode: 'AWAY', reason: 'away' },
    });
    expect(order.saga).toMatchObject({ needsIntervention: true, attempts: { ConfirmInventory: 8 } });
  });

  const PARTS = inThreeParts.payments.map(({ amountMinor }) => amountMinor);
  const inPartsAfter = (...more: readonly OrderFact[]) => orderOf(inThreeParts, ...more);
  const paid = (part: number, attempts = 1): OrderFact & { type: 'PaymentProcessed' } => ({
    type: 'PaymentProcessed',
    data: {
      ...{ ...paymentProcessed.data, attempts, step: `ProcessPayment:${part}`, transactionId: `txn_${part}` },
      amountMinor: PARTS[part - 1] ?? 0,
      lastError: attempts === 1 ? null : { code: 'AWAY', message: `part ${part}` },
    },
  });
  const declinedPart: OrderFact = {
    type: 'PaymentFailed',
    data: { ...facts.paymentFailed.data, step: 'ProcessPayment:3', attempts: 2 },
  };
  const refunded = (part: number): OrderFact => ({
    type: 'PaymentRefunded',
    data: {
      ...{ ...facts.paymentRefunded.data, step: `RefundPayment:${part}`, undoes: `ProcessPayment:${part}` },
      amountMinor: PARTS[part - 1] ?? 0,
    },
  });
  const inParts = [started, stockReserved, paid(1), paid(2, 3), declinedPart, facts.compensationStarted];

  test('S14: tells what is done, undone, attempted and went wrong by entry', () => {
    const { saga } = inPartsAfter(...inParts, refunded(2));
    expect(saga).toMatchObject({
      completedSteps: ['ReserveInventory', 'ProcessPayment:1', 'ProcessPayment:2'],
      compensatedSteps: ['ProcessPayment:2'],
      failedStep: 'ProcessPayment:3',
    });
    expect(saga.attempts).toEqual({
      ...{ ReserveInventory: 1, 'RefundPayment:2': 1 },
      ...{ 'ProcessPayment:1': 1, 'ProcessPayment:2': 3, 'ProcessPayment:3': 2 },
    });
    expect(saga.lastErrors).toEqual({ 'ProcessPayment:2': { code: 'AWAY', message: 'part 2' } });
    expect(stepsNotUndone(saga)).toEqual(['ReserveInventory', 'ProcessPayment:1']);
  });

  test('S14: takes each entry once, and each undoing once', () => {
    const before = inPartsAfter(started, stockReserved, paid(1));
    expect(refusal(before, paid(1))).toBe('ProcessPayment:1 was done before');
    expect(refusal(before, paid(2))).toBeUndefined();
    const back = inPartsAfter(...inParts, refunded(2));
    expect(refusal(back, refunded(2))).toBe('ProcessPayment:2 was undone before');
    expect(refusal(back, refunded(1))).toBeUndefined();
  });

  test('S24: does not end failed while one entry of a step is done and not undone', () => {
    const back = [...inParts, facts.stockReleased, refunded(2)];
    expect(refusal(inPartsAfter(...back), facts.failed)).toMatch(/^ProcessPayment:1 was done, is not undone/);
    expect(refusal(inPartsAfter(...back, refunded(1)), facts.failed)).toBeUndefined();
  });

  test.each<[string, readonly OrderFact[], OrderFact]>([
    ['a second shipment after the end', happyPath, shipmentCreated],
    ['a payment before stock is reserved', [started], paymentProcessed],
    ['a compensation after the shipment', happyPath.slice(0, 4), facts.compensationStarted],
    ['a failure after the shipment', happyPath.slice(0, 4), facts.failed],
    ['a cancel after the end', happyPath, facts.cancelRequested],
    ['a second cancel', [started, facts.cancelRequested], facts.cancelRequested],
    [
      'S7: a shipment after a cancel was requested',
      [...happyPath.slice(0, 3), facts.cancelRequested],
      shipmentCreated,
    ],
    ['S7: a cancel after the shipment', happyPath.slice(0, 4), facts.cancelRequested],
    ['S22: going back for a cancel that was not requested', [started, stockReserved], backForCancel],
    [
      'S23: a payment after the order went back',
      [started, stockReserved, facts.compensationStarted],
      paymentProcessed,
    ],
    [
      'S23: an undoing before the order goes back',
      [started, stockReserved, paymentProcessed],
      facts.paymentRefunded,
    ],
    ['S5: a step that was done before', [started, stockReserved], stockReserved],
    ['S5: an undoing that was done before', failedOrder, facts.stockReleased],
    ['S24: a failed end with something left that was done', failedOrder.slice(0, -2), facts.failed],
    [
      'S24: a cancelled end with something left that was done',
      [started, stockReserved, facts.cancelRequested],
      facts.cancelled,
    ],
  ])('%s is refused', (_, before, fact) => {
    expect(refusal(orderAfter(...before), fact)).toBeDefined();
  });

  test.each<[string, readonly OrderFact[]]>([
    ['completes', happyPath],
    ['fails', failedOrder],
    ['is cancelled', [started, stockReserved, ...turnedRound, facts.cancelled]],
    ['is cancelled before it starts', [facts.cancelRequested, facts.cancelled]],
    ['S25: is refunded after its end', [started, facts.paymentFailed, facts.failed, facts.paymentRefunded]],
  ])('every event of an order that %s may follow the one before', (_, path) => {
    path.forEach((fact, index) => {
      expect(refusal(orderAfter(...path.slice(0, index)), fact)).toBeUndefined();
    });
  });

  test('evolving is total: any events in any order give an order that keeps its lines', () => {
    fc.assert(
      fc.property(fc.array(anyFact, { maxLength: 30 }), (stream) => {
        const order = orderAfter(...stream);
        expect(order.version).toBe(stream.length + 1);
        expect(order.lines).toBe(created.data.lines);
      }),
    );
  });

  test('folding a stream at once equals folding it event by event, through JSON', () => {
    fc.assert(
      fc.property(fc.array(anyFact, { maxLength: 20 }), (stream) => {
        const events = streamOf(created, ...stream);
        const [first, ...rest] = JSON.parse(JSON.stringify(events)) as OrderEvent[];
        const stepwise = rest.reduce<Order>(
          (order, event) => JSON.parse(JSON.stringify(evolve(order, event))) as Order,
          createOrder(ORDER_ID, first as OrderEvent & { type: 'OrderCreated' }),
        );
        expect(fold(ORDER_ID, events)).toEqual(stepwise);
      }),
    );
  });

  test('a stream that does not begin with OrderCreated is no order', () => {
    expect(fold(ORDER_ID, streamOf(started))).toBeUndefined();
  });
});

import { relayChanges } from '../../src/events/relay';
import type { OrderFact } from '../../src/domain/order-events';
import type { OrderFailure } from '../../src/ports/order-failures';
import { toEnvelope } from '../../src/events/envelope';
import { AT, ORDER_ID, created, facts, orderAfter, started } from '../support/orders';
import { createMemoryOrderStore } from '../support/memory-order-store';

const failedOrder: readonly OrderFact[] = [
  started,
  facts.stockReserved,
  {
    type: 'PaymentFailed',
    data: {
      step: 'ProcessPayment',
      attempts: 1,
      lastError: null,
      code: 'PAYMENT_FAILED',
      detailCode: 'CARD_DECLINED',
      reason: 'declined',
    },
  },
  facts.compensationStarted,
  facts.stockReleased,
  facts.failed,
];

function open(): { told: OrderFailure[]; relay: (changes: readonly unknown[]) => Promise<number> } {
  const orders = createMemoryOrderStore();
  orders.seed(orderAfter(...failedOrder), []);
  const told: OrderFailure[] = [];
  const failures = { publish: (batch: readonly OrderFailure[]) => Promise.resolve(void told.push(...batch)) };
  return { told, relay: (changes) => relayChanges({ orders, failures }, changes) };
}

/** The changes as the feed brings them: the event documents of the order, and the order's document. */
function changes(...more: readonly OrderFact[]): unknown[] {
  const order = orderAfter(...more);
  const provenance = { actor: 'saga', occurredAt: AT, key: null };
  const events = [created, ...more].map((fact, index) => ({
    id: `${ORDER_ID}:${index + 1}`,
    kind: 'event',
    ...toEnvelope(order, fact, index + 1, provenance),
  }));
  return [{ id: ORDER_ID, kind: 'order', ...order }, ...events];
}

describe('the relay', () => {
  test('tells once of an order that failed: where, why, and what became of the compensations', async () => {
    const { told, relay } = open();
    expect(await relay(changes(...failedOrder))).toBe(1);
    expect(told).toEqual([
      expect.objectContaining({
        orderId: ORDER_ID,
        failedStep: 'ProcessPayment',
        failureCode: 'PAYMENT_FAILED',
        failureDetailCode: 'CARD_DECLINED',
        failureReason: 'declined',
        compensations: [expect.objectContaining({ step: 'CompensateInventory', outcome: 'done' })],
        needsIntervention: false,
        correlationId: 'corr-1',
        failedAt: AT,
      }),
    ]);
  });

  test('tells nothing of orders that are on their way, completed or cancelled', async () => {
    const { told, relay } = open();
    await relay(changes(started, facts.stockReserved));
    await relay(changes(started, facts.cancelRequested, facts.cancelled));
    expect(told).toEqual([]);
  });

  test('passes by what it does not know', async () => {
    const { relay } = open();
    expect(await relay([null, 'x', {}, { kind: 'event', type: 'OrderFailed' }, { kind: 'snapshot' }])).toBe(
      0,
    );
  });

  test('passes by the failure of an order that the store no longer has', async () => {
    const { told, relay } = open();
    await relay([{ kind: 'event', type: 'OrderFailed', orderId: 'gone', occurredAt: AT }]);
    expect(told).toEqual([]);
  });
});

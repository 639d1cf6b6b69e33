// Orders with as many events as a test wants, one minute apart, in any order store.
import type { EventEnvelope } from '../../src/domain/event-envelope';
import { evolve, headOf, type Order, type OrderHead } from '../../src/domain/order';
import type { OrderFact } from '../../src/domain/order-events';
import { toEnvelope } from '../../src/events/envelope';
import type { OrderStore } from '../../src/ports/order-store';
import { SCOPE, AT, orderAfter } from './orders';

/** An event that may come any number of times. */
const again: OrderFact = {
  type: 'InterventionOpened',
  data: {
    ...{ step: 'ConfirmInventory', attempts: 1, lastError: null },
    ...{ code: 'INVENTORY_ERROR', detailCode: 'AWAY', reason: 'away' },
  },
};

/** When the event at `sequence` of such a stream happens. */
export function minute(sequence: number): string {
  return new Date(Date.parse(AT) + (sequence - 1) * 60_000).toISOString();
}

/** Stores an order whose stream has `length` events, appended `atOnce` at a time after the first. */
export async function storeLongStream(
  store: OrderStore,
  { orderId, length, atOnce = 1 }: { orderId: string; length: number; atOnce?: number },
): Promise<Order> {
  const created: Order = { ...orderAfter(), orderId };
  let { etag } = await store.create(SCOPE, created, [envelope(created, firstFact(created), 1)]);
  let head: OrderHead = headOf(created);
  while (head.version < length) {
    const before = head;
    const events = Array.from({ length: Math.min(atOnce, length - before.version) }, (_, index) =>
      envelope(before, again, before.version + index + 1),
    );
    head = events.reduce<OrderHead>(evolve, before);
    const result = await store.append(SCOPE, before, etag, head, events);
    if (result.kind === 'conflict') throw new Error(`conflict after ${before.version} events`);
    etag = result.etag;
  }
  return { ...head, lines: created.lines };
}

function envelope(order: OrderHead, fact: OrderFact, sequence: number): EventEnvelope {
  return toEnvelope(order, fact, sequence, { actor: 'saga', occurredAt: minute(sequence), key: null });
}

function firstFact({ lines, ...order }: Order): OrderFact {
  const { tenantId, customerId, currency, totalMinor } = order;
  const { shippingAddress, notBefore, correlationId, traceparent, requestHash } = order;
  return {
    type: 'OrderCreated',
    data: {
      ...{ tenantId, customerId, currency, totalMinor, lines, couponCode: null, payments: [] },
      ...{ shippingAddress, notBefore, correlationId, traceparent, requestHash },
    },
  };
}

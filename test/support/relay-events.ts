// Events of orders, as the relay takes them in and gives them out.
import type { EventEnvelope } from '../../src/domain/event-envelope';
import type { OrderFact } from '../../src/domain/order-events';
import { toEnvelope } from '../../src/events/envelope';
import { AT, created, ORDER_ID, orderAfter } from './orders';

/** OrderCreated and `more` as the stream of one order. */
export function eventsOf(more: readonly OrderFact[], orderId = ORDER_ID): EventEnvelope[] {
  const order = { ...orderAfter(...more), orderId };
  const provenance = { actor: 'saga', occurredAt: AT, key: null };
  return [created, ...more].map((fact, index) => toEnvelope(order, fact, index + 1, provenance));
}

/** An OrderCreated of about `bytes`. */
export function largeEvent(bytes: number, orderId: string): EventEnvelope {
  const line = { productId: 'p', productName: 'x'.repeat(bytes), quantity: 1, unitPriceMinor: 1 };
  const fact: OrderFact = { type: 'OrderCreated', data: { ...created.data, lines: [line] } };
  return toEnvelope({ ...orderAfter(), orderId }, fact, 1, { actor: 'saga', occurredAt: AT, key: null });
}

/** One that has no smaller form. */
export function hugeEvent(bytes: number, orderId: string): EventEnvelope {
  const fact: OrderFact = {
    type: 'OrderCreated',
    data: { ...created.data, lines: [], couponCode: 'x'.repeat(bytes) },
  };
  return toEnvelope({ ...orderAfter(), orderId }, fact, 1, { actor: 'saga', occurredAt: AT, key: null });
}

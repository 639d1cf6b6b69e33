// What never changes of an order, from its first event: only OrderCreated holds the lines.
import type { EventEnvelope } from '../domain/event-envelope';
import type { OrderHead } from '../domain/order';
import type { OrderLine } from '../domain/order-events';
import { tenantOf } from '../domain/scope';
import { TerminalError } from '../errors';
import type { OrderStore, PlacedOrder } from '../ports/order-store';
import { readStoredEvent } from './read-event';

/** From the first event of a stream as it was stored; undefined when that is none that creates an order. */
export function placedIn(first: EventEnvelope | undefined): PlacedOrder | undefined {
  if (first?.type !== 'OrderCreated') return undefined;
  const event = readStoredEvent(first);
  if (event.type !== 'OrderCreated') return undefined;
  const { tenantId, customerId, lines } = event.data;
  return { tenantId, customerId, lines };
}

/** The lines of an order that is there. */
export async function linesOf(
  orders: Pick<OrderStore, 'placed'>,
  order: Pick<OrderHead, 'orderId' | 'tenantId'>,
): Promise<readonly OrderLine[]> {
  const placed = await orders.placed(tenantOf(order), order.orderId);
  if (placed === undefined)
    throw new TerminalError('ORDER_VANISHED', `order ${order.orderId} is gone from the store`);
  return placed.lines;
}

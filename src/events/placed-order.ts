// What never changes of an order, from its first event: only OrderCreated holds the lines.
import type { EventEnvelope } from '../domain/event-envelope';
import type { OrderHead } from '../domain/order';
import type { OrderLine } from '../domain/order-events';
import type { Sealed } from '../domain/personal-data';
import { tenantOf } from '../domain/scope';
import { TerminalError } from '../errors';
import type { OrderStore, PlacedOrder } from '../ports/order-store';
import { readStoredEvent } from './read-event';

/** From the first event of a stream as it was stored; undefined when that is none that creates an order. */
export function placedIn(first: EventEnvelope | undefined): PlacedOrder | undefined {
  if (first?.type !== 'OrderCreated') return undefined;
  const event = readStoredEvent(first);
  if (event.type !== 'OrderCreated') return undefined;
  const { tenantId, customerId, lines, payments, contact } = event.data;
  const paymentTokens = payments.map(({ token }) => token);
  return { tenantId, customerId, lines, paymentTokens, ...(contact === undefined ? {} : { contact }) };
}

type Orders = Pick<OrderStore, 'placed'>;
type PlacedId = Pick<OrderHead, 'orderId' | 'tenantId'>;

/** The lines of an order that is there. */
export async function linesOf(orders: Orders, order: PlacedId): Promise<readonly OrderLine[]> {
  return (await placedOf(orders, order)).lines;
}

/** The tokens of an order's payments, encrypted, in their order; undefined for one without. */
export async function paymentTokensOf(
  orders: Orders,
  order: PlacedId,
): Promise<readonly (Sealed | undefined)[]> {
  return (await placedOf(orders, order)).paymentTokens;
}

/** What never changes of an order that is there. */
export async function placedOf(orders: Orders, order: PlacedId): Promise<PlacedOrder> {
  const placed = await orders.placed(tenantOf(order), order.orderId);
  if (placed === undefined)
    throw new TerminalError('ORDER_VANISHED', `order ${order.orderId} is gone from the store`);
  return placed;
}

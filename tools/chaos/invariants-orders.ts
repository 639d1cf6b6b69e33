// Invariants of orders: what clients were promised, and that nothing is left over.
import { isRejected } from '../../src/domain/approval';
import type { Order } from '../../src/domain/order';
import { GIVEN_UP, WORN_OUT, type Facts } from './facts';

/** Whether an operator has been asked: such an order is not for the saga to finish, and it is listed. */
export const needsOperator = ({ saga }: Order): boolean => saga.needsIntervention;

/** The orders by the key they came under: clients send the key as correlation id too. */
export function byKey(orders: readonly Order[]): ReadonlyMap<string, readonly Order[]> {
  const found = new Map<string, Order[]>();
  for (const order of orders) {
    const same = found.get(order.correlationId);
    if (same === undefined) found.set(order.correlationId, [order]);
    else same.push(order);
  }
  return found;
}

/** Keys of orders that came as messages only and lie among the dead letters: an operator has to send them again. */
export function wornOut({ sent, orders, deadLetters }: Facts): ReadonlySet<string> {
  const found = byKey(orders);
  const given = new Set(
    deadLetters.flatMap(({ entity, messageId, reason }) =>
      entity === 'orders' && [WORN_OUT, GIVEN_UP].includes(reason) ? [messageId] : [],
    ),
  );
  return new Set(
    sent.flatMap(({ planned: { key, bad }, taken }) =>
      bad === undefined && given.has(key) && !taken.includes('http') && !found.has(key) ? [key] : [],
    ),
  );
}

export function acknowledgedOrders({ sent, orders }: Facts): string[] {
  const found = byKey(orders);
  const planned = new Set(sent.map((one) => one.planned.key));
  return [
    ...sent.flatMap((one) => {
      const { key, bad } = one.planned;
      const own = found.get(key) ?? [];
      const [order] = own;
      if (bad !== undefined) return own.length === 0 ? [] : [`bad input ${key} became an order`];
      if (one.taken.length === 0) return [`${key} was never taken`];
      if (own.length > 1) return [`${key} became ${own.length} orders`];
      if (order === undefined) return [`${key} was taken by ${one.taken.join(', ')} and is not there`];
      const others = [...one.orderIds].filter((id) => id !== order.orderId);
      if (others.length > 0)
        return [`${key} is ${order.orderId}, and was answered with ${others.join(', ')}`];
      return order.ended || needsOperator(order)
        ? []
        : [`${key} (${order.orderId}) is still ${order.status}`];
    }),
    ...orders.flatMap(({ correlationId, orderId }) =>
      planned.has(correlationId) ? [] : [`${orderId} is an order that no client sent (${correlationId})`],
    ),
    ...sent.flatMap(({ planned: { key }, odd }) => odd.map((says) => `${key}: ${says}`)),
  ];
}

/** S7: accepted is a promise, refused leaves no trace. */
export function promisedCancels({ sent, orders }: Facts): string[] {
  const found = byKey(orders);
  return sent.flatMap(({ planned: { key }, cancels }) => {
    const [order] = found.get(key) ?? [];
    if (order === undefined || needsOperator(order)) return [];
    const isCancelled = order.status === 'cancelled';
    if (cancels.includes(202) && !isCancelled) return [`${key} was to be cancelled and is ${order.status}`];
    return isCancelled && !cancels.includes(202) && !isRejected(order)
      ? [`${key} is cancelled although no cancel was accepted`]
      : [];
  });
}

export function quietEnd({ queued, parked, unfinished, crashes }: Facts): string[] {
  return [
    ...queued.map((messageId) => `message ${messageId} is still on the queue`),
    ...parked.map(({ source, reason }) => `${source} parked a document: ${reason}`),
    ...unfinished.map(
      ({ instanceId, runtimeStatus }) => `the orchestration ${instanceId} is ${runtimeStatus}`,
    ),
    ...crashes,
  ];
}

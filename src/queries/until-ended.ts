// Waiting for the end of an order that was just placed.
import { setTimeout as wait } from 'node:timers/promises';
import type { Order } from '../domain/order';
import { tenantOf } from '../domain/scope';
import { TransientError } from '../errors';
import type { OrderStore } from '../ports/order-store';

const POLL_MS = 100;

/**
 * The order as it is when it has ended, or when the time is up; the saga goes on either way. A store that is away
 * meanwhile is asked again: the order is taken, and whoever heard otherwise would order a second time.
 */
export async function untilEnded(
  orders: Pick<OrderStore, 'read'>,
  placed: Order,
  waitSeconds: number,
): Promise<Order> {
  const untilMs = performance.now() + waitSeconds * 1_000;
  let order = placed;
  while (!order.ended && performance.now() < untilMs) {
    await wait(POLL_MS);
    order = await readAgain(orders, order);
  }
  return order;
}

async function readAgain(orders: Pick<OrderStore, 'read'>, order: Order): Promise<Order> {
  try {
    return { ...order, ...(await orders.read(tenantOf(order), order.orderId))?.order };
  } catch (error) {
    if (error instanceof TransientError) return order;
    throw error;
  }
}

// Look-up of the order that a route names: the order, or the problem that there is none.
import type { OrderHead } from '../domain/order';
import type { Scope } from '../domain/scope';
import type { OrderStore } from '../ports/order-store';
import { HttpProblem } from './http';

/** The order with this id; a NOT_FOUND problem when there is none in the scope (S19). */
export async function findOrder(
  orders: Pick<OrderStore, 'read'>,
  scope: Scope,
  id: string,
): Promise<OrderHead> {
  const orderId = orderIdOf(id);
  const stored = await orders.read(scope, orderId);
  if (stored === undefined) throw noSuchOrder(orderId);
  return stored.order;
}

/** Every order id is a UUID: anything else is no order, and never reaches the store. */
export function orderIdOf(id: string): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) throw noSuchOrder(id);
  return id;
}

export function noSuchOrder(id: string): HttpProblem {
  return new HttpProblem('NOT_FOUND', `There is no order ${id.slice(0, 100)}`);
}

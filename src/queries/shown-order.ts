// An order as the API shows it, with the lines that its document does not hold.
import type { OrderHead } from '../domain/order';
import { linesOf } from '../events/placed-order';
import type { OrderStore } from '../ports/order-store';
import { toOrderView, type OrderView } from './order-view';

/** As the API shows it: one read more, unless this process has placed the order. */
export async function shownOrder(orders: Pick<OrderStore, 'placed'>, order: OrderHead): Promise<OrderView> {
  return toOrderView({ ...order, lines: await linesOf(orders, order) });
}

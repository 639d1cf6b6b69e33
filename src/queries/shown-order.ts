// An order as the API shows it, with the lines that its document does not hold, and with personal data for who may see it.
import type { OrderHead } from '../domain/order';
import type { ERASED } from '../domain/personal-data';
import { type Contact, type ShippingAddress } from '../domain/personal-data';
import { openAddress, openContact } from '../events/personal-fields';
import { linesOf, placedOf } from '../events/placed-order';
import type { FieldCipher } from '../ports/field-cipher';
import type { OrderStore } from '../ports/order-store';
import { toOrderView, type OrderView } from './order-view';

type Placed = Pick<OrderStore, 'placed'>;

/** As the API shows it: one read more, unless this process has placed the order. */
export async function shownOrder(orders: Placed, order: OrderHead): Promise<OrderView> {
  return toOrderView({ ...order, lines: await linesOf(orders, order) });
}

/** What whoever may look at orders, and not at persons, is shown in the place of personal data. */
export const WITHHELD = 'withheld';

type Shown<T> = T | typeof ERASED | typeof WITHHELD | null;

/** An order with where it goes and how its customer is reached; null where the customer gave nothing. */
export interface OrderDetails extends OrderView {
  readonly shippingAddress: Shown<ShippingAddress>;
  readonly contact: Shown<Contact>;
}

/** As `shownOrder`; without `cipher` personal data is withheld. */
export async function orderDetails(
  orders: Placed,
  order: OrderHead,
  cipher: FieldCipher | undefined,
): Promise<OrderDetails> {
  const { lines, contact } = await placedOf(orders, order);
  const view = toOrderView({ ...order, lines });
  if (cipher === undefined)
    return {
      ...view,
      shippingAddress: order.shippingAddress === null ? null : WITHHELD,
      contact: contact === undefined ? null : WITHHELD,
    };
  return {
    ...view,
    shippingAddress: await openAddress(cipher, order, order.shippingAddress),
    contact: await openContact(cipher, order, contact),
  };
}

// An order as the API shows it, with the lines that its document does not hold, and with personal data for who may see it.
import type { OrderHead } from '../domain/order';
import { ERASED, type Contact, type ShippingAddress } from '../domain/personal-data';
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

/** `erased` on demand of the customer; `withheld` from whoever may look at orders, and not at persons. */
export const PERSONAL_DATA = ['none', 'shown', 'withheld', 'erased'] as const;

/** An order with where it goes and how its customer is reached. */
export interface OrderDetails extends OrderView {
  readonly personalData: (typeof PERSONAL_DATA)[number];
  /** Null unless there is one, and it is shown. */
  readonly shippingAddress: ShippingAddress | null;
  readonly contact: Contact | null;
}

/** As `shownOrder`; without `cipher` personal data is withheld. */
export async function orderDetails(
  orders: Placed,
  order: OrderHead,
  cipher: FieldCipher | undefined,
): Promise<OrderDetails> {
  const { lines, contact: sealedContact } = await placedOf(orders, order);
  const view = toOrderView({ ...order, lines });
  const hidden = { ...view, shippingAddress: null, contact: null };
  if (order.shippingAddress === null && sealedContact === undefined)
    return { ...hidden, personalData: 'none' };
  if (cipher === undefined) return { ...hidden, personalData: 'withheld' };
  const shippingAddress = await openAddress(cipher, order, order.shippingAddress);
  const contact = await openContact(cipher, order, sealedContact);
  // One key encrypts both.
  return shippingAddress === ERASED || contact === ERASED
    ? { ...hidden, personalData: 'erased' }
    : { ...view, personalData: 'shown', shippingAddress, contact };
}

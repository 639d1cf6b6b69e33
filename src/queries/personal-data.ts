// Export of everything personal that is held on a customer, order by order.
import type { OrderHead } from '../domain/order';
import { ERASED, type Contact, type ShippingAddress } from '../domain/personal-data';
import { returnsOf } from '../domain/return-state';
import type { CustomerScope } from '../domain/scope';
import { openToken } from '../events/personal-fields';
import { placedOf } from '../events/placed-order';
import type { CustomerData } from '../ports/customer-data';
import type { FieldCipher } from '../ports/field-cipher';
import type { OrderStore } from '../ports/order-store';
import { orderDetails, type OrderDetails } from './shown-order';

export interface ExportPorts {
  readonly orders: Pick<OrderStore, 'placed'>;
  readonly customers: CustomerData;
  readonly cipher: FieldCipher;
}

export interface PersonalDataOfCustomer {
  readonly customerId: string;
  readonly orders: readonly PersonalDataOfOrder[];
}

export interface PersonalDataOfOrder {
  readonly orderId: string;
  readonly placedAt: string;
  readonly items: readonly {
    readonly productId: string;
    readonly productName: string;
    readonly quantity: number;
  }[];
  readonly personalData: OrderDetails['personalData'];
  readonly shippingAddress: ShippingAddress | null;
  readonly contact: Contact | null;
  /** Without their middle: whoever reads the export must not be able to pay with it. */
  readonly paymentTokens: readonly (string | null)[];
  readonly returnReasons: readonly string[];
}

/** The data of the orders after the one with the id `after`; at most `limit` orders. */
export async function personalDataOf(
  ports: ExportPorts,
  scope: CustomerScope,
  after: string,
  limit: number,
): Promise<readonly PersonalDataOfOrder[]> {
  const heads = await ports.customers.orders(scope, after, limit);
  return Promise.all(heads.map((head) => ofOrder(ports, head)));
}

async function ofOrder({ orders, cipher }: ExportPorts, head: OrderHead): Promise<PersonalDataOfOrder> {
  const { lines, paymentTokens } = await placedOf(orders, head);
  const { personalData, shippingAddress, contact } = await orderDetails(orders, head, cipher);
  const tokens = paymentTokens.map((token, index) => openToken(cipher, head, index, token));
  return {
    orderId: head.orderId,
    placedAt: head.createdAt,
    items: lines.map(({ productId, productName, quantity }) => ({ productId, productName, quantity })),
    ...{ personalData, shippingAddress, contact },
    paymentTokens: (await Promise.all(tokens)).map((token) =>
      token === null || token === ERASED ? token : masked(token.token),
    ),
    returnReasons: returnsOf(head).map(({ reason }) => reason),
  };
}

const SHOWN = 4;

function masked(token: string): string {
  return token.length <= 3 * SHOWN ? '…' : `${token.slice(0, SHOWN)}…${token.slice(-SHOWN)}`;
}

// Invariants of the effects at the services: each once, and in sum what the orders amount to.
import { needsShipping, type Order } from '../../src/domain/order';
import { isReturnEnded, returnsOf } from '../../src/domain/return-state';
import type { Effect, Facts } from './facts';
import { needsOperator } from './invariants-orders';

export function effectsOnce({ ledger }: Facts): string[] {
  const seen = new Set<string>();
  return ledger.flatMap(({ effect, key }) => {
    const once = `${effect} ${key}`;
    if (seen.has(once)) return [`${effect} happened twice under ${key}`];
    seen.add(once);
    return [];
  });
}

const UNDOES: Readonly<Record<string, string>> = {
  stockReleased: 'stockReserved',
  couponCancelled: 'couponRedeemed',
  refunded: 'charged',
  shipmentCancelled: 'shipmentCreated',
};

/** Order by order, then in sum; of orders that an operator was asked about only what is stored is believed. */
export function moneyBalances({ orders, ledger }: Facts): string[] {
  const effects = byOrder(ledger);
  const known = new Map(orders.map((order) => [order.orderId, order]));
  const wrong = [...effects].flatMap(([orderId, own]) => {
    const order = known.get(orderId);
    if (order === undefined)
      return [`${orderId} is no order and has ${own.map(({ effect }) => effect).join(', ')}`];
    if (needsOperator(order)) return [];
    return [...kept(order, own)];
  });
  const settled = orders.filter((order) => !needsOperator(order) && returnsOf(order).every(isReturnEnded));
  const dueMinor = sum(settled.filter(isCompleted).map(keptMinor));
  const minor = (effect: string): number =>
    sum(
      settled.flatMap(({ orderId }) =>
        (effects.get(orderId) ?? []).map((one) => (one.effect === effect ? (one.amount ?? 0) : 0)),
      ),
    );
  const netMinor = minor('charged') - minor('refunded');
  return netMinor === dueMinor
    ? wrong
    : [...wrong, `charged less refunded is ${netMinor}, the completed orders come to ${dueMinor}`];
}

/** What was due, less what its returns have given back. */
function keptMinor(order: Order): number {
  const closed = returnsOf(order).filter(({ status }) => status === 'closed');
  return order.amountDueMinor - sum(closed.map(({ amountMinor }) => amountMinor ?? 0));
}

/** Whether a line of the ledger is of a return, and not of the order itself. */
const isOfReturn = ({ key }: Effect): boolean => key.includes(':return:');

/** A completed order has all its effects and none undone; any other has each undone. */
function* kept(order: Order, all: readonly Effect[]): Generator<string> {
  const own = all.filter((effect) => !isOfReturn(effect));
  const isPutBack = !needsShipping(order) && own.some(({ effect }) => effect === 'stockReleased');
  const names = namesOf(own);
  const says = `order ${order.orderId} is ${order.status} with ${names.join(', ') || 'no effect'}`;
  // Where nothing is shipped a confirmation that was not recorded is taken back with the reservation.
  const standing = standingOf(own).filter((effect) => !isPutBack || effect !== 'stockConfirmed');
  const expected = isCompleted(order) ? effectsOf(order) : [];
  if (standing.join() !== expected.join()) yield says;
  for (const { effect, key, amount } of own) {
    const due = order.payments[Number(key.split(':')[2] ?? 1) - 1]?.amountMinor;
    if (effect === 'charged' && amount !== due)
      yield `order ${order.orderId}: ${key} over ${due} was charged ${amount}`;
  }
}

/** What a completed order has done: with a coupon that was taken, once for each part that is charged, and with a parcel if need be. */
function effectsOf(order: Order): readonly string[] {
  const { coupon, payments } = order;
  const charges = payments.filter(({ amountMinor }) => amountMinor > 0).map(() => 'charged');
  const redeemed = coupon?.status === 'applied' ? ['couponRedeemed'] : [];
  const shipped = needsShipping(order) ? ['shipmentCreated'] : [];
  return [...charges, ...redeemed, ...shipped, 'stockConfirmed', 'stockReserved'];
}

const TOLD: Readonly<Record<string, string>> = {
  StockReleased: 'stockReleased',
  CouponCancelled: 'couponCancelled',
  PaymentRefunded: 'refunded',
  ShipmentCancelled: 'shipmentCancelled',
};

/** S25: closing the key of what never happened is recorded as nothing; also of orders that an operator was asked about. */
export function undoingsAreTrue({ streams, ledger }: Facts): string[] {
  const effects = byOrder(ledger);
  return [...streams].flatMap(([orderId, events]) => {
    const names = namesOf(effects.get(orderId) ?? []);
    return events.flatMap(({ type, data }) => {
      const undone = TOLD[type];
      // Nothing was due: a refund of 0 is told and not made.
      const isFree = 'amountMinor' in data && data.amountMinor === 0;
      const isTrue = undone === undefined || isFree || names.includes(undone);
      return isTrue ? [] : [`order ${orderId} says ${type}, and nothing was undone`];
    });
  });
}

const namesOf = (own: readonly Effect[]): string[] =>
  own.map(({ effect }) => effect).filter((effect) => effect !== 'notified');

/** What was done and is not undone, by name. */
function standingOf(own: readonly Effect[]): string[] {
  const undone = own.flatMap(({ effect, key }) => (effect in UNDOES ? [`${UNDOES[effect]} ${key}`] : []));
  const stands = own.filter(({ effect, key }) => !(effect in UNDOES) && !undone.includes(`${effect} ${key}`));
  return namesOf(stands).sort();
}

/** Orders about which an operator is asked though nothing that was done stands: no harm, and a person's time. */
export function needlesslyAsked({ orders, ledger }: Pick<Facts, 'orders' | 'ledger'>): string[] {
  const effects = byOrder(ledger);
  return orders
    .filter((order) => needsOperator(order) && standingOf(effects.get(order.orderId) ?? []).length === 0)
    .map(({ orderId }) => orderId);
}

/** Sold is what completed orders hold, less what came back; reserved is nothing, but for orders that wait for an operator. */
export function stockBalances({ orders, ledger, stock }: Facts): string[] {
  const effects = byOrder(ledger);
  return stock.flatMap(({ productId, supplied, onHand, reserved }) => {
    const pieces = (isMeant: (names: readonly string[]) => boolean): number =>
      sum(
        orders.map(({ orderId, lines }) => {
          const names = (effects.get(orderId) ?? []).map(({ effect }) => effect);
          return isMeant(names)
            ? sum(lines.filter((line) => line.productId === productId).map(quantityOf))
            : 0;
        }),
      );
    const sold = pieces((names) => names.includes('stockConfirmed') && !names.includes('stockReleased'));
    const open = pieces(
      (names) =>
        names.includes('stockReserved') &&
        !names.includes('stockReleased') &&
        !names.includes('stockConfirmed'),
    );
    const back = sum(orders.map((order) => restocked(order, productId, effects.get(order.orderId) ?? [])));
    return [
      ...(supplied - sold + back === onHand
        ? []
        : [`${productId}: ${supplied} supplied, ${sold} sold, ${back} back, ${onHand} on hand`]),
      ...(reserved === open ? [] : [`${productId}: ${reserved} reserved, ${open} by the ledger`]),
    ];
  });
}

/** Pieces of a product that the returns of an order have put back on the shelf, where the ledger has it. */
function restocked(order: Order, productId: string, own: readonly Effect[]): number {
  const put = own.filter(({ effect }) => effect === 'restocked');
  return sum(
    returnsOf(order)
      .filter(({ number }) => put.some(({ key }) => key.startsWith(`${order.orderId}:return:${number}:`)))
      .flatMap(({ lines }) => lines.filter((line) => line.productId === productId))
      .map(({ accepted, damaged }) => accepted - damaged),
  );
}

/** What came last by its own time counts, in whatever order and however often it came. */
export function echoes({ echoes: found }: Facts): string[] {
  return found.flatMap(({ productId, published, echoed }) =>
    echoed === published
      ? []
      : [`of ${productId} the inventory view says ${echoed ?? 'nothing'} and the last event ${published}`],
  );
}

const isCompleted = ({ status }: Order): boolean => status === 'completed';
const quantityOf = ({ quantity }: { readonly quantity: number }): number => quantity;
export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** The lines of the ledger by order. */
export function byOrder(ledger: readonly Effect[]): ReadonlyMap<string, readonly Effect[]> {
  const found = new Map<string, Effect[]>();
  for (const effect of ledger) {
    const own = found.get(effect.orderId);
    if (own === undefined) found.set(effect.orderId, [effect]);
    else own.push(effect);
  }
  return found;
}

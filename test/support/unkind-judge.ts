// Comparison of an order with the ledger of the services, whatever happened to the hosts that ran its saga.
import type { EventEnvelope } from '../../src/domain/event-envelope';
import { isRejected, lacksApproval } from '../../src/domain/approval';
import { needsShipping, type OrderHead } from '../../src/domain/order';
import { isReturnEnded, returnsOf, type ReturnState } from '../../src/domain/return-state';
import type { Effect } from './fake-services';

/** What is wrong with an order, by the kinds in which the real host was seen to fail. */
export const KINDS = [
  /** Charged and not refunded to the last amount, not completed, and no operator is asked. */
  'keptMoney',
  /** Shipped, not called back, not completed, and no operator is asked. */
  'parcelOut',
  /** A coupon in use, not completed, and no operator is asked. */
  'keptCoupon',
  /** Completed, and charged less refunded is not what is due. */
  'wrongMoney',
  /** Reserved, not released, not completed (nor confirmed, while it may yet be), and no operator is asked. */
  'keptStock',
  /** Nobody cancelled, nothing refused, and the order failed. */
  'goodOrderFailed',
  /** Completed, and something of what was sold is not there or was undone. */
  'completedForNothing',
  /** No end, and no operator is asked. */
  'noEnd',
  /** The stream says that something was refunded, or called back, that never was done. */
  'undoneNothing',
  /** A cancel that was accepted, and the order completed. */
  'cancelForgotten',
  /** An effect twice. */
  'twice',
  /** A return has not ended, and no operator is asked. */
  'openReturn',
  /** A return gave back or restocked something else than was promised. */
  'wrongReturn',
  /** Shipped above the limit without an approval, or not cancelled after a rejection. */
  'unapproved',
] as const;

export type Kind = (typeof KINDS)[number];

export interface Evidence {
  readonly order: OrderHead;
  readonly events: readonly EventEnvelope[];
  readonly ledger: readonly Effect[];
  /** Whether this scenario completes when no host dies. */
  readonly isGood: boolean;
  readonly cancel: 'none' | 'accepted' | 'refused';
}

/** Every kind in which this order is wrong. */
export function judge({ order, events, ledger: all, isGood, cancel }: Evidence): Kind[] {
  const ledger = all.filter(({ key }) => !key.includes(':return:'));
  const count = (effect: string): number => ledger.filter((entry) => entry.effect === effect).length;
  const told = (type: string): boolean => events.some((event) => event.type === type);
  const isCompleted = order.status === 'completed' || order.status === 'delivered';
  const { needsIntervention } = order.saga;
  const sum = (effect: string): number =>
    ledger.reduce((all, entry) => all + (entry.effect === effect ? (entry.amountMinor ?? 0) : 0), 0);
  const keptMinor = sum('charged') - sum('refunded');
  const keys = all.map(({ effect, key }) => `${effect} ${key}`);
  const isOpen = (done: string, undone: string): boolean => count(done) > count(undone);
  const kept = !isCompleted && !needsIntervention;
  const found: [Kind, boolean][] = [
    ['keptMoney', kept && keptMinor !== 0],
    ['keptCoupon', kept && isOpen('couponRedeemed', 'couponCancelled')],
    ['wrongMoney', isCompleted && keptMinor !== order.amountDueMinor],
    ['parcelOut', kept && isOpen('shipmentCreated', 'shipmentCancelled')],
    [
      'keptStock',
      kept && count('stockReserved') > count('stockReleased') + (order.ended ? 0 : count('stockConfirmed')),
    ],
    ['goodOrderFailed', isGood && cancel === 'none' && order.status === 'failed'],
    [
      'completedForNothing',
      isCompleted &&
        !(
          isOpen('charged', 'refunded') &&
          (needsShipping(order)
            ? isOpen('shipmentCreated', 'shipmentCancelled')
            : isOpen('stockConfirmed', 'stockReleased'))
        ),
    ],
    ['noEnd', !order.ended && !needsIntervention],
    [
      'undoneNothing',
      (told('PaymentRefunded') && count('charged') === 0) ||
        (told('CouponCancelled') && count('couponRedeemed') === 0) ||
        (told('ShipmentCancelled') && count('shipmentCreated') === 0),
    ],
    ['cancelForgotten', cancel === 'accepted' && isCompleted],
    ['twice', new Set(keys).size < keys.length],
    ['openReturn', returnsOf(order).some((one) => !isReturnEnded(one)) && !needsIntervention],
    ['wrongReturn', returnsOf(order).some((one) => isWrong(one, order.orderId, all))],
    [
      'unapproved',
      (isCompleted && lacksApproval(order)) ||
        (isRejected(order) && order.ended && order.status !== 'cancelled'),
    ],
  ];
  return found.flatMap(([kind, isSo]) => (isSo ? [kind] : []));
}

/** A return that is not closed has given back nothing, unless it was promised and waits for an operator. */
function isWrong(
  { number, status, saga, amountMinor, lines }: ReturnState,
  orderId: string,
  ledger: readonly Effect[],
): boolean {
  if (saga.needsIntervention) return false;
  const own = ledger.filter(({ key }) => key.startsWith(`${orderId}:return:${number}:`));
  const refunded = own.reduce(
    (sum, entry) => sum + (entry.effect === 'refunded' ? (entry.amountMinor ?? 0) : 0),
    0,
  );
  const isRestocked = own.some(({ effect }) => effect === 'restocked');
  const isClosed = status === 'closed';
  if (!isReturnEnded({ status })) return refunded > (amountMinor ?? 0);
  const toRestock = isClosed && lines.some(({ accepted, damaged }) => accepted > damaged);
  return refunded !== (isClosed ? amountMinor : 0) || isRestocked !== toRestock;
}

// Invariants of what people decide: answers about orders above the limit, and returns with what they give back.
import type { Order } from '../../src/domain/order';
import { isReturnEnded, returnOf, returnsOf, type ReturnState } from '../../src/domain/return-state';
import type { Effect, Facts } from './facts';
import { byOrder, sum } from './invariants-effects';
import { byKey, needsOperator } from './invariants-orders';
import type { SentReturn } from './sent';

/** S15: the first answer counts, whoever gave it was told so, and nothing above the limit is sent without one. */
export function approvals({ sent, orders }: Facts): string[] {
  const found = byKey(orders);
  return sent.flatMap(({ planned: { key, approval, bad }, approvals: answers }) => {
    const [order] = found.get(key) ?? [];
    if (approval === undefined || bad !== undefined || order === undefined || needsOperator(order)) return [];
    const answer = order.saga.approval?.answer?.kind;
    const wasTaken = answers.includes(202);
    const says = `${key} is ${order.status} (${order.failureCode ?? 'no failure'}), its approval ${answer ?? 'not answered'}`;
    const isRight =
      (order.status !== 'completed' || (answer === 'approved' && approval === 'approve')) &&
      (!wasTaken || answer === (approval === 'approve' ? 'approved' : 'rejected')) &&
      (answer !== 'rejected' || order.status === 'cancelled');
    return isRight ? [] : [`${says}; planned was ${approval}${wasTaken ? ', and taken' : ''}`];
  });
}

/** S15, S23: of inspection, cancel and time-out one counts, and its client was told so. */
export function returnsKeepTheirWord({ sent, orders }: Facts): string[] {
  const found = byKey(orders);
  return sent.flatMap(({ planned: { key }, returns }) => {
    const [order] = found.get(key) ?? [];
    if (order === undefined) return [];
    const numbers = new Set(returns.map(({ number }) => number));
    const stored = returnsOf(order);
    return [
      ...(numbers.size === returns.length && stored.length === returns.length
        ? []
        : [
            `${key} has ${stored.length} returns of ${returns.length} requested, numbered ${[...numbers].join(', ')}`,
          ]),
      ...returns.flatMap((one) => wordOf(returnOf(order, one.number), one).map((says) => `${key}: ${says}`)),
    ];
  });
}

function wordOf(found: ReturnState | undefined, { number, inspections, cancels }: SentReturn): string[] {
  if (found === undefined) return [`return ${number} is not there`];
  if (found.saga.needsIntervention) return [];
  const { status, amountMinor, rejection } = found;
  const isCancelled = rejection?.kind === 'cancelled';
  return [
    ...(isReturnEnded(found) ? [] : [`return ${number} is still ${status}`]),
    ...(inspections.includes(202) === (amountMinor !== null)
      ? []
      : [`return ${number} is ${status}, and its inspection was answered ${inspections.join()}`]),
    ...(cancels.includes(202) === isCancelled
      ? []
      : [`return ${number} is ${status}, and its cancel was answered ${cancels.join()}`]),
  ];
}

/** S16: what was accepted is given back and put on the shelf once, nothing else is, and no charge gives back more than it took. */
export function returnsGiveBack({ orders, ledger }: Facts): string[] {
  const effects = byOrder(ledger);
  return orders.flatMap((order) => {
    const own = effects.get(order.orderId) ?? [];
    const returns = returnsOf(order).filter(({ saga }) => !saga.needsIntervention);
    return [
      ...returns.flatMap((one) => givenBack(order, one, own)),
      ...overRefunded(own),
      ...(returns.length === returnsOf(order).length ? wrongShare(order, own) : []),
    ].map((says) => `order ${order.orderId}: ${says}`);
  });
}

function givenBack(
  { orderId }: Order,
  { number, status, amountMinor, lines }: ReturnState,
  own: readonly Effect[],
): string[] {
  const ofReturn = own.filter(
    ({ key, effect }) => key.startsWith(`${orderId}:return:${number}:`) && effect !== 'notified',
  );
  const refunded = minorOf(ofReturn, 'refunded');
  const promised = status === 'closed' ? (amountMinor ?? 0) : 0;
  const isRestocked = ofReturn.some(({ effect }) => effect === 'restocked');
  const toRestock = status === 'closed' && lines.some(({ accepted, damaged }) => accepted > damaged);
  return [
    ...(refunded === promised
      ? []
      : [`return ${number} is ${status} over ${promised}, and ${refunded} was given back`]),
    ...(isRestocked === toRestock
      ? []
      : [`return ${number} is ${status}, and was ${isRestocked ? '' : 'not '}restocked`]),
  ];
}

/** Charge by charge, refunds of the order itself included. */
function overRefunded(own: readonly Effect[]): string[] {
  const charges = own.filter(({ effect }) => effect === 'charged');
  const refunds = own.filter(({ effect }) => effect === 'refunded');
  return [...new Set(refunds.map(({ reference }) => reference))].flatMap((reference) => {
    const of = (lines: readonly Effect[]): number =>
      sum(lines.filter((line) => line.reference === reference).map(({ amount = 0 }) => amount));
    return of(refunds) <= of(charges)
      ? []
      : [`${of(refunds)} of ${reference} was refunded, and ${of(charges)} charged`];
  });
}

/** What all its returns gave back: the share that the accepted pieces have in the price, of what was paid. */
function wrongShare(order: Order, own: readonly Effect[]): string[] {
  const closed = returnsOf(order).filter(({ status }) => status === 'closed');
  const acceptedMinor = sum(
    closed.flatMap(({ lines }) => lines.map(({ accepted, unitPriceMinor }) => accepted * unitPriceMinor)),
  );
  const share = Math.floor((order.amountDueMinor * acceptedMinor) / order.totalMinor);
  const refunded = minorOf(
    own.filter(({ key }) => key.includes(':return:')),
    'refunded',
  );
  return refunded === share
    ? []
    : [`its returns gave ${refunded} back, and the share of what was accepted is ${share}`];
}

const minorOf = (lines: readonly Effect[], name: string): number =>
  sum(lines.map(({ effect, amount = 0 }) => (effect === name ? amount : 0)));

// Text of the outcome of a chaos run, for the terminal.
import { needsShipping } from '../../src/domain/order';
import { returnsOf } from '../../src/domain/return-state';
import type { Facts } from './facts';
import { needlesslyAsked } from './invariants-effects';
import { needsOperator } from './invariants-orders';

export function countsText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([kind, times]) => `${kind} ${times}`)
    .join(', ');
}

const reasonOf = ({ failureCode, failureDetailCode }: Facts['orders'][number]): string =>
  failureDetailCode ?? failureCode ?? 'nothing said';

function countedBy(names: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** What people decided: approvals and returns. */
function decidedText(orders: Facts['orders']): string[] {
  const returns = countedBy(orders.flatMap((order) => returnsOf(order).map(({ status }) => status)));
  const answers = countedBy(orders.flatMap(({ saga }) => saga.approval?.answer?.kind ?? []));
  const unshipped = orders.filter((order) => !needsShipping(order) && order.status === 'completed').length;
  return [
    `approvals: ${countsText(answers) || 'none'}; returns: ${countsText(returns) || 'none'}; ${unshipped} completed without a parcel`,
  ];
}

/** What became of the orders, for the terminal. */
export function outcomeText(facts: Facts | undefined): string {
  if (facts === undefined) return 'nothing is known of the orders: the system could not be read';
  const { orders, sent } = facts;
  const statuses = countedBy(orders.map(({ status }) => status));
  const reasons = countedBy(orders.flatMap((order) => (order.status === 'failed' ? [reasonOf(order)] : [])));
  const bad = sent.filter(({ planned }) => planned.bad !== undefined).length;
  const takenUp = sent.flatMap(({ planned, isTakenUp }) => (isTakenUp ? [planned.key] : []));
  const asked = orders.filter(needsOperator).map(({ orderId }) => orderId);
  return [
    `${orders.length} orders: ${countsText(statuses)}; ${bad} times bad input`,
    ...decidedText(orders),
    ...(Object.keys(reasons).length === 0 ? [] : [`failed by: ${countsText(reasons)}`]),
    ...(takenUp.length === 0
      ? []
      : [`${takenUp.length} wore out their deliveries and were sent again: ${takenUp.join(', ')}`]),
    ...(asked.length === 0
      ? []
      : [
          `an operator is asked about ${asked.length}: ${asked.join(', ')}`,
          `nothing stands of ${needlesslyAsked(facts).length} of them`,
        ]),
  ].join('\n');
}

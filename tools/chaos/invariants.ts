// List of the invariants that must hold after a run, whatever was killed, broken or lost. Pure: facts in, violations
// out.
import type { Facts, Violation } from './facts';
import { echoes, effectsOnce, moneyBalances, stockBalances, undoingsAreTrue } from './invariants-effects';
import { acknowledgedOrders, promisedCancels, quietEnd } from './invariants-orders';
import { deadLettersAreBadInput, eventsAreTold, failuresAreTold, notifications } from './invariants-told';
import { dailyFigures, listedOrders, wholeStreams } from './invariants-streams';

/** By name; each gives one sentence per thing that is wrong. */
export const INVARIANTS: Readonly<Record<string, (facts: Facts) => readonly string[]>> = {
  'every acknowledged order exists once and has ended': acknowledgedOrders,
  'an accepted cancel ends the order as cancelled': promisedCancels,
  'nothing is stuck, parked or crashed': quietEnd,
  'every effect happens at most once': effectsOnce,
  'charges less refunds are the totals of completed orders': moneyBalances,
  'what is told as undone was undone': undoingsAreTrue,
  'stock is conserved': stockBalances,
  'the view of the stock is what was told last': echoes,
  'every stream is gapless and folds to its document': wholeStreams,
  'lists show what the streams say': listedOrders,
  'daily figures are what the streams say': dailyFigures,
  'every event is told in sequence, once per message id': eventsAreTold,
  'every failed order is told once': failuresAreTold,
  'customers are told of completed and cancelled orders once': notifications,
  'dead letters are the bad input, and all of it': deadLettersAreBadInput,
};

export function judge(facts: Facts): Violation[] {
  return Object.entries(INVARIANTS).flatMap(([invariant, check]) =>
    check(facts).map((says) => ({ invariant, says })),
  );
}

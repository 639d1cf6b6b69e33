// List of the invariants that must hold after a run, whatever was killed, broken or lost. Pure: facts in, violations
// out.
import type { Facts, Violation } from './facts';
import { echoes, effectsOnce, moneyBalances, stockBalances, undoingsAreTrue } from './invariants-effects';
import { acknowledgedOrders, promisedCancels, quietEnd } from './invariants-orders';
import { approvals, returnsGiveBack, returnsKeepTheirWord } from './invariants-people';
import {
  deadLettersAreBadInput,
  eventsArePublished,
  failuresAreQueued,
  notifications,
} from './invariants-messages';
import { dailyFigures, listedOrders, wholeStreams } from './invariants-streams';

/** By name; each gives one sentence per thing that is wrong. */
export const INVARIANTS: Readonly<Record<string, (facts: Facts) => readonly string[]>> = {
  'every acknowledged order exists once and has ended': acknowledgedOrders,
  'an accepted cancel ends the order as cancelled': promisedCancels,
  'the first answer about an approval decides the order': approvals,
  'what was answered about a return is kept': returnsKeepTheirWord,
  'returns give back and restock what was accepted, once': returnsGiveBack,
  'nothing is stuck, parked or crashed': quietEnd,
  'every effect happens at most once': effectsOnce,
  'charges less refunds are the totals of completed orders': moneyBalances,
  'every compensation on record has happened': undoingsAreTrue,
  'stock is conserved': stockBalances,
  'the inventory view equals the last published stock': echoes,
  'every stream is gapless and folds to its document': wholeStreams,
  'lists show what the streams say': listedOrders,
  'daily figures are what the streams say': dailyFigures,
  'every event is on the topic in sequence, once per message id': eventsArePublished,
  'every failed order is on the failure queue once': failuresAreQueued,
  'customers are notified of completed and cancelled orders once': notifications,
  'dead letters are the bad input, and all of it': deadLettersAreBadInput,
};

export function judge(facts: Facts): Violation[] {
  return Object.entries(INVARIANTS).flatMap(([invariant, check]) =>
    check(facts).map((says) => ({ invariant, says })),
  );
}

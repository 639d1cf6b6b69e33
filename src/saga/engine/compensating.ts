// Decisions while the saga compensates and while it writes its end: what the outcome of an undoing's call leads to. Pure;
// called by progress.ts, whose rules it cites.
import type { Called, Decision, Plan, Progress } from './decision';
import type { SagaTypes } from './definition';
import { callAt } from './entries';
import { failedCall, goForward, pause, undoNext } from './moves';
import { donePositions, nextToUndo } from './positions';
import { errorOf, isFree } from './step-failures';

/** How often writing the end is tried when something other than an outage keeps it from being written. */
const END_ATTEMPTS = 10;

/** progress.P4. */
export function calledBackward<T extends SagaTypes>(
  plan: Plan<T>,
  state: T['state'],
  progress: Progress<T>,
  { outcome, outagesWait }: Called,
): Decision<T> {
  const settled = { ...progress, settled: [...progress.settled, progress.position] };
  if (outcome.kind === 'done') return undoNext(plan, state, settled);
  // The stream says neither that the saga goes back nor that it was shipped: there was no reason to go back (progress.P1).
  if (outcome.kind === 'overtaken') return goForward(plan, state, progress);
  const error = errorOf(outcome);
  if (!mayHaveActed(plan, state, progress) && progress.facts.length === 0)
    return undoNext(plan, state, settled);
  const tried = failedCall(progress, error, isFree(outcome, outagesWait, progress));
  if (tried.attemptsUsed < plan.compensationRetry.maxAttempts) return pause(tried, plan.compensationRetry);
  if (!mayHaveActed(plan, state, progress)) return undoNext(plan, state, settled);
  const { name, entry } = callAt(plan, state, tried);
  const given = plan.compensationFailed(state, {
    step: name,
    undoes: entry?.name ?? name,
    attempts: tried.calls,
    lastError: error,
    reason: error.message,
  });
  return undoNext(plan, state, { ...tried, settled: settled.settled, facts: [...tried.facts, given] });
}

/** progress.P6. Whether anything shows that the entry was called. */
function mayHaveActed<T extends SagaTypes>(
  plan: Plan<T>,
  state: T['state'],
  { attempted, position }: Progress<T>,
): boolean {
  return attempted.includes(position) || donePositions(plan, state).includes(position);
}

/**
 * The end is written as soon as the store lets it be; only a bug uses up attempts, and the reconciler finds what is
 * left.
 */
export function calledAtTheEnd<T extends SagaTypes>(
  plan: Plan<T>,
  state: T['state'],
  progress: Progress<T>,
  { outcome }: Called,
): Decision<T> {
  if (outcome.kind === 'done') return { progress, command: { kind: 'finish' } };
  // The stream has something as done that is not undone (S24).
  if (outcome.kind === 'overtaken' && nextToUndo(plan, state, progress) !== null) {
    return undoNext(plan, state, progress);
  }
  // A cancel that was signalled and that the stream does not bear out (S22).
  if (
    outcome.kind === 'overtaken' &&
    progress.failure?.kind === 'cancelled' &&
    !plan.cancelRequested(state)
  ) {
    return goForward(plan, state, progress);
  }
  const tried = failedCall(progress, errorOf(outcome), isFree(outcome, true, progress));
  if (tried.attemptsUsed >= END_ATTEMPTS) return { progress: tried, command: { kind: 'finish' } };
  return pause(tried, plan.compensationRetry);
}

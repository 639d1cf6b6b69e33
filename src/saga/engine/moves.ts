// Moves of the saga as decisions: to the next entry, to the next undoing, back, to the end, into a pause. Pure; called by
// progress.ts, going-forward.ts and compensating.ts.
import type { Failure } from '../../domain/order-events';
import type { StepError } from '../../domain/outcome';
import { FRESH, type Decision, type Plan, type Progress } from './decision';
import type { RetryPolicy, SagaTypes } from './definition';
import { donePositions, nextPosition, nextToUndo, passedPositions } from './positions';

/** On to the next entry of the table that applies and is neither done nor passed, or to the end of the saga. */
export function nextStep<T extends SagaTypes>(
  plan: Plan<T>,
  state: T['state'],
  progress: Progress<T>,
): Decision<T> {
  const done = [...donePositions(plan, state), ...passedPositions(plan, state)];
  let position = nextPosition(plan, state, progress.position);
  while (position !== null && done.includes(position)) position = nextPosition(plan, state, position);
  if (position !== null) return { progress: { ...progress, ...FRESH, position }, command: { kind: 'call' } };
  return plan.isEnded(state) ? { progress, command: { kind: 'finish' } } : end(progress);
}

/** Makes the saga go back. CompensationStarted goes with the first undoing, which acts only once it is recorded (S23). */
export function goBack<T extends SagaTypes>(
  plan: Plan<T>,
  state: T['state'],
  progress: Progress<T>,
  failure: Failure,
): Decision<T> {
  const undoable = nextToUndo(plan, state, progress) !== null;
  const facts = undoable ? [...progress.facts, plan.compensationStarted(failure)] : progress.facts;
  return undoNext(plan, state, { ...progress, direction: 'backward', failure, facts });
}

/** Takes back the decision to go back: on to the first entry that is not done. */
export function goForward<T extends SagaTypes>(
  plan: Plan<T>,
  state: T['state'],
  progress: Progress<T>,
): Decision<T> {
  return nextStep(plan, state, {
    ...progress,
    ...{ direction: 'forward', position: -1, failure: null, facts: [] },
  });
}

/** On to the latest entry that may have happened, or to the end of the saga. */
export function undoNext<T extends SagaTypes>(
  plan: Plan<T>,
  state: T['state'],
  progress: Progress<T>,
): Decision<T> {
  const position = nextToUndo(plan, state, progress);
  if (position === null) {
    return plan.isEnded(state) && progress.facts.length === 0
      ? { progress, command: { kind: 'finish' } }
      : end(progress);
  }
  return {
    progress: { ...progress, ...FRESH, direction: 'backward', position },
    command: { kind: 'call' },
  };
}

/** On to the activity that writes how the saga ended. */
export function end<T extends SagaTypes>(progress: Progress<T>): Decision<T> {
  return { progress: { ...progress, ...FRESH, direction: 'ending' }, command: { kind: 'call' } };
}

/** Waits before the same call is made again, longer each time. */
export function pause<T extends SagaTypes>(progress: Progress<T>, retry: RetryPolicy): Decision<T> {
  const delayMs = backoffMs(retry, progress.calls);
  const refusedForMs = progress.isRefused ? progress.refusedForMs + delayMs : 0;
  return { progress: { ...progress, refusedForMs }, command: { kind: 'pause', delayMs } };
}

/** How long is waited after the call with that number. */
export function backoffMs(retry: RetryPolicy, calls: number): number {
  return Math.min(retry.maxDelayMs, retry.firstDelayMs * retry.factor ** (calls - 1));
}

/** A call that did not work; `free` when it used up no attempt (S11). */
export function failedCall<T extends SagaTypes>(
  progress: Progress<T>,
  error: StepError,
  free: boolean,
): Progress<T> {
  return { ...progress, lastError: error, attemptsUsed: progress.attemptsUsed + (free ? 0 : 1) };
}

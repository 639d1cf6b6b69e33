// Decisions of the saga, as two pure functions: `begin` before the first call, `decide` after each observation of the
// interpreter, which calls both. What an outcome leads to is in going-forward.ts and compensating.ts.
//
// progress.P1  The stream decides the direction (S23). Every decision looks first at what the state says: ended,
//   shipped, going back.
// progress.P2  An entry is possibly done from its first call on, unless it was refused for good; what is undone is
//   computed anew after every answer (S1, nextToUndo).
// progress.P3  Up to the pivot an interruption (cancel, saga timeout) makes the saga go back after the running call
//   (S2, S7, S8).
// progress.P4  Going back, entries are undone one at a time, latest first; one that fails stops no other (S4).
// progress.P5  After the pivot nothing is undone; a step that cannot be done opens an intervention (S9).
// progress.P6  An entry that nothing shows to have been called is closed by one call; should that fail, no operator is
//   asked: whatever happens under its key later is found by the late look-up (S27).
// progress.P7  A refusal that leaves nothing to be undone is in the stream before the end is. A run that begins there writes the
//   end: the step is not called again, nor its failure told twice (S26).
import type { Failure } from '../../domain/order-events';
import { FRESH, type Called, type Decision, type Observation, type Plan, type Progress } from './decision';
import type { SagaTypes } from './definition';
import { calledAtTheEnd, calledBackward } from './compensating';
import { calledAfterPivot, calledBeforePivot } from './going-forward';
import { entriesOf, entryAt } from './entries';
import { end, goBack, nextStep, undoNext } from './moves';
import { donePositions, isPastPivot, nextToUndo, type Attempts } from './positions';
import { interrupted, type Interruption } from './step-failures';

/** What a run knows of the entries that knows nothing beyond the stream. */
const NO_ATTEMPTS: Attempts = { attempted: [], refused: [], settled: [] };

/**
 * The saga before its first step, or where the stream says that an earlier run left it. `facts` go with the first call;
 * `earlier` is what is known of earlier runs beyond what they have done and undone.
 */
export function begin<T extends SagaTypes>(
  plan: Plan<T>,
  state: T['state'],
  facts: readonly T['fact'][],
  interruption: Interruption | null,
  earlier: Attempts = NO_ATTEMPTS,
): Decision<T> {
  const progress: Progress<T> = {
    ...FRESH,
    ...earlier,
    direction: 'forward',
    position: -1,
    pivotPassed: false,
    failure: null,
    facts: interruption === null ? facts : [],
  };
  const directed = directedByStream(plan, state, progress) ?? endOfRefused(plan, state);
  if (directed !== null) return directed;
  if (interruption !== null) return goBack(plan, state, progress, interrupted(interruption));
  return nextStep(plan, state, progress);
}

/** The next command, given what came of the last one. `state` is the order after the events of that call. */
export function decide<T extends SagaTypes>(
  plan: Plan<T>,
  state: T['state'],
  progress: Progress<T>,
  observation: Observation,
): Decision<T> {
  switch (observation.kind) {
    case 'paused':
      return observation.interruption !== null && progress.direction === 'forward' && !progress.pivotPassed
        ? goBack(plan, state, progress, interrupted(observation.interruption))
        : { progress, command: { kind: 'call' } };
    case 'answered':
      return observation.interruption === 'cancelled'
        ? goBack(plan, state, progress, interrupted('cancelled'))
        : { progress: { ...progress, ...FRESH, answer: observation.answer }, command: { kind: 'call' } };
    case 'called': {
      const called = afterCall(progress, observation);
      return directedByStream(plan, state, called) ?? afterAnswer(plan, state, called, observation);
    }
  }
}

/** progress.P1. What the state alone decides, or null when it leaves the saga to go on as it does. */
function directedByStream<T extends SagaTypes>(
  plan: Plan<T>,
  state: T['state'],
  progress: Progress<T>,
): Decision<T> | null {
  const failure = plan.goesBack(state);
  if (failure !== null) {
    if (progress.direction !== 'forward') return null;
    return undoNext(plan, state, { ...progress, direction: 'backward', failure, facts: [] });
  }
  if (plan.isEnded(state)) return { progress, command: { kind: 'finish' } };
  if (progress.pivotPassed || !isPastPivot(plan, state)) return null;
  const position = Math.max(...donePositions(plan, state));
  return nextStep(plan, state, {
    ...progress,
    ...{ direction: 'forward', position, pivotPassed: true, failure: null, facts: [] },
  });
}

/** progress.P7. The end of a saga that was refused before anything was done; null of any other. */
function endOfRefused<T extends SagaTypes>(plan: Plan<T>, state: T['state']): Decision<T> | null {
  const failed = plan.failedEntry(state);
  if (failed === null) return null;
  const position = entriesOf(plan, state).findIndex(({ name }) => name === failed);
  const refused = { attempted: [], refused: [position], settled: [] };
  if (position < 0 || nextToUndo(plan, state, refused) !== null) return null;
  const { step } = entryAt(plan, state, position);
  const { code, message } = plan.lastErrorOf(state, failed) ?? { code: step.failureCode, message: failed };
  const failure: Failure = { kind: 'failed', code: step.failureCode, detailCode: code, reason: message };
  const place = { direction: 'backward', position, pivotPassed: false } as const;
  return end({ ...FRESH, ...refused, ...place, failure, facts: [] });
}

function afterAnswer<T extends SagaTypes>(
  plan: Plan<T>,
  state: T['state'],
  progress: Progress<T>,
  seen: Called,
): Decision<T> {
  switch (progress.direction) {
    case 'forward':
      return progress.pivotPassed
        ? calledAfterPivot(plan, state, progress, seen)
        : calledBeforePivot(plan, state, progress, seen);
    case 'backward':
      return calledBackward(plan, state, progress, seen);
    case 'ending':
      return calledAtTheEnd(plan, state, progress, seen);
  }
}

/** What a call changes whatever it came to (progress.P2). A refusal is final for its key. */
function afterCall<T extends SagaTypes>(progress: Progress<T>, { outcome, recorded }: Called): Progress<T> {
  const { attempted, refused, position } = progress;
  const isForward = progress.direction === 'forward';
  const isNew = isForward && !attempted.includes(position);
  return {
    ...progress,
    calls: progress.calls + 1,
    facts: recorded ? [] : progress.facts,
    isRefused: outcome.kind === 'transient' && outcome.outage === 'refusal',
    attempted: isNew && outcome.kind !== 'refused' ? [...attempted, position] : attempted,
    refused: isForward && outcome.kind === 'refused' ? [...refused, position] : refused,
  };
}

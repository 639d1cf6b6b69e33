// Decisions of the saga, as two pure functions: `begin` before the first call, `decide` after each observation of the
// interpreter, which calls both.
//
// progress.P1  The stream decides the direction (S23). Every decision looks first at what the state says: ended,
//   shipped, going back.
// progress.P2  A step is possibly done from its first call on, unless it was refused for good; what is undone is
//   computed anew after every answer (S1, nextToUndo).
// progress.P3  Up to the pivot an interruption (cancel, saga timeout) makes the saga go back after the running call
//   (S2, S7, S8).
// progress.P4  Going back, steps are undone one at a time, latest first; one that fails stops no other (S4).
// progress.P5  After the pivot nothing is undone; a step that cannot be done opens an intervention (S9).
// progress.P6  A step that nothing shows to have been called is closed by one call; should that fail, no operator is
//   asked: whatever happens under its key later is found by the late look-up (S27).
import type { Failure, StepFailed } from '../../domain/order-events';
import type { StepError, Transient } from '../../domain/outcome';
import { FRESH, type Decision, type Observation, type Plan, type Progress } from './decision';
import type { Overtaken, RetryPolicy, SagaTypes } from './definition';
import { donePositions, isPastPivot, nextPosition, nextToUndo, stepAt } from './positions';
import { errorOf, failureOf, interrupted, isFree, stepFailed, type Interruption } from './step-failures';

/** How often writing the end is tried when something other than an outage keeps it from being written. */
const END_ATTEMPTS = 10;

/** The saga before its first step, or where the stream says that an earlier run left it. `facts` go with the first call. */
export function begin<T extends SagaTypes>(
  plan: Plan<T>,
  state: T['state'],
  facts: readonly T['fact'][],
  interruption: Interruption | null,
): Decision<T> {
  const progress: Progress<T> = {
    ...FRESH,
    direction: 'forward',
    position: -1,
    pivotPassed: false,
    attempted: [],
    refused: [],
    settled: [],
    failure: null,
    facts: interruption === null ? facts : [],
  };
  const directed = directedByStream(plan, state, progress);
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

type Called = Observation & { kind: 'called' };

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

function calledBeforePivot<T extends SagaTypes>(
  plan: Plan<T>,
  state: T['state'],
  progress: Progress<T>,
  seen: Called,
): Decision<T> {
  const step = stepAt(plan, progress.position);
  const { outcome, interruption } = seen;
  switch (outcome.kind) {
    case 'done':
      return interruption === null
        ? nextStep(plan, state, progress)
        : goBack(plan, state, progress, interrupted(interruption));
    case 'overtaken':
      if (plan.cancelRequested(state)) return goBack(plan, state, progress, interrupted('cancelled'));
      return failedForward(plan, state, progress, outcome, seen);
    case 'waiting':
      return interruption === 'cancelled'
        ? goBack(plan, state, progress, interrupted('cancelled'))
        : { progress, command: { kind: 'await', signal: outcome.signal, timeoutMs: outcome.timeoutMs } };
    case 'refused':
    case 'unknown':
      return giveUp(plan, state, progress, stepFailed(step, progress, outcome), interruption);
    case 'transient':
      return failedForward(plan, state, progress, outcome, seen);
  }
}

/** A step that did not work this time: called again after a pause, or given up. */
function failedForward<T extends SagaTypes>(
  plan: Plan<T>,
  state: T['state'],
  progress: Progress<T>,
  outcome: Transient | Overtaken,
  { interruption, outagesWait }: Called,
): Decision<T> {
  const step = stepAt(plan, progress.position);
  const tried = failedCall(progress, errorOf(outcome), isFree(outcome, outagesWait, progress));
  if (interruption === 'cancelled') return goBack(plan, state, tried, interrupted('cancelled'));
  if (interruption === null && tried.attemptsUsed < step.retry.maxAttempts) return pause(tried, step.retry);
  return giveUp(plan, state, tried, stepFailed(step, tried, outcome), interruption);
}

function calledAfterPivot<T extends SagaTypes>(
  plan: Plan<T>,
  state: T['state'],
  progress: Progress<T>,
  { outcome }: Called,
): Decision<T> {
  const step = stepAt(plan, progress.position);
  if (outcome.kind === 'done') return nextStep(plan, state, progress);
  if (outcome.kind === 'waiting') {
    return { progress, command: { kind: 'await', signal: outcome.signal, timeoutMs: outcome.timeoutMs } };
  }
  const tried = failedCall(progress, errorOf(outcome), isFree(outcome, true, progress));
  if (outcome.kind !== 'refused' && tried.attemptsUsed < step.retry.maxAttempts)
    return pause(tried, step.retry);
  const failed = stepFailed(step, tried, outcome);
  const facts = [...tried.facts, step.failed(failed)];
  return end({ ...tried, facts, failure: failureOf(failed) });
}

function calledBackward<T extends SagaTypes>(
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
  const step = stepAt(plan, tried.position);
  const given = plan.compensationFailed(state, {
    step: step.compensate?.name ?? step.invoke.name,
    undoes: step.invoke.name,
    attempts: tried.calls,
    lastError: error,
    reason: error.message,
  });
  return undoNext(plan, state, { ...tried, settled: settled.settled, facts: [...tried.facts, given] });
}

/** progress.P6. Whether anything shows that the step was called. */
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
function calledAtTheEnd<T extends SagaTypes>(
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
  const tried = failedCall(progress, errorOf(outcome), isFree(outcome, true, progress));
  if (tried.attemptsUsed >= END_ATTEMPTS) return { progress: tried, command: { kind: 'finish' } };
  return pause(tried, plan.compensationRetry);
}

/** On to the next step of the table that applies and is not done, or to the end of the saga. */
function nextStep<T extends SagaTypes>(plan: Plan<T>, state: T['state'], progress: Progress<T>): Decision<T> {
  const done = donePositions(plan, state);
  let position = nextPosition(plan, state, progress.position);
  while (position !== null && done.includes(position)) position = nextPosition(plan, state, position);
  if (position !== null) return { progress: { ...progress, ...FRESH, position }, command: { kind: 'call' } };
  return plan.isEnded(state) ? { progress, command: { kind: 'finish' } } : end(progress);
}

function giveUp<T extends SagaTypes>(
  plan: Plan<T>,
  state: T['state'],
  progress: Progress<T>,
  failed: StepFailed,
  interruption: Interruption | null,
): Decision<T> {
  const facts = [...progress.facts, stepAt(plan, progress.position).failed(failed)];
  const failure = interruption === null ? failureOf(failed) : interrupted(interruption);
  return goBack(plan, state, { ...progress, facts }, failure);
}

/** Makes the saga go back. CompensationStarted goes with the first undoing, which acts only once it is recorded (S23). */
function goBack<T extends SagaTypes>(
  plan: Plan<T>,
  state: T['state'],
  progress: Progress<T>,
  failure: Failure,
): Decision<T> {
  const undoable = nextToUndo(plan, state, progress) !== null;
  const facts = undoable ? [...progress.facts, plan.compensationStarted(failure)] : progress.facts;
  return undoNext(plan, state, { ...progress, direction: 'backward', failure, facts });
}

/** Takes back the decision to go back: on to the first step that is not done. */
function goForward<T extends SagaTypes>(
  plan: Plan<T>,
  state: T['state'],
  progress: Progress<T>,
): Decision<T> {
  return nextStep(plan, state, {
    ...progress,
    ...{ direction: 'forward', position: -1, failure: null, facts: [] },
  });
}

/** On to the latest step that may have happened, or to the end of the saga. */
function undoNext<T extends SagaTypes>(plan: Plan<T>, state: T['state'], progress: Progress<T>): Decision<T> {
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

function end<T extends SagaTypes>(progress: Progress<T>): Decision<T> {
  return { progress: { ...progress, ...FRESH, direction: 'ending' }, command: { kind: 'call' } };
}

function pause<T extends SagaTypes>(progress: Progress<T>, retry: RetryPolicy): Decision<T> {
  const delayMs = backoffMs(retry, progress.calls);
  const refusedForMs = progress.isRefused ? progress.refusedForMs + delayMs : 0;
  return { progress: { ...progress, refusedForMs }, command: { kind: 'pause', delayMs } };
}

function backoffMs(retry: RetryPolicy, calls: number): number {
  return Math.min(retry.maxDelayMs, retry.firstDelayMs * retry.factor ** (calls - 1));
}

function failedCall<T extends SagaTypes>(
  progress: Progress<T>,
  error: StepError,
  free: boolean,
): Progress<T> {
  return { ...progress, lastError: error, attemptsUsed: progress.attemptsUsed + (free ? 0 : 1) };
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

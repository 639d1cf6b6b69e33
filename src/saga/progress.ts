// How far a saga is, and what to do next: two pure functions. Everything the interpreter does is decided here.
//
// P1  A step is possibly done from its first call on, unless it was refused (S1).
// P2  Up to the pivot an interruption (cancel, saga timeout) turns the saga round after the running call (S2, S7, S8).
// P3  Backward, possibly done steps are undone one at a time in reverse; one that fails stops no other (S4).
// P4  After the pivot nothing is undone; a step that cannot be done opens an intervention (S9).
// P5  A saga that an operator let begin again does not know what was attempted before: turned round, it undoes every
//     step of its table. Undoing what never happened succeeds (S2).
import type { Failure, StepFailed } from '../domain/order-events';
import type { StepError } from '../domain/outcome';
import type { Answer, RetryPolicy, SagaDefinition, StepOutcome } from './definition';
import { nextPosition, stepAt, stepsToUndo } from './positions';
import { errorOf, failureOf, interrupted, isFree, stepFailed, type Interruption } from './verdicts';

/** The part of a definition that deciding needs. */
export type Plan<State, Fact> = Pick<
  SagaDefinition<State, Fact, never, never>,
  | 'steps'
  | 'end'
  | 'compensationRetry'
  | 'compensationStarted'
  | 'compensationFailed'
  | 'isEnded'
  | 'beganAgain'
>;

export interface Progress<Fact> {
  readonly direction: 'forward' | 'backward' | 'ending';
  /** Index of the step that is done or, backward, undone. */
  readonly position: number;
  readonly pivotPassed: boolean;
  /** Calls made of the current activity, and how many of them used up an attempt. */
  readonly calls: number;
  readonly attemptsUsed: number;
  readonly lastError: StepError | null;
  readonly answer: Answer | null;
  /** Indexes of the steps that may have acted, in the order they were taken. */
  readonly possiblyDone: readonly number[];
  readonly failure: Failure | null;
  /** Facts decided and not yet recorded; the next call takes them along. */
  readonly facts: readonly Fact[];
}

/** What the interpreter saw. */
export type Observation =
  | {
      readonly kind: 'called';
      readonly outcome: StepOutcome;
      /** Whether the facts that the call took along are in the stream; if not, the next call takes them. */
      readonly recorded: boolean;
      readonly interruption: Interruption | null;
      /** Whether a service that is away is waited for now: by policy, and until the saga's deadline (S11). */
      readonly outagesWait: boolean;
    }
  | { readonly kind: 'paused'; readonly interruption: Interruption | null }
  | { readonly kind: 'answered'; readonly answer: Answer; readonly interruption: Interruption | null };

/** What the interpreter does next. */
export type Command =
  | { readonly kind: 'call' }
  | { readonly kind: 'pause'; readonly delayMs: number }
  | { readonly kind: 'await'; readonly signal: string; readonly timeoutMs: number }
  | { readonly kind: 'finish' };

export interface Decision<Fact> {
  readonly progress: Progress<Fact>;
  readonly command: Command;
}

/** How often writing the end is tried when something other than an outage keeps it from being written. */
const END_ATTEMPTS = 10;

const FRESH = { calls: 0, attemptsUsed: 0, lastError: null, answer: null } as const;

/** The saga before its first step. `facts` are recorded with the first call. */
export function begin<State, Fact>(
  plan: Plan<State, Fact>,
  state: State,
  facts: readonly Fact[],
  interruption: Interruption | null,
): Decision<Fact> {
  const progress: Progress<Fact> = {
    ...FRESH,
    direction: 'forward',
    position: -1,
    pivotPassed: false,
    possiblyDone: [],
    failure: null,
    facts: interruption === null ? facts : [],
  };
  if (interruption !== null) return turnRound(plan, state, progress, interrupted(interruption));
  return nextStep(plan, state, progress);
}

/** The next command, given what came of the last one. `state` is the order after the events of that call. */
export function decide<State, Fact>(
  plan: Plan<State, Fact>,
  state: State,
  progress: Progress<Fact>,
  observation: Observation,
): Decision<Fact> {
  switch (observation.kind) {
    case 'paused':
      return observation.interruption !== null && progress.direction === 'forward' && !progress.pivotPassed
        ? turnRound(plan, state, progress, interrupted(observation.interruption))
        : { progress, command: { kind: 'call' } };
    case 'answered':
      return observation.interruption === 'cancelled'
        ? turnRound(plan, state, progress, interrupted('cancelled'))
        : { progress: { ...progress, ...FRESH, answer: observation.answer }, command: { kind: 'call' } };
    case 'called':
      return called(plan, state, afterCall(progress, observation.recorded), observation);
  }
}

type Called = Observation & { kind: 'called' };

function called<State, Fact>(
  plan: Plan<State, Fact>,
  state: State,
  progress: Progress<Fact>,
  seen: Called,
): Decision<Fact> {
  switch (progress.direction) {
    case 'forward':
      return progress.pivotPassed
        ? calledAfterPivot(plan, state, progress, seen)
        : calledBeforePivot(plan, state, progress, seen);
    case 'backward':
      return calledBackward(plan, state, progress, seen);
    case 'ending':
      return calledAtTheEnd(plan, progress, seen);
  }
}

function calledBeforePivot<State, Fact>(
  plan: Plan<State, Fact>,
  state: State,
  before: Progress<Fact>,
  { outcome, interruption, outagesWait }: Called,
): Decision<Fact> {
  const step = stepAt(plan, before.position);
  const progress = outcome.kind === 'refused' ? before : possiblyDone(before);
  switch (outcome.kind) {
    case 'done': {
      const pivotPassed = step.pivot === true;
      return interruption !== null && !pivotPassed && !plan.isEnded(state)
        ? turnRound(plan, state, progress, interrupted(interruption))
        : nextStep(plan, state, { ...progress, pivotPassed });
    }
    case 'overtaken':
      return turnRound(plan, state, progress, interrupted('cancelled'));
    case 'waiting':
      return interruption === 'cancelled'
        ? turnRound(plan, state, progress, interrupted('cancelled'))
        : { progress, command: { kind: 'await', signal: outcome.signal, timeoutMs: outcome.timeoutMs } };
    case 'refused':
    case 'unknown':
      return giveUp(plan, state, progress, stepFailed(step, progress, outcome), interruption);
    case 'transient': {
      const tried = failedCall(progress, outcome.error, isFree(outcome, outagesWait));
      if (interruption === 'cancelled') return turnRound(plan, state, tried, interrupted('cancelled'));
      if (interruption === null && tried.attemptsUsed < step.retry.maxAttempts)
        return pause(tried, step.retry);
      return giveUp(plan, state, tried, stepFailed(step, tried, outcome), interruption);
    }
  }
}

function calledAfterPivot<State, Fact>(
  plan: Plan<State, Fact>,
  state: State,
  progress: Progress<Fact>,
  { outcome }: Called,
): Decision<Fact> {
  const step = stepAt(plan, progress.position);
  if (outcome.kind === 'done') return nextStep(plan, state, progress);
  if (outcome.kind === 'waiting') {
    return { progress, command: { kind: 'await', signal: outcome.signal, timeoutMs: outcome.timeoutMs } };
  }
  const tried = failedCall(progress, errorOf(outcome), isFree(outcome, true));
  if (outcome.kind !== 'refused' && tried.attemptsUsed < step.retry.maxAttempts)
    return pause(tried, step.retry);
  const failed = stepFailed(step, tried, outcome);
  const facts = [...tried.facts, step.failed(failed)];
  return end({ ...tried, facts, failure: failureOf(failed) });
}

function calledBackward<State, Fact>(
  plan: Plan<State, Fact>,
  state: State,
  progress: Progress<Fact>,
  { outcome, outagesWait }: Called,
): Decision<Fact> {
  if (outcome.kind === 'done') return undoNext(plan, progress);
  const error = errorOf(outcome);
  const tried = failedCall(progress, error, isFree(outcome, outagesWait));
  if (tried.attemptsUsed < plan.compensationRetry.maxAttempts) return pause(tried, plan.compensationRetry);
  const step = stepAt(plan, tried.position);
  const given = plan.compensationFailed(state, {
    step: step.compensate?.name ?? step.invoke.name,
    undoes: step.invoke.name,
    attempts: tried.calls,
    lastError: error,
    reason: error.message,
  });
  return undoNext(plan, { ...tried, facts: [...tried.facts, given] });
}

/** The end is written as soon as the store lets it be; only a bug uses up attempts, and the reconciler finds what is left. */
function calledAtTheEnd<State, Fact>(
  plan: Plan<State, Fact>,
  progress: Progress<Fact>,
  { outcome }: Called,
): Decision<Fact> {
  if (outcome.kind === 'done') return { progress, command: { kind: 'finish' } };
  const tried = failedCall(progress, errorOf(outcome), isFree(outcome, true));
  if (tried.attemptsUsed >= END_ATTEMPTS) return { progress: tried, command: { kind: 'finish' } };
  return pause(tried, plan.compensationRetry);
}

/** On to the next step of the table that applies, or to the end of the saga. */
function nextStep<State, Fact>(
  plan: Plan<State, Fact>,
  state: State,
  progress: Progress<Fact>,
): Decision<Fact> {
  const position = nextPosition(plan, state, progress.position);
  if (position !== null) return { progress: { ...progress, ...FRESH, position }, command: { kind: 'call' } };
  return plan.isEnded(state) ? { progress, command: { kind: 'finish' } } : end(progress);
}

function giveUp<State, Fact>(
  plan: Plan<State, Fact>,
  state: State,
  progress: Progress<Fact>,
  failed: StepFailed,
  interruption: Interruption | null,
): Decision<Fact> {
  const facts = [...progress.facts, stepAt(plan, progress.position).failed(failed)];
  const failure = interruption === null ? failureOf(failed) : interrupted(interruption);
  return turnRound(plan, state, { ...progress, facts }, failure);
}

function turnRound<State, Fact>(
  plan: Plan<State, Fact>,
  state: State,
  progress: Progress<Fact>,
  failure: Failure,
): Decision<Fact> {
  const possiblyDone = stepsToUndo(plan, state, progress.possiblyDone);
  const undoable = possiblyDone.some((index) => stepAt(plan, index).compensate !== undefined);
  const facts = undoable ? [...progress.facts, plan.compensationStarted(failure)] : progress.facts;
  return undoNext(plan, { ...progress, possiblyDone, direction: 'backward', failure, facts });
}

/** On to the next step that may have acted, latest first, or to the end of the saga. */
function undoNext<State, Fact>(plan: Plan<State, Fact>, progress: Progress<Fact>): Decision<Fact> {
  const left = [...progress.possiblyDone];
  for (let index = left.pop(); index !== undefined; index = left.pop()) {
    if (stepAt(plan, index).compensate === undefined) continue;
    return {
      progress: { ...progress, ...FRESH, position: index, possiblyDone: left },
      command: { kind: 'call' },
    };
  }
  return end({ ...progress, possiblyDone: [] });
}

function end<Fact>(progress: Progress<Fact>): Decision<Fact> {
  return { progress: { ...progress, ...FRESH, direction: 'ending' }, command: { kind: 'call' } };
}

function pause<Fact>(progress: Progress<Fact>, retry: RetryPolicy): Decision<Fact> {
  const delayMs = Math.min(retry.maxDelayMs, retry.firstDelayMs * retry.factor ** (progress.calls - 1));
  return { progress, command: { kind: 'pause', delayMs } };
}

function possiblyDone<Fact>(progress: Progress<Fact>): Progress<Fact> {
  if (progress.possiblyDone.at(-1) === progress.position) return progress;
  return { ...progress, possiblyDone: [...progress.possiblyDone, progress.position] };
}

function failedCall<Fact>(progress: Progress<Fact>, error: StepError, free: boolean): Progress<Fact> {
  return { ...progress, lastError: error, attemptsUsed: progress.attemptsUsed + (free ? 0 : 1) };
}

function afterCall<Fact>(progress: Progress<Fact>, recorded: boolean): Progress<Fact> {
  return { ...progress, calls: progress.calls + 1, facts: recorded ? [] : progress.facts };
}

// Classification of outcomes for progress.ts: whether an outcome uses up an attempt, which failure is written to the
// stream, and why the saga compensates.
import type { Failure, StepFailed } from '../../domain/order-events';
import type { StepError } from '../../domain/outcome';
import type { SagaTypes, StepOutcome } from './definition';
import type { TableEntry } from './entries';

/** What makes a saga go back from outside. */
export type Interruption = 'cancelled' | 'timedOut';

/**
 * How often a call may come to nothing, because the platform could not run it or another held its key, before that counts as
 * failed attempts: with backoff, some minutes.
 */
const PATIENT_CALLS = 20;

/** How long the store may refuse a write before that counts as failed attempts, in working time. */
export const REFUSED_WRITE_LIMIT_MS = 3 * 60_000;

/** How often a call was made, and since when the store has refused what it writes. */
export interface Tries {
  readonly calls: number;
  readonly refusedForMs: number;
}

/**
 * Whether a call that failed used up no attempt (S11): the store is always waited for, a service while outages wait; the
 * platform, the end of another call under the key, and a store that refuses one write for some minutes.
 */
export function isFree(outcome: StepOutcome, outagesWait: boolean, tries: Tries): boolean {
  if (outcome.kind !== 'transient') return false;
  switch (outcome.outage) {
    case 'store':
      return true;
    case 'service':
      return outagesWait;
    case 'platform':
    case 'key':
      return tries.calls < PATIENT_CALLS;
    case 'refusal':
      return tries.refusedForMs < REFUSED_WRITE_LIMIT_MS;
    case null:
      return false;
  }
}

/** What the stream is told of an entry that is given up. */
export function stepFailed<T extends SagaTypes>(
  { name, step }: TableEntry<T>,
  { calls }: { readonly calls: number },
  outcome: Exclude<StepOutcome, { kind: 'done' | 'waiting' }>,
): StepFailed {
  const error = errorOf(outcome);
  const timedOut = outcome.kind === 'unknown' && outcome.cause === 'timeout';
  return {
    step: name,
    attempts: calls,
    lastError: error,
    code: timedOut ? 'STEP_TIMED_OUT' : step.failureCode,
    detailCode: timedOut ? step.invoke.name : error.code,
    reason: timedOut ? `${name} timed out: ${error.message}` : error.message,
  };
}

export function failureOf(failed: StepFailed): Failure {
  return { kind: 'failed', code: failed.code, detailCode: failed.detailCode, reason: failed.reason };
}

export function interrupted(interruption: Interruption): Failure {
  return interruption === 'cancelled'
    ? {
        kind: 'cancelled',
        code: 'ORDER_CANCELLED',
        detailCode: 'CANCEL_REQUESTED',
        reason: 'The order was cancelled',
      }
    : {
        kind: 'timedOut',
        code: 'SAGA_TIMED_OUT',
        detailCode: 'WORKING_TIME_OVER',
        reason: 'The order was not finished within its working time',
      };
}

export function errorOf(outcome: Exclude<StepOutcome, { kind: 'done' }>): StepError {
  switch (outcome.kind) {
    case 'refused':
      return { code: outcome.detailCode, message: outcome.reason };
    case 'transient':
    case 'unknown':
      return outcome.error;
    case 'overtaken':
    case 'waiting':
      return { code: 'UNEXPECTED_OUTCOME', message: `an activity answered ${outcome.kind} where it may not` };
  }
}

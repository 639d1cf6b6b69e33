// Policy of a saga's calls as settings give it: attempts, backoff, time-outs. It travels in the saga's input, so that a changed
// setting changes no running saga. What it leaves out is as the saga's step table has it, which never changes (S12).
import type { RetryPolicy } from '../engine/definition';
import { FORWARD, type OrderSagaStep } from './order-saga';

export interface StepPolicy {
  /** Of steps up to the pivot; its delays go for every call. */
  readonly retry: RetryPolicy;
  /** Attempts of a step after the pivot, from which there is no way back (S9). */
  readonly forwardMaxAttempts: number;
  /** How long one call may take, by step; a compensation has the time of its step. */
  readonly timeoutsMs: Readonly<Record<string, number>>;
}

/** The steps as `policy` has them called; without one the very table. */
export function withPolicy(
  steps: readonly OrderSagaStep[],
  policy: StepPolicy | undefined,
): readonly OrderSagaStep[] {
  if (policy === undefined) return steps;
  const { retry, forwardMaxAttempts, timeoutsMs } = policy;
  return steps.map((step) => ({
    ...step,
    retry: step.retry === FORWARD ? { ...retry, maxAttempts: forwardMaxAttempts } : retry,
    timeoutMs: timeoutsMs[step.invoke.name] ?? step.timeoutMs,
  }));
}

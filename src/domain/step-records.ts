// Types that the events of orders and of their returns share: how a step came about, and why a saga goes back.
import type { StepError } from './outcome';

/** What every outcome of a step says about how it came about. */
export interface StepRecord {
  /** By entry (S14): `ProcessPayment`, or `ProcessPayment:2` where the step is taken once per entry of a list. */
  readonly step: string;
  /** Calls that were made for it, and what went wrong last; null when nothing did. */
  readonly attempts: number;
  readonly lastError: StepError | null;
}

/** Why an order goes back instead of on. */
export interface Failure {
  readonly kind: 'failed' | 'timedOut' | 'cancelled';
  readonly code: string;
  readonly detailCode: string;
  readonly reason: string;
}

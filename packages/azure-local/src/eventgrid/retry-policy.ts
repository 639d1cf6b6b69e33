// Retry policy of a delivery: after an attempt it is done, tried again at a time, or given up. The schedule and the
// codes are the service's (learn.microsoft.com/azure/event-grid/delivery-and-retry) without the small random part that
// it adds.
import type { Subscription } from './topics';

/** What came of one attempt; no status: no answer. */
export interface Attempt {
  readonly status: number | undefined;
  /** `Delivered`, or why not, in the service's words. */
  readonly outcome: string;
}

export type DeliveryDecision =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'retry'; readonly dueMs: number }
  | { readonly kind: 'givenUp'; readonly reason: string };

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** The wait after the first failed attempt, after the second, and so on; the last one repeats. */
const SCHEDULE_MS = [
  10 * SECOND_MS,
  30 * SECOND_MS,
  MINUTE_MS,
  5 * MINUTE_MS,
  10 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  3 * HOUR_MS,
  6 * HOUR_MS,
  12 * HOUR_MS,
];
/** Statuses after which at least so long is waited. */
const LEAST_WAIT_MS: ReadonlyMap<number, number> = new Map([
  [408, 2 * MINUTE_MS],
  [503, 30 * SECOND_MS],
]);
/** Not tried again: no repetition would help. */
const FINAL_OUTCOMES: ReadonlyMap<number, string> = new Map([
  [400, 'BadRequest'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'NotFound'],
  [413, 'RequestEntityTooLarge'],
]);
const DELIVERED = new Set([200, 201, 202, 203, 204]);

/** The attempt that this status ended. */
export function toAttempt(status: number): Attempt {
  if (DELIVERED.has(status)) return { status, outcome: 'Delivered' };
  return { status, outcome: FINAL_OUTCOMES.get(status) ?? (status === 408 ? 'TimedOut' : 'Failed') };
}

/** When an event published at `publishedMs` is given up for its age. */
export function expiryMs(publishedMs: number, { eventTimeToLiveInMinutes }: Subscription): number {
  return publishedMs + eventTimeToLiveInMinutes * MINUTE_MS;
}

/**
 * Judges the attempt with the number `attempts` (from 1), which ended at `nowMs`. A retry beyond the event's life is put
 * at its end, when it is given up without an attempt.
 */
export function judge(
  { status, outcome }: Attempt,
  attempts: number,
  delivery: { readonly nowMs: number; readonly publishedMs: number },
  subscription: Subscription,
): DeliveryDecision {
  if (outcome === 'Delivered') return { kind: 'delivered' };
  if (status !== undefined && FINAL_OUTCOMES.has(status))
    return { kind: 'givenUp', reason: `UndeliverableDueToHttp${outcome}` };
  if (attempts >= subscription.maxDeliveryAttempts)
    return { kind: 'givenUp', reason: 'MaxDeliveryAttemptsExceeded' };
  const scheduledMs = SCHEDULE_MS[Math.min(attempts, SCHEDULE_MS.length) - 1] ?? HOUR_MS;
  const waitMs = Math.max(scheduledMs, LEAST_WAIT_MS.get(status ?? 0) ?? 0);
  const endMs = expiryMs(delivery.publishedMs, subscription);
  return { kind: 'retry', dueMs: Math.min(delivery.nowMs + waitMs, endMs) };
}

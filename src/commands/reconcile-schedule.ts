// Schedule of the reconciler: when an order that does not change is checked again, computed from the order's age alone.
// Each check comes at twice the age of the check before, and no later than the longest step. Nothing is remembered per order, so every host says the same.

export interface Schedule {
  /** The age of the first look. */
  readonly firstMs: number;
  readonly longestStepMs: number;
}

/** Whether a look falls due after `seenMs` and no later than `nowMs`, for what has not changed since `sinceMs`. */
export function isDue(
  schedule: Schedule,
  sinceMs: number,
  { seenMs, nowMs }: { readonly seenMs: number; readonly nowMs: number },
): boolean {
  return lastLookMs(schedule, nowMs - sinceMs) > lastLookMs(schedule, seenMs - sinceMs);
}

/** The age of the last look that falls due up to `ageMs`; -1 before the first. */
function lastLookMs({ firstMs, longestStepMs }: Schedule, ageMs: number): number {
  if (ageMs < firstMs) return -1;
  let lookMs = firstMs;
  while (lookMs <= longestStepMs && lookMs * 2 <= ageMs) lookMs *= 2;
  if (lookMs <= longestStepMs) return lookMs;
  return lookMs + Math.floor((ageMs - lookMs) / longestStepMs) * longestStepMs;
}

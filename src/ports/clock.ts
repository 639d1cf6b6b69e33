// The time of day, for everything outside the orchestrator.

export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number;
}

/** A moment as it is stored: ISO 8601, UTC, milliseconds. */
export function toIso(ms: number): string {
  return new Date(ms).toISOString();
}

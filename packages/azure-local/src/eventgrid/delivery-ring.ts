// Ring buffer of the last delivery attempts, in memory, so that a person or a test sees where events went.

const KEPT = 1_000;

export interface SeenAttempt {
  readonly atMs: number;
  readonly topic: string;
  readonly subscription: string;
  readonly eventId: string;
  /** From 1. */
  readonly attempt: number;
  /** Null where there was no answer. */
  readonly status: number | null;
  readonly outcome: string;
}

export interface DeliveryRing {
  /** Keeps the attempt, and forgets the oldest when there are too many. */
  add(attempt: SeenAttempt): void;
  /** Oldest first. */
  list(): object[];
}

export function createDeliveryRing(): DeliveryRing {
  const ring: SeenAttempt[] = [];
  let next = 0;
  return {
    add(attempt) {
      ring[next] = attempt;
      next = (next + 1) % KEPT;
    },
    list: () =>
      [...ring.slice(next), ...ring.slice(0, next)].map(({ atMs, ...seen }) => ({
        at: new Date(atMs).toISOString(),
        ...seen,
      })),
  };
}

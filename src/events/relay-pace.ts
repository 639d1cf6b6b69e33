// How fast the relays follow the change feed. The wire floor of the bench follows it at the same pace.

/** Short beside what a person or another system notices, and long beside what one page costs. */
const GATHER_MS = 100;

/**
 * How long changes gather before the next page, after one of `changes`. Without it what has happened while a page went out is
 * a page of its own, and so on: several small ones for one, each with its requests and commits. A relay that is behind goes
 * on at once.
 */
export function relayPauseMs(
  changes: number,
  pace: { readonly batchSize: number; readonly pollMs: number },
): number {
  return changes >= pace.batchSize ? 0 : Math.min(GATHER_MS, pace.pollMs);
}

// How fast the read models follow the change feed. The wire floor of the bench follows it at the same pace, so that both
// have the same number of writes.

/** Changes at once: an order has about nine, and those that come together are one write. */
export const PAGE_SIZE = 1_000;
/**
 * After a page that was not full, changes gather for this time. Without it a busy feed comes in pages of a few changes,
 * and an order costs five writes instead of one or two.
 */
const GATHER_MS = 250;
/** After a page this large orders come by the dozen a second; then more of an order gathers for one write. */
const BUSY_PAGE = 100;
const GATHER_WHEN_BUSY_MS = 500;
/** How stale a list is at rest, unless a setting says otherwise; each look at an idle feed costs one request. */
export const POLL_SECONDS = 0.5;

/** How long to wait before the next page, after one of `changes`. */
export function gatherMs(changes: number): number {
  if (changes >= PAGE_SIZE) return 0;
  return changes < BUSY_PAGE ? GATHER_MS : GATHER_WHEN_BUSY_MS;
}

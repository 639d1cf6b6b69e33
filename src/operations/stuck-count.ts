// How many orders make no progress, for the metrics: asked of the store at most every half minute, by whoever reads them.
import { toIso, type Clock } from '../ports/clock';
import type { OrderQueues } from '../ports/order-queues';

export interface StuckCount {
  /** As it was up to half a minute ago; undefined where the store does not answer. Never rejects. */
  read(): Promise<number | undefined>;
}

const KEEP_MS = 30_000;

export function createStuckCount(
  queues: Pick<OrderQueues, 'countWithoutProgress'>,
  clock: Clock,
  stuckMs: number,
): StuckCount {
  let counted: { readonly atMs: number; readonly count: Promise<number | undefined> } | undefined;
  return {
    read() {
      const nowMs = clock.nowMs();
      if (counted === undefined || Math.abs(nowMs - counted.atMs) >= KEEP_MS) {
        const count = queues.countWithoutProgress(toIso(nowMs - stuckMs)).catch(() => undefined);
        counted = { atMs: nowMs, count };
      }
      return counted.count;
    },
  };
}

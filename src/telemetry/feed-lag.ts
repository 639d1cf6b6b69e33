// Lag of a function that reads the change feed: how old the oldest event of the page is that it has not finished. A page that
// comes again keeps the age of its events, so a target that is away shows as a growing lag. A page that never comes does not
// show here.
import type { Meter } from '../ports/meter';
import type { Log } from '../ports/log';

export interface FeedLag {
  /** Runs `work` on a page; the page is finished when it resolves. */
  during<T>(changes: readonly unknown[], log: Log, work: () => Promise<T>): Promise<T>;
}

/** From here on an operator is told in the log: longer than any page takes that meets with no fault. */
const BEHIND_MS = 60_000;

export function createFeedLag(meter: Meter, functionName: string, nowMs: () => number): FeedLag {
  /** Of the pages at work, of each the time of its oldest event; a page that failed stays until another begins. */
  const pending = new Map<object, number>();
  let failed: number | undefined;
  meter.observe('order_saga_feed_lag_seconds', { function: functionName }, () => {
    const oldestMs = Math.min(failed ?? Infinity, ...pending.values());
    return oldestMs === Infinity ? 0 : Math.max(0, nowMs() - oldestMs) / 1_000;
  });
  return {
    async during(changes, log, work) {
      const oldestMs = Math.min(...changes.map(occurredMs));
      const page = {};
      pending.set(page, oldestMs);
      failed = undefined;
      const lagMs = nowMs() - oldestMs;
      if (lagMs >= BEHIND_MS && oldestMs !== Infinity)
        log.warn('feed is behind', { function: functionName, lagMs, events: changes.length });
      try {
        return await work();
      } catch (error) {
        failed = oldestMs;
        throw error;
      } finally {
        pending.delete(page);
      }
    },
  };
}

/** Infinity for what is no event. */
function occurredMs(change: unknown): number {
  const { kind, occurredAt } = (change ?? {}) as Readonly<Record<string, unknown>>;
  const ms = kind === 'event' && typeof occurredAt === 'string' ? Date.parse(occurredAt) : NaN;
  return Number.isNaN(ms) ? Infinity : ms;
}

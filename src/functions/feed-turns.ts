// Turns of the functions that read the change feed: within one process their pages come one after the other, with time
// between them. So an order that is under way shares the processors with one page at most.
//
// feed-turns.T1  A reader whose target is away holds up the others for no longer than PATIENCE_MS a page.
// feed-turns.T2  A page has ended when its work has, whether that failed or not.

export interface FeedTurns {
  /** Runs `work` on a page when the page before it has ended and what it has set off as well. */
  take<T>(work: () => Promise<T>): Promise<T>;
}

/** As long as the mails of a page take, and an order that has met the page. */
const GAP_MS = 30;
/** Longer than a page takes that meets with no fault, and short beside the time for which changes gather. */
const PATIENCE_MS = 150;

export function createFeedTurns(): FeedTurns {
  let last: Promise<void> = Promise.resolve();
  return {
    async take(work) {
      const before = last;
      let end = (): void => undefined;
      last = new Promise((resolve) => (end = resolve));
      await atMost(PATIENCE_MS, before);
      try {
        return await work();
      } finally {
        setTimeout(end, GAP_MS).unref();
      }
    },
  };
}

function atMost(ms: number, ended: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms).unref();
    void ended.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

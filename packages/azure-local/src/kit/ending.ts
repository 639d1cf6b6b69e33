// Collects the names of what a shutdown waits for, so that a shutdown that runs out of time can say what did not end.

export interface Ending {
  /** Waits for `work`; until it has ended it is among `unfinished` under this name. */
  waitFor<Result>(part: string, work: Promise<Result>): Promise<Result>;
  /** What has been waited for and has not ended, in the order in which it began to. */
  unfinished(): readonly string[];
}

export function createEnding(): Ending {
  const parts = new Set<{ readonly name: string }>();
  return {
    async waitFor(name, work) {
      const part = { name };
      parts.add(part);
      try {
        return await work;
      } finally {
        parts.delete(part);
      }
    },
    unfinished: () => Array.from(parts, ({ name }) => name),
  };
}

// Which messages a target has accepted lately, so that a retry of the same changes goes on where the last try broke off.
// In memory only: after a restart the target's own duplicate detection is what drops repetitions.

export interface AcceptedIds {
  has(id: string): boolean;
  add(ids: readonly string[]): void;
}

/** A retry brings the changes of one invocation: a few hundred, a thousand at most, and the tail of a transaction. */
const REMEMBERED = 4_096;

/** Remembers the last `limit` ids. */
export function createAcceptedIds(limit = REMEMBERED): AcceptedIds {
  const ids = new Set<string>();
  return {
    has: (id) => ids.has(id),
    add(more) {
      for (const id of more) ids.add(id);
      // A Set gives its elements in the order in which they came.
      for (const oldest of ids) {
        if (ids.size <= limit) break;
        ids.delete(oldest);
      }
    },
  };
}

// Cache of values that are loaded one by one: bounded in number (what was put in first goes first) and in time. Loads of one
// key that are under way are shared; one that fails is not kept.

export interface TimedCache<V> {
  get(key: string, load: () => Promise<V>): Promise<V>;
  /** Puts `value` in the place of what is there. */
  set(key: string, value: Promise<V>): Promise<V>;
  delete(key: string): void;
}

export function createTimedCache<V>(
  { limit, forMs }: { readonly limit: number; readonly forMs: number },
  { nowMs }: { readonly nowMs: () => number },
): TimedCache<V> {
  const entries = new Map<string, { readonly value: Promise<V>; readonly sinceMs: number }>();

  function set(key: string, value: Promise<V>): Promise<V> {
    const entry = { value, sinceMs: nowMs() };
    entries.delete(key);
    entries.set(key, entry);
    for (const oldest of entries.keys()) {
      if (entries.size <= limit) break;
      entries.delete(oldest);
    }
    value.catch(() => {
      if (entries.get(key) === entry) entries.delete(key);
    });
    return value;
  }

  return {
    set,
    get(key, load) {
      const entry = entries.get(key);
      // A clock that is put back keeps nothing longer.
      const ageMs = entry === undefined ? forMs : Math.abs(nowMs() - entry.sinceMs);
      return entry !== undefined && ageMs < forMs ? entry.value : set(key, load());
    },
    delete: (key) => void entries.delete(key),
  };
}

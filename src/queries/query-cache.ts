// Cache of answers to queries of read models, in memory of one instance. An answer is at most a second old, counted from when
// it began to be read, on however many instances: an entry is not believed for longer, whoever wrote meanwhile. On the instance
// that writes the read model itself it is dropped with the write. Who must see a certain change (`minVersion`) does not ask the
// cache.
import type { Meter } from '../ports/meter';

/** An answer is not given when it began to be read earlier than this. */
export const CACHED_MS = 1_000;

/** The oldest are dropped first. */
const MAX_ENTRIES = 200;

export interface CachedQuery {
  /** Whose data it is: what `forget` drops together. Two scopes never share one. */
  readonly group: string;
  /** What tells the query from others of the group. */
  readonly key: string;
  /** Read the store, and keep what it gives. */
  readonly isFresh?: boolean;
}

export interface QueryCache<T> {
  /** The answer as it is kept, or as `load` gives it; calls that come while it is read share it. Failures are not kept. */
  read(query: CachedQuery, load: () => Promise<T>): Promise<Cached<T>>;
  /** Drops the answers of a group, those that are being read included. */
  forget(group: string): void;
}

export interface Cached<T> {
  readonly answer: T;
  readonly result: 'hit' | 'miss';
}

interface Entry<T> {
  readonly answer: Promise<T>;
  readonly fromMs: number;
}

/** `name` is the one in the metric; `nowMs` must never go back. */
export function createQueryCache<T>(name: string, meter: Meter, nowMs: () => number): QueryCache<T> {
  /** By group, and in it by query; groups in the order of their oldest entry. */
  const groups = new Map<string, Map<string, Entry<T>>>();
  let size = 0;

  const drop = (group: string, key: string, entry: Entry<T>): void => {
    const entries = groups.get(group);
    if (entries?.get(key) !== entry) return;
    entries.delete(key);
    size -= 1;
    if (entries.size === 0) groups.delete(group);
  };

  const forget = (group: string): void => {
    size -= groups.get(group)?.size ?? 0;
    groups.delete(group);
  };

  const keep = (group: string, key: string, entry: Entry<T>): void => {
    const entries = groups.get(group) ?? new Map<string, Entry<T>>();
    if (!entries.has(key)) size += 1;
    entries.set(key, entry);
    groups.delete(group);
    groups.set(group, entries);
    for (const oldest of groups.keys()) {
      if (size <= MAX_ENTRIES) return;
      forget(oldest);
    }
  };

  return {
    async read({ group, key, isFresh = false }, load) {
      const kept = isFresh ? undefined : groups.get(group)?.get(key);
      const result = kept !== undefined && nowMs() - kept.fromMs < CACHED_MS ? 'hit' : 'miss';
      meter.add('order_saga_query_cache_total', { query: name, result });
      if (kept !== undefined && result === 'hit') return { answer: await kept.answer, result };
      const entry = { answer: load(), fromMs: nowMs() };
      keep(group, key, entry);
      try {
        return { answer: await entry.answer, result };
      } catch (error) {
        drop(group, key, entry);
        throw error;
      }
    },
    forget,
  };
}

// Store of the status of monitored timers, kept over restarts: a run missed while the host was down is past due.
import type { Journal } from '../storage/journal';
import type { SharedFile } from '../storage/shared-file';
import type { SingletonLeases } from './singleton-lease';

/** Milliseconds since the epoch. */
export interface ScheduleStatus {
  /** The last occurrence that was run; undefined before the first. */
  readonly lastMs: number | undefined;
  readonly nextMs: number;
  readonly lastUpdatedMs: number;
}

export interface TimerStore {
  load(functionName: string): Promise<ScheduleStatus | undefined>;
  /** Resolves when the status is on disk. */
  save(functionName: string, status: ScheduleStatus): Promise<void>;
}

/** What timers keep, and with several hosts the leases by which one of these runs them. */
export interface TimerStorage {
  readonly status: TimerStore;
  readonly leases?: SingletonLeases;
}

type Database = Pick<Journal, 'schema' | 'statement' | 'write' | 'read'>;

/** The same over a file that several hosts have open together. */
export function createSharedTimerStore(file: SharedFile): TimerStore {
  return createTimerStore({
    schema: (sql) => file.schema(sql),
    statement: (sql) => file.statement(sql),
    write: (change) => file.commit(change),
    read: (query) => Promise.resolve(query()),
  });
}

export function createTimerStore(journal: Database): TimerStore {
  journal.schema(
    `CREATE TABLE IF NOT EXISTS host_timers
       (name TEXT PRIMARY KEY, last_ms INTEGER, next_ms INTEGER NOT NULL, last_updated_ms INTEGER NOT NULL)`,
  );
  const select = journal.statement(
    'SELECT last_ms, next_ms, last_updated_ms FROM host_timers WHERE name = ?',
  );
  const upsert = journal.statement('INSERT OR REPLACE INTO host_timers VALUES (?, ?, ?, ?)');
  return {
    async load(functionName) {
      const row = await journal.read(() =>
        select.get<{ last_ms: number | null; next_ms: number; last_updated_ms: number }>(functionName),
      );
      if (row === undefined) return undefined;
      return { lastMs: row.last_ms ?? undefined, nextMs: row.next_ms, lastUpdatedMs: row.last_updated_ms };
    },
    async save(functionName, { lastMs, nextMs, lastUpdatedMs }) {
      await journal.write(() => upsert.run(functionName, lastMs ?? null, nextMs, lastUpdatedMs));
    },
  };
}

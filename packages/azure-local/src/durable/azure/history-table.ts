// History table of a task hub: one row per event, and a checkpoint row whose etag guards every write of the history.
// Follows DurableTask.AzureStorage, Tracking/AzureTableTrackingStore.cs (UpdateStateAsync, GetHistoryEventsAsync).
//
// history-table.B1  A history is written in parts of 99 rows, each a commit of its own that takes the etag of the part
//   before. Whoever has an older etag writes nothing: another host has taken the instance.
// history-table.B2  Rows of an earlier execution are overwritten row by row; those left over are recognised by their
//   execution id. A history that was written in part is read as far as it goes.
import type { SharedFile } from '../../storage/shared-file';
import type { EventText } from '../history-events';

/** The rows of one table transaction, less the checkpoint row. */
export const ROWS_PER_PART = 99;

export interface HistoryRow {
  readonly event: EventText;
  /** JSON text of `Work`: what the event scheduled or the episode cancelled. On Azure a replay tells it. */
  readonly work: string | null;
}

export interface History {
  readonly rows: readonly HistoryRow[];
  /** Undefined when the instance has no checkpoint row. */
  readonly etag: number | undefined;
  /** Of the rows; null when there are none. */
  readonly executionId: string | null;
}

/** One part on its way: `from` is the number of its first row. */
export interface HistoryPart {
  readonly instanceId: string;
  readonly executionId: string;
  readonly from: number;
  readonly rows: readonly HistoryRow[];
  readonly etag: number | undefined;
  readonly isLast: boolean;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS hub_history (
    instance_id TEXT NOT NULL, number INTEGER NOT NULL, execution_id TEXT NOT NULL, event TEXT NOT NULL, work TEXT,
    PRIMARY KEY (instance_id, number)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS hub_checkpoints (
    instance_id TEXT PRIMARY KEY, execution_id TEXT NOT NULL, etag INTEGER NOT NULL, complete INTEGER NOT NULL) WITHOUT ROWID;`;

interface Checkpoint {
  readonly executionId: string;
  readonly etag: number;
}

export type HistoryTable = ReturnType<typeof createHistoryTable>;

/** Opens the table in `file`, or creates it. Writers are to be called inside a commit. */
export function createHistoryTable(file: SharedFile) {
  file.schema(SCHEMA);
  const checkpointOf = file.statement(
    'SELECT execution_id AS executionId, etag FROM hub_checkpoints WHERE instance_id = ?',
  );
  const rowsOf = file.statement(
    'SELECT execution_id AS executionId, event, work FROM hub_history WHERE instance_id = ? ORDER BY number',
  );
  const put = file.statement('INSERT OR REPLACE INTO hub_history VALUES (?, ?, ?, ?, ?)');
  const putCheckpoint = file.statement('INSERT OR REPLACE INTO hub_checkpoints VALUES (?, ?, ?, ?)');
  const change = file.statement(
    'UPDATE hub_history SET event = ?, work = ? WHERE instance_id = ? AND number = ?',
  );

  const checkpoint = (instanceId: string): Checkpoint | undefined => checkpointOf.get<Checkpoint>(instanceId);

  return {
    /** history-table.B2. The history of `expected`, or of the latest execution when null. */
    load(instanceId: string, expected: string | null): History {
      const latest = checkpoint(instanceId);
      const etag = latest?.etag;
      if (latest === undefined || (expected !== null && expected !== latest.executionId))
        return { rows: [], etag, executionId: null };
      const all = rowsOf.all<HistoryRow & { executionId: string }>(instanceId);
      const end = all.findIndex(({ executionId }) => executionId !== latest.executionId);
      const rows = (end < 0 ? all : all.slice(0, end)).map(({ event, work }) => ({ event, work }));
      return { rows, etag, executionId: rows.length === 0 ? null : latest.executionId };
    },

    /** history-table.B1. The new etag; undefined, with nothing written, when the given one is not the latest. */
    write({ instanceId, executionId, from, rows, etag, isLast }: HistoryPart): number | undefined {
      if (checkpoint(instanceId)?.etag !== etag) return undefined;
      rows.forEach(({ event, work }, index) => put.run(instanceId, from + index, executionId, event, work));
      const next = (etag ?? 0) + 1;
      putCheckpoint.run(instanceId, executionId, next, isLast ? 1 : 0);
      return next;
    },

    /** Puts rewritten rows in the place of the same number of rows. */
    rewrite(instanceId: string, rows: readonly HistoryRow[]): void {
      rows.forEach(({ event, work }, number) => change.run(event, work, instanceId, number));
    },

    drop(instanceId: string): void {
      file.statement('DELETE FROM hub_history WHERE instance_id = ?').run(instanceId);
      file.statement('DELETE FROM hub_checkpoints WHERE instance_id = ?').run(instanceId);
    },
  };
}

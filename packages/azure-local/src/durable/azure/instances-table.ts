// Instances table of a task hub: one row per instance, which status calls read. It is written after the history, in a
// commit of its own, so that it may be behind (DurableTask.AzureStorage, Tracking/AzureTableTrackingStore.cs).
import type { SharedFile } from '../../storage/shared-file';
import type { StartFacts } from '../history-events';
import type { RuntimeStatus } from '../instance';
import { whereOf, type InstanceFilter } from '../instance-filter';
import { IS_ENTITY } from '../store-writers';
import type { InstanceRow } from '../stored-rows';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS hub_instances (
    key INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, execution_id TEXT NOT NULL, name TEXT NOT NULL, version TEXT,
    generation INTEGER, input TEXT, status TEXT NOT NULL, ended INTEGER NOT NULL DEFAULT 0, custom_status TEXT,
    output TEXT, created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL, parent TEXT);
  CREATE INDEX IF NOT EXISTS hub_open ON hub_instances (key) WHERE ended <> 1;`;

const COLUMNS =
  'key, id, execution_id AS executionId, name, version, generation, input, status, ended, custom_status AS customStatus, ' +
  'output, created_ms AS createdMs, updated_ms AS updatedMs, parent, 0 AS continued, NULL AS source';

/** What an episode tells of its instance. */
export interface InstanceUpdate {
  readonly facts: StartFacts;
  readonly createdMs: number;
  readonly status: RuntimeStatus;
  /** 1 for an ended run; entities have their own mark. */
  readonly ended: number;
  readonly customStatus: string | null;
  /** JSON text. */
  readonly output: string | null;
}

export type InstancesTable = ReturnType<typeof createInstancesTable>;

/** Opens the table in `file`, or creates it. Writers are to be called inside a commit. */
export function createInstancesTable(file: SharedFile) {
  file.schema(SCHEMA);
  const find = file.statement(`SELECT ${COLUMNS} FROM hub_instances WHERE id = ?`);
  const byKey = file.statement(`SELECT ${COLUMNS} FROM hub_instances WHERE key = ?`);
  const put = file.statement(
    'INSERT INTO hub_instances (id, execution_id, name, version, generation, input, status, ended, custom_status, output, ' +
      'created_ms, updated_ms, parent) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ' +
      'ON CONFLICT (id) DO UPDATE SET execution_id = excluded.execution_id, name = excluded.name, version = excluded.version, ' +
      'generation = excluded.generation, input = excluded.input, status = excluded.status, ended = excluded.ended, ' +
      'custom_status = excluded.custom_status, output = excluded.output, created_ms = excluded.created_ms, ' +
      'updated_ms = excluded.updated_ms, parent = excluded.parent',
  );

  return {
    find: (id: string): InstanceRow | undefined => find.get<InstanceRow>(id),

    byKey: (key: number): InstanceRow | undefined => byKey.get<InstanceRow>(key),

    /** Rows by id, ascending, at most `limit`. */
    list(filter: InstanceFilter, limit: number): InstanceRow[] {
      const [where, params] = whereOf(filter);
      const sql = `SELECT ${COLUMNS} FROM hub_instances WHERE ${where} ORDER BY id LIMIT ?`;
      return file.statement(sql).all<InstanceRow>(...params, limit);
    },

    /** Adds the row, or writes over it, of whichever execution it was. */
    put(update: InstanceUpdate, nowMs: number): void {
      const { facts, status, ended, customStatus, output, createdMs } = update;
      const { id, executionId, name, version, generation, input, parent } = facts;
      const parentText = parent === undefined ? null : JSON.stringify(parent);
      put.run(
        ...[id, executionId, name, version, generation, input, status, ended, customStatus, output],
        ...[createdMs, nowMs, parentText],
      );
    },

    /** Adds the row of an entity, or writes over it; both texts are JSON, as the extension shows them. */
    putEntity(id: string, state: string, customStatus: string, nowMs: number): void {
      const facts = { id, executionId: '', name: id, version: null, generation: null, input: state };
      const createdMs = this.find(id)?.createdMs ?? nowMs;
      const update = {
        facts,
        createdMs,
        status: 'Running',
        ended: IS_ENTITY,
        customStatus,
        output: null,
      } as const;
      this.put(update, nowMs);
    },

    /** Puts a run that had ended back among the unfinished. */
    reopen(id: string, nowMs: number): void {
      file
        .statement("UPDATE hub_instances SET status = 'Pending', ended = 0, updated_ms = ? WHERE id = ?")
        .run(nowMs, id);
    },

    /** Marks a run that a terminate reached before its start as ended. */
    terminate(id: string, output: string | null, nowMs: number): void {
      file
        .statement(
          "UPDATE hub_instances SET status = 'Terminated', ended = 1, output = ?, updated_ms = ? WHERE id = ? AND ended = 0",
        )
        .run(output, nowMs, id);
    },

    drop(id: string): void {
      file.statement('DELETE FROM hub_instances WHERE id = ?').run(id);
    },
  };
}

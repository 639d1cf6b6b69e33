// What the engine keeps on disk: one row per run of an instance, one row per episode (the history it added and the work
// it scheduled), and an inbox of what clients sent and no episode has consumed. Knows SQL, decides nothing.
//
// D1  An episode is one write: its history, the work it scheduled, the instance's status and the inbox rows it consumed.
// D2  Open activities and timers are not rows of their own: they follow from the episodes, so finishing one costs nothing.
import type { Journal, SqlValue } from '../storage/journal';
import type { EventText, StartFacts } from './history-events';
import {
  pendingInstance,
  replayEpisode,
  type Instance,
  type Message,
  type RuntimeStatus,
  type Work,
} from './instance';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS durable_instances (
    key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, execution_id TEXT NOT NULL, name TEXT NOT NULL, version TEXT,
    generation INTEGER NOT NULL, input TEXT, status TEXT NOT NULL, ended INTEGER NOT NULL DEFAULT 0,
    custom_status TEXT, output TEXT, created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL);
  CREATE INDEX IF NOT EXISTS durable_unfinished ON durable_instances (key) WHERE ended = 0;
  CREATE TABLE IF NOT EXISTS durable_episodes (
    key INTEGER NOT NULL, number INTEGER NOT NULL, history TEXT NOT NULL, work TEXT,
    PRIMARY KEY (key, number)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS durable_inbox (
    key INTEGER NOT NULL, number INTEGER NOT NULL, kind TEXT NOT NULL, event TEXT NOT NULL, reason TEXT,
    PRIMARY KEY (key, number)) WITHOUT ROWID;`;

const COLUMNS =
  'key, id, execution_id AS executionId, name, version, generation, input, status, ended, custom_status AS customStatus, ' +
  'output, created_ms AS createdMs, updated_ms AS updatedMs';

/** One run of an instance as the status calls need it. JSON columns are JSON text. */
export interface InstanceRow {
  readonly key: number;
  readonly id: string;
  readonly executionId: string;
  readonly name: string;
  readonly version: string | null;
  readonly generation: number;
  readonly input: string | null;
  readonly status: RuntimeStatus;
  readonly ended: number;
  readonly customStatus: string | null;
  readonly output: string | null;
  readonly createdMs: number;
  readonly updatedMs: number;
}

/** What a list or a purge asks for; an absent field does not restrict. */
export interface InstanceFilter {
  readonly createdFromMs?: number;
  readonly createdToMs?: number;
  readonly statuses?: readonly RuntimeStatus[];
  readonly idPrefix?: string;
  readonly afterId?: string;
}

/** What an episode adds to an instance. */
export interface EpisodeRecord {
  readonly history: EventText;
  readonly work: Work | undefined;
  readonly status: RuntimeStatus;
  readonly ended: boolean;
  readonly output: string | null;
  readonly consumed: readonly number[];
}

export type DurableStore = ReturnType<typeof createStore>;

/** Opens the engine's tables in `journal`. Every returned promise is the journal's: resolved means on disk. */
export function createStore(journal: Journal) {
  journal.schema(SCHEMA);
  const find = journal.statement(`SELECT ${COLUMNS} FROM durable_instances WHERE id = ?`);
  const episodesOf = journal.statement(
    'SELECT history, work FROM durable_episodes WHERE key = ? ORDER BY number',
  );

  return {
    ...writers(journal),

    find: (id: string): InstanceRow | undefined => find.get<InstanceRow>(id),

    /** The row as it is on disk, or undefined. */
    status: (id: string): Promise<InstanceRow | undefined> => journal.read(() => find.get<InstanceRow>(id)),

    /** The history of a run: the texts of its episodes. */
    history: (key: number): Promise<EventText[]> =>
      journal.read(() => episodesOf.all<{ history: EventText }>(key).map((row) => row.history)),

    /** Rows by id, ascending, at most `limit`. */
    list(filter: InstanceFilter, limit: number): Promise<InstanceRow[]> {
      const [where, params] = whereOf(filter);
      const sql = `SELECT ${COLUMNS} FROM durable_instances WHERE ${where} ORDER BY id LIMIT ?`;
      return journal.read(() => journal.statement(sql).all<InstanceRow>(...params, limit));
    },

    lastKey: (): number =>
      journal.statement('SELECT max(key) AS key FROM durable_instances').get<{ key: number | null }>()?.key ??
      0,

    /** Every unfinished instance, rebuilt from its episodes and its inbox. */
    loadUnfinished(): Instance[] {
      const rows = journal
        .statement(`SELECT ${COLUMNS} FROM durable_instances WHERE ended = 0 ORDER BY key`)
        .all<InstanceRow>();
      const inboxOf = journal.statement(
        'SELECT number, kind, event, reason FROM durable_inbox WHERE key = ? ORDER BY number',
      );
      return rows.map((row) => {
        const instance = pendingInstance(row.key, row, row.createdMs);
        instance.status = row.status;
        instance.customStatus = row.customStatus;
        for (const { history, work } of episodesOf.all<{ history: EventText; work: string | null }>(
          row.key,
        )) {
          replayEpisode(instance, history, work === null ? undefined : (JSON.parse(work) as Work));
        }
        for (const message of inboxOf.all<InboxRow>(row.key)) instance.inbox.push(fromInboxRow(message));
        return instance;
      });
    },
  };
}

interface InboxRow {
  readonly number: number;
  readonly kind: Message['kind'];
  readonly event: EventText;
  readonly reason: string | null;
}

const fromInboxRow = (row: InboxRow): Message => ({
  kind: row.kind,
  event: row.event,
  inboxId: row.number,
  reason: row.reason,
});

function writers(journal: Journal) {
  const insert = journal.statement(
    'INSERT INTO durable_instances (key, id, execution_id, name, version, generation, input, status, created_ms, updated_ms) ' +
      "VALUES (?, ?, ?, ?, ?, ?, ?, 'Pending', ?, ?)",
  );
  const update = journal.statement(
    'UPDATE durable_instances SET status = ?, ended = ?, custom_status = ?, output = ?, updated_ms = ? WHERE key = ?',
  );
  const addEpisode = journal.statement('INSERT INTO durable_episodes VALUES (?, ?, ?, ?)');
  const addMessage = journal.statement('INSERT INTO durable_inbox VALUES (?, ?, ?, ?, ?)');
  const dropMessage = journal.statement('DELETE FROM durable_inbox WHERE key = ? AND number = ?');
  const dropRows = [
    journal.statement('DELETE FROM durable_instances WHERE key = ?'),
    journal.statement('DELETE FROM durable_episodes WHERE key = ?'),
    journal.statement('DELETE FROM durable_inbox WHERE key = ?'),
  ];
  const drop = (key: number): void => {
    for (const statement of dropRows) statement.run(key);
  };

  return {
    /** Adds a run; what an ended run left under the same id goes. */
    start: (key: number, facts: StartFacts, nowMs: number, replacedKey: number | undefined): Promise<void> =>
      journal.write(() => {
        if (replacedKey !== undefined) drop(replacedKey);
        const { id, executionId, name, version, generation, input } = facts;
        insert.run(key, id, executionId, name, version, generation, input, nowMs, nowMs);
      }),

    /** D1. `number` counts the instance's episodes from 0. */
    saveEpisode: (instance: Instance, record: EpisodeRecord, nowMs: number): Promise<void> =>
      journal.write(() => {
        const work = record.work === undefined ? null : JSON.stringify(record.work);
        addEpisode.run(instance.key, instance.episodes, record.history, work);
        for (const number of record.consumed) dropMessage.run(instance.key, number);
        update.run(
          record.status,
          record.ended ? 1 : 0,
          instance.customStatus,
          record.output,
          nowMs,
          instance.key,
        );
      }),

    send: (key: number, number: number, message: Message): Promise<void> =>
      journal.write(() => {
        addMessage.run(key, number, message.kind, message.event, message.reason ?? null);
      }),

    purge: (keys: readonly number[]): Promise<void> => journal.write(() => keys.forEach(drop)),
  };
}

function whereOf(filter: InstanceFilter): [string, SqlValue[]] {
  const conditions = ['1'];
  const params: SqlValue[] = [];
  const add = (condition: string, ...values: SqlValue[]): void => {
    conditions.push(condition);
    params.push(...values);
  };
  if (filter.createdFromMs !== undefined) add('created_ms >= ?', filter.createdFromMs);
  if (filter.createdToMs !== undefined) add('created_ms <= ?', filter.createdToMs);
  if (filter.afterId !== undefined) add('id > ?', filter.afterId);
  if (filter.idPrefix !== undefined) {
    add('id >= ? AND substr(id, 1, ?) = ?', filter.idPrefix, filter.idPrefix.length, filter.idPrefix);
  }
  if (filter.statuses !== undefined) {
    add(`status IN (${filter.statuses.map(() => '?').join(', ')})`, ...filter.statuses);
    // Lets SQLite take the index of unfinished instances, which is small however many have ended.
    if (filter.statuses.every((status) => UNFINISHED.has(status))) add('ended = 0');
  }
  return [conditions.join(' AND '), params];
}

const UNFINISHED: ReadonlySet<RuntimeStatus> = new Set(['Pending', 'Running', 'Suspended']);

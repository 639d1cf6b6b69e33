// Store of the engine in the mode `atomic`: one row per run of an instance, one row per episode (the history it added
// and the tasks it scheduled), and an inbox of messages that no episode has consumed yet. It knows SQL and no
// semantics of orchestrations.
//
// durable-store.D1  An episode is one write: its history, the work it scheduled, the instance's status and the inbox
//   rows it consumed.
// durable-store.D2  Open activities and timers are not rows of their own: they follow from the episodes, so finishing
//   one costs nothing.
import type { Journal } from '../storage/journal';
import { EventType, type EventText, type ParentFacts, type StartFacts } from './history-events';
import { pendingInstance, replayEpisode, type Instance, type Message, type Work } from './instance';
import { whereOf, type InstanceFilter } from './instance-filter';
import { NO_GENERATION, writers } from './store-writers';
import type { EpisodeRow, InstanceRow } from './stored-rows';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS durable_instances (
    key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, execution_id TEXT NOT NULL, name TEXT NOT NULL, version TEXT,
    generation INTEGER NOT NULL, input TEXT, status TEXT NOT NULL, ended INTEGER NOT NULL DEFAULT 0,
    custom_status TEXT, output TEXT, created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL);
  DROP INDEX IF EXISTS durable_unfinished;
  CREATE INDEX IF NOT EXISTS durable_open ON durable_instances (key) WHERE ended <> 1;
  CREATE TABLE IF NOT EXISTS durable_episodes (
    key INTEGER NOT NULL, number INTEGER NOT NULL, history TEXT NOT NULL, work TEXT, PRIMARY KEY (key, number));
  CREATE TABLE IF NOT EXISTS durable_inbox (
    key INTEGER NOT NULL, number INTEGER NOT NULL, kind TEXT NOT NULL, event TEXT NOT NULL, reason TEXT,
    PRIMARY KEY (key, number)) WITHOUT ROWID;`;

/** Columns that data folders of earlier versions lack, with their type. */
const ADDED_COLUMNS: Readonly<Record<string, string>> = {
  parent: 'TEXT',
  continued: 'INTEGER NOT NULL DEFAULT 0',
  source: 'TEXT',
};

const COLUMNS =
  `key, id, execution_id AS executionId, name, version, NULLIF(generation, ${NO_GENERATION}) AS generation, input, status, ` +
  'ended, custom_status AS customStatus, output, created_ms AS createdMs, updated_ms AS updatedMs, parent, continued, source';

export type DurableStore = ReturnType<typeof createStore>;

/** Opens the engine's tables in `journal`. Every returned promise is the journal's: resolved means on disk. */
export function createStore(journal: Journal) {
  journal.schema(SCHEMA);
  addColumns(journal);
  const find = journal.statement(`SELECT ${COLUMNS} FROM durable_instances WHERE id = ?`);
  const episodesOf = journal.statement(
    'SELECT history, work FROM durable_episodes WHERE key = ? ORDER BY number',
  );
  const inboxOf = journal.statement(
    'SELECT number, kind, event, reason FROM durable_inbox WHERE key = ? ORDER BY number',
  );
  const rebuild = (row: InstanceRow): Instance => {
    const instance = pendingInstance(row.key, factsOf(row), row.createdMs, row.continued === 1);
    instance.status = row.status;
    instance.customStatus = row.customStatus;
    for (const { history, work } of episodesOf.all<EpisodeRow>(row.key)) {
      replayEpisode(instance, history, work === null ? undefined : (JSON.parse(work) as Work));
    }
    for (const message of inboxOf.all<InboxRow>(row.key)) instance.inbox.push(fromInboxRow(message));
    return instance;
  };

  return {
    ...writers(journal),

    find: (id: string): InstanceRow | undefined => find.get<InstanceRow>(id),

    /** Resolves when everything written so far is on disk. */
    onDisk: (): Promise<void> => journal.settled(),

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

    /** Ended runs count: what reached one during its last episode comes back with a rewind. */
    lastMessage: (): number =>
      journal.statement('SELECT max(number) AS number FROM durable_inbox').get<{ number: number | null }>()
        ?.number ?? 0,

    /** The episodes of a run, by number. */
    episodes: (key: number): EpisodeRow[] => episodesOf.all<EpisodeRow>(key),

    /** The run with this id, rebuilt from its episodes and its inbox. */
    restore(id: string): Instance {
      const row = find.get<InstanceRow>(id);
      if (row === undefined) throw new Error(`There is no instance ${id}.`);
      return rebuild(row);
    },

    /** The operations that entities have yet to run, in the order of their arrival. */
    operations: (): WaitingOperation[] =>
      journal
        .statement(
          'SELECT id, durable_inbox.key AS key, number, event FROM durable_inbox JOIN durable_instances USING (key) ' +
            "WHERE kind = 'operation' ORDER BY number",
        )
        .all<WaitingOperation>(),

    /** Every unfinished instance, rebuilt. */
    loadUnfinished(): Instance[] {
      const rows = journal
        .statement(`SELECT ${COLUMNS} FROM durable_instances WHERE ended <> 1 AND ended = 0 ORDER BY key`)
        .all<InstanceRow>();
      return rows.map(rebuild);
    },
  };
}

function addColumns(journal: Journal): void {
  const present = journal
    .statement("SELECT name FROM pragma_table_info('durable_instances')")
    .all<{ name: string }>()
    .map(({ name }) => name);
  for (const [name, type] of Object.entries(ADDED_COLUMNS)) {
    if (!present.includes(name)) journal.schema(`ALTER TABLE durable_instances ADD COLUMN ${name} ${type}`);
  }
}

/** What the run was started with. */
function factsOf(row: InstanceRow): StartFacts {
  const { id, executionId, name, version, input, generation, parent, source } = row;
  return {
    ...{ id, executionId, name, version, input, generation },
    ...(parent === null ? undefined : { parent: JSON.parse(parent) as ParentFacts }),
    ...(source === null ? undefined : { source }),
  };
}

export interface WaitingOperation {
  readonly id: string;
  readonly key: number;
  readonly number: number;
  /** JSON text of `EntityRequest`. */
  readonly event: string;
}

interface InboxRow {
  readonly number: number;
  readonly kind: Message['kind'];
  readonly event: EventText;
  readonly reason: string | null;
}

function fromInboxRow({ kind, event, number, reason }: InboxRow): Message {
  const message = { kind, event, inboxId: number, reason };
  return kind === 'task' ? { ...message, ...endOf(event) } : message;
}

/** The end of a sub-orchestration: which task it ends, and how. */
function endOf(event: EventText): Pick<Message, 'taskId' | 'hasFailed'> {
  const { TaskScheduledId: taskId, EventType: type } = JSON.parse(event) as Record<string, number>;
  return {
    ...(taskId === undefined ? undefined : { taskId }),
    hasFailed: type === EventType.subOrchestrationInstanceFailed,
  };
}

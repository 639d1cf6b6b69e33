// Writers of the durable store, each all or nothing. durable-store.D1 stands at the head of store.ts.
import type { Journal } from '../storage/journal';
import type { EventText, StartFacts } from './history-events';
import type { RewoundRun } from './rewind';
import type { Instance, Message, RuntimeStatus, Work } from './instance';

/** Stands for a generation of null in a column that earlier versions made NOT NULL. */
export const NO_GENERATION = -1;

/** In the column `ended`: neither unfinished nor ended. */
export const IS_ENTITY = 2;

/** A run that begins. */
export interface NewRun {
  readonly key: number;
  readonly facts: StartFacts;
  readonly nowMs: number;
  /** The ended run under the same id, which goes. */
  readonly replacedKey: number | undefined;
}

/** An entity that something is sent to for the first time. */
export interface NewEntity {
  readonly key: number;
  readonly id: string;
  readonly nowMs: number;
}

/** What a batch leaves of an entity. */
export interface EntityRecord {
  readonly key: number;
  /** JSON text of the scheduler's state and of the status, as the extension shows them. */
  readonly state: string;
  readonly customStatus: string;
  readonly consumed: readonly number[];
}

/** What goes to others in the same write. */
export interface Sent {
  readonly starts: readonly NewRun[];
  readonly entities: readonly NewEntity[];
  readonly deliveries: readonly Delivery[];
}

/** A message to an unfinished run. */
export interface Delivery {
  readonly key: number;
  readonly message: Message & { readonly inboxId: number };
}

/** What an episode adds to an instance, and what it has others do. */
export interface EpisodeRecord extends Sent {
  readonly history: EventText;
  readonly work: Work | undefined;
  readonly status: RuntimeStatus;
  readonly ended: boolean;
  readonly output: string | null;
  readonly consumed: readonly number[];
}

/** Every returned promise is the journal's: resolved means on disk. */
export function writers(journal: Journal) {
  const update = journal.statement(
    'UPDATE durable_instances SET status = ?, ended = ?, custom_status = ?, output = ?, updated_ms = ? WHERE key = ?',
  );
  const addEpisode = journal.statement('INSERT INTO durable_episodes VALUES (?, ?, ?, ?)');
  const changeEpisode = journal.statement(
    'UPDATE durable_episodes SET history = ?, work = ? WHERE key = ? AND number = ?',
  );
  const reopen = journal.statement(
    "UPDATE durable_instances SET status = 'Pending', ended = 0, updated_ms = ? WHERE key = ?",
  );
  const dropMessage = journal.statement('DELETE FROM durable_inbox WHERE key = ? AND number = ?');
  const updateEntity = journal.statement(
    'UPDATE durable_instances SET input = ?, custom_status = ?, updated_ms = ? WHERE key = ?',
  );
  const { drop, addRun, addMessage, addSent } = parts(journal);

  return {
    /** Adds a run; what an ended run left under the same id goes. */
    start: (run: NewRun): Promise<void> => journal.write(() => addRun(run)),

    /** durable-store.D1. `number` counts the instance's episodes from 0. */
    saveEpisode: (instance: Instance, record: EpisodeRecord, nowMs: number): Promise<void> =>
      journal.write(() => {
        const { key, episodes, customStatus } = instance;
        const work = record.work === undefined ? null : JSON.stringify(record.work);
        addEpisode.run(key, episodes, record.history, work);
        for (const number of record.consumed) dropMessage.run(key, number);
        update.run(record.status, record.ended ? 1 : 0, customStatus, record.output, nowMs, key);
        addSent(record);
      }),

    /** durable-entities.N1. */
    saveBatch: (record: EntityRecord, sent: Sent, nowMs: number): Promise<void> =>
      journal.write(() => {
        const { key, state, customStatus, consumed } = record;
        updateEntity.run(state, customStatus, nowMs, key);
        for (const number of consumed) dropMessage.run(key, number);
        addSent(sent);
      }),

    /** What a client sends to entities. */
    saveSent: (sent: Sent): Promise<void> => journal.write(() => addSent(sent)),

    /**
     * durable-store.D1. Puts a new execution, with the messages it has yet to see, in the place of the one that ends;
     * `sent` is its last.
     */
    continueAsNew: (
      run: NewRun,
      customStatus: string | null,
      inbox: readonly Delivery['message'][],
      sent: Sent,
    ): Promise<void> =>
      journal.write(() => {
        addRun(run);
        update.run('Running', 0, customStatus, null, run.nowMs, run.key);
        journal.statement('UPDATE durable_instances SET continued = 1 WHERE key = ?').run(run.key);
        for (const message of inbox) addMessage({ key: run.key, message });
        addSent(sent);
      }),

    /** Puts rewound runs back among the unfinished, with the messages that wake them. */
    rewind: (runs: readonly RewoundRun[], deliveries: readonly Delivery[], nowMs: number): Promise<void> =>
      journal.write(() => {
        for (const { key, episodes } of runs) {
          episodes.forEach(({ history, work }, number) => changeEpisode.run(history, work, key, number));
          reopen.run(nowMs, key);
        }
        deliveries.forEach(addMessage);
      }),

    send: (delivery: Delivery): Promise<void> => journal.write(() => addMessage(delivery)),

    purge: (keys: readonly number[]): Promise<void> => journal.write(() => keys.forEach(drop)),
  };
}

/** Steps of a write. */
function parts(journal: Journal) {
  const insert = journal.statement(
    'INSERT INTO durable_instances (key, id, execution_id, name, version, generation, input, status, created_ms, updated_ms, parent, source) ' +
      "VALUES (?, ?, ?, ?, ?, ?, ?, 'Pending', ?, ?, ?, ?)",
  );
  const insertEntity = journal.statement(
    'INSERT INTO durable_instances (key, id, execution_id, name, generation, input, status, ended, custom_status, created_ms, updated_ms) ' +
      `VALUES (?, ?, '', ?, ${NO_GENERATION}, '{"sorter":{}}', 'Running', ${IS_ENTITY}, '{}', ?, ?)`,
  );
  const insertMessage = journal.statement('INSERT INTO durable_inbox VALUES (?, ?, ?, ?, ?)');
  const dropRows = [
    journal.statement('DELETE FROM durable_instances WHERE key = ?'),
    journal.statement('DELETE FROM durable_episodes WHERE key = ?'),
    journal.statement('DELETE FROM durable_inbox WHERE key = ?'),
  ];
  const drop = (key: number): void => {
    for (const statement of dropRows) statement.run(key);
  };
  const addRun = ({ key, facts, nowMs, replacedKey }: NewRun): void => {
    if (replacedKey !== undefined) drop(replacedKey);
    const { id, executionId, name, version, input, parent, source } = facts;
    const generation = facts.generation ?? NO_GENERATION;
    const parentText = parent === undefined ? null : JSON.stringify(parent);
    insert.run(
      ...[key, id, executionId, name, version, generation, input, nowMs, nowMs],
      ...[parentText, source ?? null],
    );
  };
  const addMessage = ({ key, message: { inboxId, kind, event, reason } }: Delivery): void => {
    insertMessage.run(key, inboxId, kind, event, reason ?? null);
  };
  const addSent = ({ starts, entities, deliveries }: Sent): void => {
    starts.forEach(addRun);
    for (const { key, id, nowMs } of entities) insertEntity.run(key, id, id, nowMs, nowMs);
    deliveries.forEach(addMessage);
  };
  return { drop, addRun, addMessage, addSent };
}

// Store of pending deliveries, dead letters and the subscriptions made through the control API, in the journal. The
// table of deliveries is the queue: one row for each event and subscription, from its acceptance to its end.
import type { Journal } from '../storage/journal';
import type { AcceptedEvent } from './event-schemas';

/** To which subscription: topic and name, as they are written. */
export interface Address {
  readonly topic: string;
  readonly subscription: string;
}

export interface Delivery {
  readonly id: number;
  readonly eventId: string;
  readonly dataVersion: string;
  /** The event as JSON, in the schema it was published in. */
  readonly event: string;
  readonly publishedMs: number;
  /** Attempts that have ended. */
  readonly attempts: number;
  readonly dueMs: number;
  readonly lastAttemptMs: number | null;
  readonly lastStatus: number | null;
  readonly lastOutcome: string | null;
}

export interface DeadLetter extends Address {
  /** The event with why and when it was given up, in the service's words. */
  readonly event: unknown;
}

export interface DeliveryStore {
  /** Adds a delivery; to be called inside a write. */
  add(address: Address, event: AcceptedEvent, json: string, nowMs: number): void;
  /** The first deliveries that are due, at most `limit`. */
  due(address: Address, nowMs: number, limit: number): readonly Delivery[];
  /** When the first delivery after `nowMs` is due. */
  nextDueMs(address: Address, nowMs: number): number | undefined;
  /** How many deliveries have not ended, of all subscriptions. */
  pending(): number;
  /** Removes a delivery; inside a write. */
  remove(id: number): void;
  /** Notes an attempt that failed and when the next is due; inside a write. */
  postpone(id: number, attempts: number, dueMs: number, last: LastAttempt): void;
  /** Keeps a dead letter; inside a write. */
  addDeadLetter(address: Address, letter: string): void;
  /** Oldest first. */
  deadLetters(limit: number): readonly DeadLetter[];
  /** Keeps the definition of a subscription, or replaces it; inside a write. */
  putSubscription(address: Address, definition: string): void;
  subscriptions(): readonly { readonly topic: string; readonly definition: string }[];
}

export interface LastAttempt {
  readonly atMs: number;
  readonly status: number | null;
  readonly outcome: string;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS eventgrid_deliveries (
    id INTEGER PRIMARY KEY, topic TEXT NOT NULL, subscription TEXT NOT NULL, event_id TEXT NOT NULL,
    data_version TEXT NOT NULL, event TEXT NOT NULL, published_ms INTEGER NOT NULL, attempts INTEGER NOT NULL,
    due_ms INTEGER NOT NULL, last_attempt_ms INTEGER, last_status INTEGER, last_outcome TEXT);
  CREATE INDEX IF NOT EXISTS eventgrid_deliveries_due ON eventgrid_deliveries (topic, subscription, due_ms, id);
  CREATE TABLE IF NOT EXISTS eventgrid_dead_letters (
    id INTEGER PRIMARY KEY, topic TEXT NOT NULL, subscription TEXT NOT NULL, letter TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS eventgrid_subscriptions (
    topic TEXT NOT NULL, name TEXT NOT NULL, definition TEXT NOT NULL, PRIMARY KEY (topic, name)) WITHOUT ROWID;`;

const DUE = `SELECT id, event_id AS eventId, data_version AS dataVersion, event, published_ms AS publishedMs, attempts,
    due_ms AS dueMs, last_attempt_ms AS lastAttemptMs, last_status AS lastStatus, last_outcome AS lastOutcome
  FROM eventgrid_deliveries WHERE topic = ? AND subscription = ? AND due_ms <= ? ORDER BY due_ms, id LIMIT ?`;

/** Opens the store on a journal that may be shared: all tables are called `eventgrid_…`. */
export function createDeliveryStore(journal: Journal): DeliveryStore {
  journal.schema(SCHEMA);
  const due = journal.statement(DUE);
  const next = journal.statement(
    'SELECT MIN(due_ms) AS ms FROM eventgrid_deliveries WHERE topic = ? AND subscription = ? AND due_ms > ?',
  );
  const insert = journal.statement(
    'INSERT INTO eventgrid_deliveries (topic, subscription, event_id, data_version, event, published_ms, attempts, due_ms) ' +
      'VALUES (?, ?, ?, ?, ?, ?, 0, ?)',
  );
  const remove = journal.statement('DELETE FROM eventgrid_deliveries WHERE id = ?');
  const postpone = journal.statement(
    'UPDATE eventgrid_deliveries SET attempts = ?, due_ms = ?, last_attempt_ms = ?, last_status = ?, last_outcome = ? WHERE id = ?',
  );
  return {
    add({ topic, subscription }, { id, dataVersion }, json, nowMs) {
      insert.run(topic, subscription, id, dataVersion, json, nowMs, nowMs);
    },
    due: ({ topic, subscription }, nowMs, limit) => due.all<Delivery>(topic, subscription, nowMs, limit),
    nextDueMs: ({ topic, subscription }, nowMs) =>
      next.get<{ ms: number | null }>(topic, subscription, nowMs)?.ms ?? undefined,
    pending: () =>
      journal.statement('SELECT COUNT(*) AS n FROM eventgrid_deliveries').get<{ n: number }>()?.n ?? 0,
    remove: (id) => void remove.run(id),
    postpone: (id, attempts, dueMs, { atMs, status, outcome }) =>
      void postpone.run(attempts, dueMs, atMs, status, outcome, id),
    ...keptForever(journal),
  };
}

function keptForever(
  journal: Journal,
): Pick<DeliveryStore, 'addDeadLetter' | 'deadLetters' | 'putSubscription' | 'subscriptions'> {
  return {
    addDeadLetter({ topic, subscription }, letter) {
      journal
        .statement('INSERT INTO eventgrid_dead_letters (topic, subscription, letter) VALUES (?, ?, ?)')
        .run(topic, subscription, letter);
    },
    deadLetters: (limit) =>
      journal
        .statement('SELECT topic, subscription, letter FROM eventgrid_dead_letters ORDER BY id LIMIT ?')
        .all<Address & { letter: string }>(limit)
        .map(({ topic, subscription, letter }) => ({
          topic,
          subscription,
          event: JSON.parse(letter) as unknown,
        })),
    putSubscription({ topic, subscription }, definition) {
      journal
        .statement(
          'INSERT OR REPLACE INTO eventgrid_subscriptions (topic, name, definition) VALUES (?, ?, ?)',
        )
        .run(topic, subscription, definition);
    },
    subscriptions: () =>
      journal
        .statement('SELECT topic, definition FROM eventgrid_subscriptions')
        .all<{ topic: string; definition: string }>(),
  };
}

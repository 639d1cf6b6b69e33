// Store of messages on disk. Rows are small and bodies lie beside them, so that counting a delivery never rewrites a
// body.
//
// message-store.M1  Every method that changes something runs inside a `journal.write`; `append` inside the store's own
//   `write`, which keeps how far the numbers have come once for all its messages.
// message-store.M2  A message's row id is its entity's number and its sequence number in one integer, so one range of
//   ids is one entity in order. Sequence numbers are never given twice, not even after a restart.
import type { Journal } from '../storage/journal';
import type { Statement } from '../storage/statements';
import type { Run } from './grouped-change';
import { SCHEMA } from './store-schema';

export const STATE = { active: 0, deferred: 1, scheduled: 2 } as const;
export type State = (typeof STATE)[keyof typeof STATE];

export interface MessageRow {
  readonly sequence: number;
  readonly state: State;
  readonly session: string | null;
  /** Deliveries begun, whether they were settled, lost or cut off by a crash. */
  readonly deliveries: number;
  readonly enqueuedAtMs: number;
  readonly timeToLiveMs: number | null;
  readonly expiresAtMs: number | null;
  readonly enqueueSequence: number;
  /** The path of the entity that dead-lettered it. */
  readonly deadLetterSource: string | null;
}

export interface StoredMessage extends MessageRow {
  readonly payload: Buffer;
}

export interface NewMessage {
  readonly state: State;
  readonly session: string | null;
  readonly enqueuedAtMs: number;
  readonly timeToLiveMs: number | null;
  readonly expiresAtMs: number | null;
  /** When a scheduled message becomes active. */
  readonly dueAtMs: number | null;
  readonly payload: Buffer;
}

/** Where a message lies. */
export interface Place {
  readonly entity: number;
  readonly sequence: number;
}

/** How far the messages whose time is over have been looked through. */
export interface ExpiryCursor {
  readonly ms: number;
  readonly id: number;
}

/** 2^36 sequence numbers per entity, 2^17 entities: together what a double holds exactly. */
const SEQUENCES = 2 ** 36;

const COLUMNS = `id % ${SEQUENCES} AS sequence, state, session, deliveries, enqueued_at AS enqueuedAtMs,
  time_to_live AS timeToLiveMs, expires_at AS expiresAtMs, enqueue_sequence AS enqueueSequence,
  dead_letter_source AS deadLetterSource`;
const WITH_PAYLOAD = `SELECT ${COLUMNS}, payload FROM servicebus_messages JOIN servicebus_payloads USING (id)`;

const idOf = (entity: number, sequence: number): number => entity * SEQUENCES + sequence;
const placeOf = (id: number): Place => ({ entity: Math.floor(id / SEQUENCES), sequence: id % SEQUENCES });

export class MessageStore {
  private readonly lastSequences = new Map<number, number>();
  private readonly sql: ReturnType<typeof prepare>;
  /** Entities that the write under way has appended to. */
  private grown: Set<number> | undefined;

  constructor(private readonly journal: Journal) {
    journal.schema(SCHEMA);
    this.sql = prepare(journal);
  }

  /** The number of the entity with this path; it keeps it for ever. */
  entity(path: string): number {
    this.sql.addEntity.run(path);
    const row = this.sql.entity.get<{ entity: number; last: number }>(path);
    if (row === undefined) throw new Error(`The entity ${path} could not be entered into the store.`);
    this.lastSequences.set(row.entity, row.last);
    return row.entity;
  }

  /** The highest sequence number given so far. */
  lastSequence(entity: number): number {
    return this.lastSequences.get(entity) ?? 0;
  }

  /** A write of the journal in which messages may be appended. */
  write<T>(change: () => T): Promise<T> {
    return this.journal.write(() => {
      this.grown = new Set();
      try {
        const result = change();
        for (const entity of this.grown) this.sql.setLast.run(this.lastSequence(entity), entity);
        return result;
      } finally {
        this.grown = undefined;
      }
    });
  }

  /** Adds a message and returns its sequence number. */
  append(entity: number, message: NewMessage): number {
    if (this.grown === undefined) throw new Error('A message is appended outside of a write of the store.');
    this.grown.add(entity);
    const sequence = this.lastSequence(entity) + 1;
    this.lastSequences.set(entity, sequence);
    const id = idOf(entity, sequence);
    const { state, session, enqueuedAtMs, timeToLiveMs, expiresAtMs, dueAtMs, payload } = message;
    this.sql.add.run(id, state, session, enqueuedAtMs, timeToLiveMs, expiresAtMs, dueAtMs, sequence);
    this.sql.addPayload.run(id, payload);
    return sequence;
  }

  load(entity: number, sequence: number): StoredMessage | undefined {
    return this.sql.load.get<StoredMessage>(idOf(entity, sequence));
  }

  /** Adds `by` to the deliveries begun of neighbours. */
  count(entity: number, [first, last]: Run, by: 1 | -1): void {
    this.sql.count.run(by, idOf(entity, first), idOf(entity, last));
  }

  /** Removes neighbours. */
  remove(entity: number, [first, last]: Run): void {
    const range = [idOf(entity, first), idOf(entity, last)] as const;
    this.sql.removePayload.run(...range);
    this.sql.remove.run(...range);
  }

  defer(entity: number, sequence: number): void {
    this.sql.setState.run(STATE.deferred, idOf(entity, sequence));
  }

  replacePayload(entity: number, sequence: number, payload: Buffer): void {
    this.sql.setPayload.run(payload, idOf(entity, sequence));
  }

  /** Moves a message to a dead-letter entity, where it keeps its sequence number and no longer expires. */
  deadLetter(from: Place, to: number, source: string): void {
    const [id, target] = [idOf(from.entity, from.sequence), idOf(to, from.sequence)];
    this.sql.deadLetter.run(target, source, id);
    this.sql.movePayload.run(target, id);
    this.noteSequence(to, from.sequence);
  }

  /** Sequence numbers of active messages after one and up to another, in order. */
  page(entity: number, session: string | undefined, after: number, upTo: number, limit: number): number[] {
    const range = [idOf(entity, after), idOf(entity, upTo), limit] as const;
    const rows =
      session === undefined
        ? this.sql.page.all<{ id: number }>(...range)
        : this.sql.sessionPage.all<{ id: number }>(session, ...range);
    return rows.map(({ id }) => id % SEQUENCES);
  }

  /** Messages from a sequence number on, whatever their state. */
  peek(entity: number, session: string | undefined, from: number, limit: number): StoredMessage[] {
    const range = [idOf(entity, from), idOf(entity + 1, 0), limit] as const;
    return session === undefined
      ? this.sql.peek.all<StoredMessage>(...range)
      : this.sql.sessionPeek.all<StoredMessage>(session, ...range);
  }

  /** Sessions of active messages after a sequence number, in the order of those messages, with repetitions. */
  sessionsAfter(entity: number, after: number, limit: number): { sequence: number; session: string }[] {
    return this.sql.sessions
      .all<{ id: number; session: string }>(idOf(entity, after), idOf(entity + 1, 0), limit)
      .map(({ id, session }) => ({ sequence: id % SEQUENCES, session }));
  }

  /** The next messages in the order of expiry, at most `limit`, whose time to live is over; and how far that came. */
  expired(after: ExpiryCursor, nowMs: number, limit: number): { places: Place[]; cursor: ExpiryCursor } {
    const rows = this.sql.expired.all<ExpiryCursor>(after.ms, after.id, nowMs, limit);
    return { places: rows.map(({ id }) => placeOf(id)), cursor: rows.at(-1) ?? after };
  }

  nextExpiryMs(after: ExpiryCursor): number | undefined {
    return this.sql.nextExpiry.get<{ at: number | null }>(after.ms, after.id)?.at ?? undefined;
  }

  /** Scheduled messages whose time has come, at most `limit`. */
  due(nowMs: number, limit: number): Place[] {
    return this.sql.due.all<{ id: number }>(nowMs, limit).map(({ id }) => placeOf(id));
  }

  nextDueMs(): number | undefined {
    return this.sql.nextDue.get<{ at: number | null }>()?.at ?? undefined;
  }

  private noteSequence(entity: number, sequence: number): void {
    if (sequence <= this.lastSequence(entity)) return;
    this.lastSequences.set(entity, sequence);
    this.sql.setLast.run(sequence, entity);
  }
}

function prepare(journal: Journal): Record<keyof typeof STATEMENTS, Statement> {
  const names = Object.keys(STATEMENTS) as (keyof typeof STATEMENTS)[];
  const statements = names.map((name) => [name, journal.statement(STATEMENTS[name])] as const);
  return Object.fromEntries(statements) as Record<keyof typeof STATEMENTS, Statement>;
}

const RANGE = 'id > ? AND id <= ? AND state = 0 ORDER BY id LIMIT ?';
const FROM = 'id >= ? AND id < ? ORDER BY id LIMIT ?';

const STATEMENTS = {
  addEntity: 'INSERT INTO servicebus_entities (path) VALUES (?) ON CONFLICT DO NOTHING',
  entity: 'SELECT entity, last_sequence AS last FROM servicebus_entities WHERE path = ?',
  setLast: 'UPDATE servicebus_entities SET last_sequence = ? WHERE entity = ?',
  add: `INSERT INTO servicebus_messages
    (id, state, session, deliveries, enqueued_at, time_to_live, expires_at, due_at, enqueue_sequence)
    VALUES (?, ?, ?, 0, ?, ?, ?, ?, ?)`,
  addPayload: 'INSERT INTO servicebus_payloads (id, payload) VALUES (?, ?)',
  load: `${WITH_PAYLOAD} WHERE id = ?`,
  count: 'UPDATE servicebus_messages SET deliveries = deliveries + ? WHERE id BETWEEN ? AND ?',
  remove: 'DELETE FROM servicebus_messages WHERE id BETWEEN ? AND ?',
  removePayload: 'DELETE FROM servicebus_payloads WHERE id BETWEEN ? AND ?',
  setState: 'UPDATE servicebus_messages SET state = ? WHERE id = ?',
  setPayload: 'UPDATE servicebus_payloads SET payload = ? WHERE id = ?',
  deadLetter: `UPDATE servicebus_messages
    SET id = ?, dead_letter_source = ?, state = 0, expires_at = NULL WHERE id = ?`,
  movePayload: 'UPDATE servicebus_payloads SET id = ? WHERE id = ?',
  page: `SELECT id FROM servicebus_messages WHERE ${RANGE}`,
  sessionPage: `SELECT id FROM servicebus_messages WHERE session = ? AND ${RANGE}`,
  peek: `${WITH_PAYLOAD} WHERE ${FROM}`,
  sessionPeek: `${WITH_PAYLOAD} WHERE session = ? AND ${FROM}`,
  sessions: `SELECT id, session FROM servicebus_messages
    WHERE session IS NOT NULL AND state = 0 AND id > ? AND id < ? ORDER BY id LIMIT ?`,
  expired: `SELECT expires_at AS ms, id FROM servicebus_messages
    WHERE (expires_at, id) > (?, ?) AND expires_at <= ? ORDER BY expires_at, id LIMIT ?`,
  // That it is not null follows from the rest, but SQLite takes the index of those that expire only when it is said.
  nextExpiry: `SELECT expires_at AS at FROM servicebus_messages
    WHERE expires_at IS NOT NULL AND (expires_at, id) > (?, ?) ORDER BY expires_at, id LIMIT 1`,
  due: 'SELECT id FROM servicebus_messages WHERE due_at <= ? ORDER BY due_at, id LIMIT ?',
  nextDue: 'SELECT min(due_at) AS at FROM servicebus_messages WHERE due_at IS NOT NULL',
} as const;

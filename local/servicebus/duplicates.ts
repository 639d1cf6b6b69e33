// Duplicate detection: the message ids of a window, on disk. The window begins at the first message with the id; a
// duplicate does not prolong it.
import type { Journal, Statement } from '../storage/journal';

/** Ids dropped per remembered one: more than one, so that what has lapsed never piles up. */
const FORGET_AT_ONCE = 4;

export class Duplicates {
  private readonly enter: Statement;
  private readonly forget: Statement;

  constructor(journal: Journal) {
    this.enter = journal.statement(
      `INSERT INTO servicebus_seen (entity, message_id, forget_at) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET forget_at = excluded.forget_at WHERE forget_at <= ?`,
    );
    this.forget = journal.statement(
      `DELETE FROM servicebus_seen WHERE (entity, message_id) IN
         (SELECT entity, message_id FROM servicebus_seen WHERE forget_at <= ? LIMIT ${FORGET_AT_ONCE})`,
    );
  }

  /** Whether the id is new in the window; it is remembered from now on. Runs inside a `journal.write`. */
  isNew(entity: number, messageId: string, nowMs: number, windowMs: number): boolean {
    this.forget.run(nowMs);
    return this.enter.run(entity, messageId, nowMs + windowMs, nowMs).changes > 0;
  }
}

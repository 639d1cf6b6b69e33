// Duplicate detection: the message ids of a window, on disk. The window begins at the first message with the id; a
// duplicate does not prolong it.
import type { Journal } from '../storage/journal';
import type { Statement } from '../storage/statements';

/** After how many remembered ids those that have lapsed are dropped, more of them: so they never pile up. */
const FORGET_EVERY = 32;
const FORGET_AT_ONCE = 4 * FORGET_EVERY;

export class Duplicates {
  private readonly enter: Statement;
  private readonly forget: Statement;
  private untilForgetting = 1;

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
    this.untilForgetting -= 1;
    if (this.untilForgetting === 0) {
      this.untilForgetting = FORGET_EVERY;
      this.forget.run(nowMs);
    }
    return this.enter.run(entity, messageId, nowMs + windowMs, nowMs).changes > 0;
  }
}

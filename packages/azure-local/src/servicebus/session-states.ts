// Store of session states: what a session's holder wrote for its successors, on disk.
import type { Journal } from '../storage/journal';

export class SessionStates {
  constructor(private readonly journal: Journal) {}

  /** The state, or null where none was set. */
  async get(entity: number, session: string): Promise<Buffer | null> {
    const statement = this.journal.statement(
      'SELECT state FROM servicebus_sessions WHERE entity = ? AND session = ?',
    );
    return this.journal.read(() => statement.get<{ state: Buffer }>(entity, session)?.state ?? null);
  }

  /** Sets the state; null removes it. Resolves when it is on disk. */
  async set(entity: number, session: string, state: Buffer | null): Promise<void> {
    await this.journal.write(() => {
      if (state === null)
        this.journal
          .statement('DELETE FROM servicebus_sessions WHERE entity = ? AND session = ?')
          .run(entity, session);
      else
        this.journal
          .statement(
            `INSERT INTO servicebus_sessions (entity, session, state) VALUES (?, ?, ?)
             ON CONFLICT DO UPDATE SET state = excluded.state`,
          )
          .run(entity, session, state);
    });
  }
}

// Open group of the journal: the writes that one commit will hold, each of them all or nothing (journal.J2).
//
// A savepoint for each write costs an eighth of all that SQLite does, as it copies every page before its first change.
// So there is none: what a group runs is remembered until its commit. When a write fails that has changed something,
// which is rare, the group is rolled back and what ran before it is run again.
//
// open-group.G1  Running the same statements again gives the same rows: they take everything from their parameters and
//   from what is stored, never a time, a random number or the number of changes of another statement.
// open-group.G2  Behind the first that is taken back, the writes of a group get savepoints: so however many fail, each
//   statement is run again at most once.
// open-group.G3  What writes is `run` and gives no rows: what `get` and `all` do is not run again.
import type Database from 'libsql';
import { storageFault, unwritable } from './storage-error';

export class OpenGroup {
  private readonly ran: (() => unknown)[] = [];
  private hasTakenBack = false;

  /** Begins the transaction. */
  constructor(
    private readonly database: Database.Database,
    private readonly file: string,
  ) {
    database.exec('BEGIN IMMEDIATE');
  }

  /** Remembers something that has just changed the database, as what does it again. */
  remember(again: () => unknown): void {
    this.ran.push(again);
  }

  /** Runs one write. If it throws, nothing of it is kept; after a fault of the disk nothing of the group can be. */
  run<T>(change: () => T): T {
    const before = this.ran.length;
    const hasSavepoint = this.hasTakenBack;
    if (hasSavepoint) this.database.exec('SAVEPOINT one');
    try {
      const result = change();
      if (hasSavepoint) this.database.exec('RELEASE one');
      return result;
    } catch (error) {
      if (storageFault(error, this.file) !== undefined) throw error;
      if (hasSavepoint) this.database.exec('ROLLBACK TO one; RELEASE one');
      else if (this.ran.length > before) this.runAgain(before);
      this.ran.length = before;
      throw error;
    }
  }

  /** Takes everything back and runs the first `count` again. @throws StorageError where that fails, whatever the reason */
  private runAgain(count: number): void {
    this.hasTakenBack = true;
    try {
      this.database.exec('ROLLBACK; BEGIN IMMEDIATE');
      for (const again of this.ran.slice(0, count)) again();
    } catch (error) {
      throw storageFault(error, this.file) ?? unwritable(this.file, String(error), error);
    }
  }
}

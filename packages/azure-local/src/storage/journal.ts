// Journal: one libsql database with group commit, in which the look-alikes and the durable engine keep their state.
//
// journal.J1  A write's promise resolves only after the commit that holds it has been synced to disk. SQLite writes the
//   log at a commit (WAL, synchronous=NORMAL), and the journal syncs it, off the event loop (LogSync).
// journal.J2  A write is all or nothing, and one that throws takes nothing with it (open-group.ts).
// journal.J3  Writes that arrive while the event loop is busy, or the group before them is being synced, share one
//   commit; they run in the order of their calls.
// journal.J4  A read sees every write made before it, and its answer is given only once those writes are on disk.
// journal.J5  A write that the disk refuses takes its whole group along and is the last: waiting callers get its error, and
//   every later call is refused. What the process holds in memory may be ahead of the disk by then; only a new process
//   is not.
import type Database from 'libsql';
import { openDatabase } from './database-file';
import { LogSync } from './log-sync';
import { OpenGroup } from './open-group';
import { preparedOnce, type Statement } from './statements';
import { storageFault, unwritable, type StorageError } from './storage-error';

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

/** More than a process needs to come up again, so that it does not end at its first write. */
const PROBE_BYTES = 1_000_000;

/** The database of one process. One process at a time may have a file open. */
export class Journal {
  /** Resolves with the reason when the disk has refused a write (journal.J5); else never. */
  readonly failed: Promise<StorageError>;
  private readonly database: Database.Database;
  private fault: StorageError | undefined;
  private tellFailed: (fault: StorageError) => void = () => undefined;
  private readonly prepared: (sql: string) => Statement;
  private readonly log: LogSync | undefined;
  private waiters: Waiter[] = [];
  private open: OpenGroup | undefined;
  /** The end of the last group that is not on disk yet. */
  private lastGroup: Promise<void> | undefined;

  /**
   * Opens or creates the file (and its folder); `':memory:'` keeps nothing.
   * @throws StorageError for a file that is not ours or is torn; nothing is changed then.
   */
  constructor(private readonly file: string) {
    this.failed = new Promise((resolve) => (this.tellFailed = resolve));
    this.database = openDatabase(file);
    this.prepared = preparedOnce(this.database, (again) => this.open?.remember(again));
    this.database.pragma('wal_autocheckpoint = 4000');
    this.log = file === ':memory:' ? undefined : new LogSync(file);
  }

  /** Prepares `sql` once per text. */
  statement(sql: string): Statement {
    return this.prepared(sql);
  }

  /** Runs statements that create tables and indexes (`… IF NOT EXISTS`); done when it returns. */
  schema(sql: string): void {
    this.database.exec(sql);
    this.open?.remember(() => this.database.exec(sql));
  }

  /**
   * Runs `change` at once, inside the open group, and resolves with its result when the group is on disk (journal.J1).
   * If `change` throws, nothing of it is kept and the promise rejects with that error (journal.J2).
   */
  write<T>(change: () => T): Promise<T> {
    if (this.fault !== undefined) return Promise.reject(this.fault);
    let result: T;
    try {
      result = this.group().run(change);
    } catch (error) {
      return Promise.reject(this.asReported(error));
    }
    return new Promise<T>((resolve, reject) => {
      this.waiters.push({ resolve: () => resolve(result), reject });
    });
  }

  /** Runs `query` at once and resolves when everything it saw is on disk (journal.J4). */
  async read<T>(query: () => T): Promise<T> {
    this.assertUsable();
    let result: T;
    try {
      result = query();
    } catch (error) {
      throw this.asReported(error);
    }
    await this.lastGroup;
    return result;
  }

  /** Resolves when everything written so far is on disk. */
  async settled(): Promise<void> {
    this.assertUsable();
    await this.lastGroup;
  }

  /** @throws StorageError when the disk has refused a write (journal.J5): for what answers from memory. */
  assertUsable(): void {
    if (this.fault !== undefined) throw this.fault;
  }

  /**
   * Whether the disk keeps what is written again, tried with much and synced. It changes nothing for this journal
   * (journal.J5).
   */
  async canWrite(): Promise<boolean> {
    try {
      this.database.exec(
        `BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS journal_probe (filler BLOB);
         INSERT INTO journal_probe VALUES (randomblob(${PROBE_BYTES})); COMMIT; DROP TABLE journal_probe`,
      );
    } catch {
      this.rollBack();
      return false;
    }
    if (this.log === undefined) return true;
    // Of its own: a descriptor that could not be opened, or has reported a failure, says nothing about now.
    const log = new LogSync(this.file);
    try {
      await log.sync();
      return true;
    } catch {
      return false;
    } finally {
      await log.close();
    }
  }

  /** Commits what is open, leaves everything in the one file, without a log, and closes it; idempotent. */
  async close(): Promise<void> {
    if (!this.database.open) return;
    if (this.fault === undefined) {
      while (this.lastGroup !== undefined) await this.lastGroup;
      this.database.pragma('wal_checkpoint(TRUNCATE)');
    }
    await this.log?.close();
    this.database.close();
  }

  /** journal.J5. The error as callers get it; a fault of the disk ends the journal. */
  private asReported(error: unknown): unknown {
    const fault = storageFault(error, this.file);
    if (fault !== undefined) this.breakDown(fault);
    return fault ?? error;
  }

  private breakDown(fault: StorageError): void {
    if (this.fault !== undefined) return;
    this.fault = fault;
    this.rollBack();
    reject(this.takeWaiters(), fault);
    this.tellFailed(fault);
  }

  private rollBack(): void {
    if (this.database.inTransaction) this.database.exec('ROLLBACK');
  }

  private group(): OpenGroup {
    if (this.open !== undefined) return this.open;
    const open = new OpenGroup(this.database, this.file);
    this.open = open;
    const group = this.commitAfter(this.lastGroup);
    this.lastGroup = group;
    // Waiting callers get the error; a group without one must not end the process.
    group.then(
      () => {
        if (this.lastGroup === group) this.lastGroup = undefined;
      },
      () => undefined,
    );
    return open;
  }

  /**
   * journal.J3. Keeps the group open while there is something to wait for, commits it, and resolves when it is on disk
   * (journal.J1).
   */
  private async commitAfter(previous: Promise<void> | undefined): Promise<void> {
    await Promise.all([previous, turnOfTheLoop()]);
    this.assertUsable();
    this.open = undefined;
    try {
      this.database.exec('COMMIT');
    } catch (error) {
      throw this.notWritten(error);
    }
    const waiters = this.takeWaiters();
    try {
      await this.log?.sync();
    } catch (error) {
      const fault = this.notWritten(error);
      reject(waiters, fault);
      throw fault;
    }
    for (const waiter of waiters) waiter.resolve();
  }

  private notWritten(error: unknown): StorageError {
    const fault = storageFault(error, this.file) ?? unwritable(this.file, String(error), error);
    this.breakDown(fault);
    return fault;
  }

  private takeWaiters(): readonly Waiter[] {
    const waiters = this.waiters;
    this.waiters = [];
    return waiters;
  }
}

const turnOfTheLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function reject(waiters: readonly Waiter[], fault: StorageError): void {
  for (const waiter of waiters) waiter.reject(fault);
}

// One libsql database with group commit: what the look-alikes and the durable engine keep, they keep here.
//
// J1  A write's promise resolves only after the commit that holds it has been synced to disk (WAL, synchronous=FULL).
// J2  A write is all or nothing: it runs under a savepoint of its own, and one that throws takes nothing with it.
// J3  Writes that arrive while the event loop is busy share one commit; they run in the order of their calls.
// J4  A read sees every write made before it, and its answer is given only once those writes are on disk.
// J5  A write that the disk refuses takes its whole group along and is the last: whoever waits is told, and every later
//     call is refused. What the process holds in memory may be ahead of the disk by then; only a new process is not.
import type Database from 'libsql';
import { openDatabase } from './database-file';
import { storageFault, unwritable, type StorageError } from './storage-error';

/** A prepared statement. Rows are objects of columns; libsql adds an enumerable `_metadata` to what `get` returns. */
export interface Statement {
  run(...params: SqlValue[]): { changes: number };
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller knows its columns
  get<Row>(...params: SqlValue[]): Row | undefined;
  all<Row>(...params: SqlValue[]): Row[];
}

export type SqlValue = string | number | bigint | Buffer | null;

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

/** More than a process needs to come up again, so that it does not end at its first write. */
const PROBE_BYTES = 1_000_000;

/** The database of one process. One process at a time may have a file open. */
export class Journal {
  /** Resolves with the reason when the disk has refused a write (J5); else never. */
  readonly failed: Promise<StorageError>;
  private readonly database: Database.Database;
  private fault: StorageError | undefined;
  private tellFailed: (fault: StorageError) => void = () => undefined;
  private readonly statements = new Map<string, Statement>();
  private waiters: Waiter[] = [];
  private open = false;
  private lastCommit: Promise<void> = Promise.resolve();

  /**
   * Opens or creates the file (and its folder); `':memory:'` keeps nothing.
   * @throws StorageError for a file that is not ours or is torn; nothing is changed then.
   */
  constructor(private readonly file: string) {
    this.failed = new Promise((resolve) => (this.tellFailed = resolve));
    this.database = openDatabase(file);
    this.database.pragma('wal_autocheckpoint = 4000');
  }

  /** Runs statements that create tables and indexes (`… IF NOT EXISTS`); done when it returns. */
  schema(sql: string): void {
    this.database.exec(sql);
  }

  /** Prepares `sql` once per text. */
  statement(sql: string): Statement {
    let statement = this.statements.get(sql);
    if (statement === undefined) {
      statement = this.database.prepare(sql) as unknown as Statement;
      this.statements.set(sql, statement);
    }
    return statement;
  }

  /**
   * Runs `change` at once, inside the open group, and resolves with its result when the group is on disk (J1).
   * If `change` throws, nothing of it is kept and the promise rejects with that error (J2).
   */
  write<T>(change: () => T): Promise<T> {
    if (this.fault !== undefined) return Promise.reject(this.fault);
    let result: T;
    try {
      this.begin();
      this.database.exec('SAVEPOINT one');
      try {
        result = change();
        this.database.exec('RELEASE one');
      } catch (error) {
        // After a fault of the disk SQLite may have rolled everything back, savepoint included.
        if (storageFault(error, this.file) === undefined) this.database.exec('ROLLBACK TO one; RELEASE one');
        throw error;
      }
    } catch (error) {
      return Promise.reject(this.told(error));
    }
    return new Promise<T>((resolve, reject) => {
      this.waiters.push({ resolve: () => resolve(result), reject });
    });
  }

  /** Runs `query` at once and resolves when everything it saw is on disk (J4). */
  async read<T>(query: () => T): Promise<T> {
    this.assertUsable();
    let result: T;
    try {
      result = query();
    } catch (error) {
      throw this.told(error);
    }
    if (this.open) await this.lastCommit;
    return result;
  }

  /** Resolves when everything written so far is on disk. */
  async settled(): Promise<void> {
    this.assertUsable();
    if (this.open) await this.lastCommit;
  }

  /** @throws StorageError when the disk has refused a write (J5): for what answers from memory. */
  assertUsable(): void {
    if (this.fault !== undefined) throw this.fault;
  }

  /** Whether the disk takes writes again, tried with a large one. It changes nothing for this journal (J5). */
  canWrite(): boolean {
    try {
      this.database.exec(
        `BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS journal_probe (filler BLOB);
         INSERT INTO journal_probe VALUES (randomblob(${PROBE_BYTES})); COMMIT; DROP TABLE journal_probe`,
      );
      return true;
    } catch {
      this.rollBack();
      return false;
    }
  }

  /** Commits what is open, leaves everything in the one file, without a log, and closes it; idempotent. */
  async close(): Promise<void> {
    if (!this.database.open) return;
    if (this.fault === undefined) {
      await this.settled();
      this.database.pragma('wal_checkpoint(TRUNCATE)');
    }
    this.database.close();
  }

  /** J5. The error as callers are told it; a fault of the disk ends the journal. */
  private told(error: unknown): unknown {
    const fault = storageFault(error, this.file);
    if (fault !== undefined) this.breakDown(fault);
    return fault ?? error;
  }

  private breakDown(fault: StorageError): void {
    if (this.fault !== undefined) return;
    this.fault = fault;
    this.rollBack();
    const waiters = this.waiters;
    this.waiters = [];
    for (const waiter of waiters) waiter.reject(fault);
    this.tellFailed(fault);
  }

  private rollBack(): void {
    if (this.database.inTransaction) this.database.exec('ROLLBACK');
  }

  private begin(): void {
    if (this.open) return;
    this.database.exec('BEGIN IMMEDIATE');
    this.open = true;
    this.lastCommit = new Promise((resolve, reject) => {
      setImmediate(() => {
        try {
          this.commit();
          resolve();
        } catch (error) {
          reject(error);
        }
      });
    });
    // Whoever waits is told; a group that nobody reads or awaits must not end the process.
    this.lastCommit.catch(() => undefined);
  }

  private commit(): void {
    this.open = false;
    this.assertUsable();
    try {
      this.database.exec('COMMIT');
    } catch (error) {
      const fault = storageFault(error, this.file) ?? unwritable(this.file, String(error), error);
      this.breakDown(fault);
      throw fault;
    }
    const waiters = this.waiters;
    this.waiters = [];
    for (const waiter of waiters) waiter.resolve();
  }
}

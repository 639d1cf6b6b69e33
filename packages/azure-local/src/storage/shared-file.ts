// Database that several processes may have open at once: the task hub of the storage mode `azure`. The journal
// (journal.ts) is for one process and holds the write lock for a turn of the event loop; this holds it for one change.
//
// shared-file.H1  A commit's promise resolves when its change has been synced to disk; a change that throws leaves
//   nothing behind.
// shared-file.H2  Changes run in the order of their calls, later than the call, and hold the lock of the file only
//   while they run. Those that wait at the same time share one sync, never one meaning: each stands or falls alone.
// shared-file.H3  A reader sees what is committed, by whichever process.
import type Database from 'libsql';
import { openDatabase } from './database-file';
import { preparedOnce, type Statement } from './statements';
import { LogSync } from './log-sync';
import { storageFault } from './storage-error';

/** How long a change waits for another process's. */
const BUSY_MS = 10_000;

interface Waiting {
  readonly run: () => void;
  readonly settle: () => void;
  readonly reject: (error: unknown) => void;
}

/** A database file shared with other processes; `':memory:'` is one process's and keeps nothing. */
export class SharedFile {
  private readonly database: Database.Database;
  private readonly log: LogSync | undefined;
  private readonly prepared: (sql: string) => Statement;
  private readonly listeners = new Set<() => void>();
  private waiting: Waiting[] = [];
  private round: Promise<void> | undefined;

  /** @throws StorageError for a file that is not ours or is torn. */
  constructor(private readonly file: string) {
    this.database = openDatabase(file);
    this.prepared = preparedOnce(this.database);
    this.database.pragma(`busy_timeout = ${BUSY_MS}`);
    this.log = file === ':memory:' ? undefined : new LogSync(file);
  }

  /** Prepares `sql` once per text. */
  statement(sql: string): Statement {
    return this.prepared(sql);
  }

  /** Runs statements that create tables and indexes (`… IF NOT EXISTS`). */
  schema(sql: string): void {
    this.database.exec(sql);
  }

  /** shared-file.H1, shared-file.H2. */
  commit<T>(change: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let result: T;
      this.waiting.push({ run: () => (result = change()), settle: () => resolve(result), reject });
      this.round ??= this.commitWaiting();
    });
  }

  /** Calls `listener` after each commit of this process; returns what ends that. */
  onCommit(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Finishes what waits and closes; idempotent. */
  async close(): Promise<void> {
    if (!this.database.open) return;
    while (this.round !== undefined) await this.round;
    await this.log?.close();
    this.database.close();
  }

  private async commitWaiting(): Promise<void> {
    while (this.waiting.length > 0) {
      await Promise.resolve();
      const group = this.waiting;
      this.waiting = [];
      const committed = group.filter((waiting) => this.commitOne(waiting));
      try {
        if (committed.length > 0) await this.log?.sync();
      } catch (error) {
        for (const { reject } of committed) reject(storageFault(error, this.file) ?? error);
        continue;
      }
      for (const { settle } of committed) settle();
      for (const listener of this.listeners) listener();
    }
    this.round = undefined;
  }

  /** Whether it is committed; otherwise its caller gets the error. */
  private commitOne({ run, reject }: Waiting): boolean {
    try {
      this.database.exec('BEGIN IMMEDIATE');
      run();
      this.database.exec('COMMIT');
      return true;
    } catch (error) {
      if (this.database.inTransaction) this.database.exec('ROLLBACK');
      reject(storageFault(error, this.file) ?? error);
      return false;
    }
  }
}

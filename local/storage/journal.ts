// One libsql database with group commit: what the look-alikes and the durable engine keep, they keep here.
//
// J1  A write's promise resolves only after the commit that holds it has been synced to disk (WAL, synchronous=FULL).
// J2  A write is all or nothing: it runs under a savepoint of its own, and one that throws takes nothing with it.
// J3  Writes that arrive while the event loop is busy share one commit; they run in the order of their calls.
// J4  A read sees every write made before it, and its answer is given only once those writes are on disk.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import Database from 'libsql';

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

/** The database of one process. One process at a time may have a file open. */
export class Journal {
  private readonly database: Database.Database;
  private readonly statements = new Map<string, Statement>();
  private waiters: Waiter[] = [];
  private open = false;
  private lastCommit: Promise<void> = Promise.resolve();

  /** Opens or creates the file (and its folder); `':memory:'` keeps nothing. */
  constructor(file: string) {
    if (file !== ':memory:') mkdirSync(path.dirname(file), { recursive: true });
    this.database = new Database(file);
    this.database.pragma('journal_mode = WAL');
    this.database.pragma('synchronous = FULL');
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
    let result: T;
    try {
      this.begin();
      this.database.exec('SAVEPOINT one');
      try {
        result = change();
        this.database.exec('RELEASE one');
      } catch (error) {
        this.database.exec('ROLLBACK TO one; RELEASE one');
        throw error;
      }
    } catch (error) {
      return Promise.reject(error);
    }
    return new Promise<T>((resolve, reject) => {
      this.waiters.push({ resolve: () => resolve(result), reject });
    });
  }

  /** Runs `query` at once and resolves when everything it saw is on disk (J4). */
  async read<T>(query: () => T): Promise<T> {
    const result = query();
    if (this.open) await this.lastCommit;
    return result;
  }

  /** Resolves when everything written so far is on disk. */
  async settled(): Promise<void> {
    if (this.open) await this.lastCommit;
  }

  /** Commits what is open and closes the file; idempotent. */
  async close(): Promise<void> {
    await this.settled();
    if (this.database.open) this.database.close();
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
    const waiters = this.waiters;
    this.waiters = [];
    this.open = false;
    try {
      this.database.exec('COMMIT');
    } catch (error) {
      if (this.database.inTransaction) this.database.exec('ROLLBACK');
      for (const waiter of waiters) waiter.reject(error);
      throw error;
    }
    for (const waiter of waiters) waiter.resolve();
  }
}

// Sync of a database's write-ahead log off the event loop, which SQLite's own synchronous=FULL does on it at every
// commit. It knows the file and not its content. What FULL adds to NORMAL is one sync of the log after a commit
// (https://www.sqlite.org/pragma.html#pragma_synchronous); the order of log and database around a checkpoint is kept
// by SQLite in both.
//
// log-sync.L1  A log's name is on disk before the first sync of its content resolves: SQLite makes the file at the
//   first commit.
// log-sync.L2  SQLite locks nothing in the log, so closing a descriptor of ours takes no lock away from it.
import { close, fdatasync, fsync, open } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const openFile = promisify(open);
const closeFile = promisify(close);
const syncFile = promisify(fsync);
const syncContent = promisify(fdatasync);

/** The log of one database. One `sync` at a time. */
export class LogSync {
  private descriptor: Promise<number> | undefined;
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly database: string) {}

  /** Resolves when everything that was committed before the call is on disk; rejects with the error of the file system. */
  sync(): Promise<void> {
    this.descriptor ??= this.opened();
    this.last = this.descriptor.then(syncContent);
    return this.last;
  }

  /** Waits for a sync that is under way; idempotent. */
  async close(): Promise<void> {
    const { descriptor } = this;
    this.descriptor = undefined;
    await this.last.catch(() => undefined);
    await descriptor?.then(closeFile, () => undefined);
  }

  /** log-sync.L1. Windows syncs no folders. */
  private async opened(): Promise<number> {
    if (process.platform !== 'win32') {
      const folder = await openFile(path.dirname(this.database), 'r');
      await syncFile(folder).finally(() => closeFile(folder));
    }
    return openFile(`${this.database}-wal`, 'r+');
  }
}

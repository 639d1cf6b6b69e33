// Locks of a data folder, held by the operating system: they end with their holder, also by SIGKILL. Process ids are
// reused and fcntl is not in Node, so a lock is an empty SQLite file.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import Database from 'libsql';
import type { ProcessName } from './processes';

export interface Lock {
  release(): void;
}

/** The file behind a lock; it stays behind, empty, when the lock is released. */
export const lockFile = (name: ProcessName): string => `${name}.lock`;

/**
 * Takes the lock of one process in `dataDir` (made if missing) or returns undefined when another process still holds
 * it after `waitMs`. The wait blocks the thread: for programs that have nothing else to do yet.
 */
export function takeLock(dataDir: string, name: ProcessName, waitMs = 0): Lock | undefined {
  mkdirSync(dataDir, { recursive: true });
  const database = new Database(path.join(dataDir, lockFile(name)), { timeout: waitMs });
  try {
    // Nothing is written, so there is nothing to roll back and no journal beside the lock file.
    database.exec('PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if ((error as { code?: string }).code === 'SQLITE_BUSY') return undefined;
    throw error;
  }
  return { release: () => void database.close() };
}

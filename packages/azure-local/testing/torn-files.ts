// Copies of a database as a SIGKILL left it, torn at chosen places.
import { copyFileSync, existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { readWal, walBytes, type WalContent } from '../src/storage/wal-file';

/** Copies a database with its log, without the shared memory that a new process makes anew. */
export function copyDatabase(from: string, to: string): void {
  for (const suffix of ['', '-wal']) {
    if (existsSync(from + suffix)) copyFileSync(from + suffix, to + suffix);
  }
}

/** The log of a database; fails when it has none, for then a test of torn logs shows nothing. */
export function walOf(database: string): WalContent {
  const wal = readWal(`${database}-wal`);
  if (wal === undefined || wal.commits.length === 0) throw new Error(`${database} has no log to tear.`);
  return wal;
}

/** Keeps the first `frames` frames of the log and `more` bytes of the next. */
export function cutWal(database: string, { pageBytes }: WalContent, frames: number, more = 0): void {
  truncateSync(`${database}-wal`, walBytes(frames, pageBytes) + more);
}

/** Flips all bits of one byte of a file. */
export function flipByte(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  writeFileSync(file, bytes);
}

// What a durable engine has on disk at a moment, as the next process would find it.
import { copyFileSync, existsSync } from 'node:fs';
import path from 'node:path';
import type { Journal } from '../../src/storage/journal';
import { temporaryFolder } from '../../testing/durable-harness';

/** A copy of the database as it is on disk now. */
export function diskCopy(file: string): string {
  const copy = path.join(temporaryFolder(), 'durable.db');
  copyFileSync(file, copy);
  if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`);
  return copy;
}

/** Calls `onCommit` after every commit of what is written from now on. */
export function afterEveryCommit(journal: Journal, onCommit: () => void): void {
  const write = journal.write.bind(journal);
  journal.write = <T>(change: () => T): Promise<T> => {
    const committed = write(change);
    void committed.then(onCommit, () => undefined);
    return committed;
  };
}

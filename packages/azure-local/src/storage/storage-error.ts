// Errors of the disk, distinguished from errors of a caller by SQLite's codes.

/**
 * `unwritable`: it takes no write now, because it is full or fails; what it has is intact. `damaged`: what it has cannot
 * be read. `refused`: the file is not ours to open, and nothing of it was touched.
 */
export type StorageFault = 'unwritable' | 'damaged' | 'refused';

/** `message` is for the person at the terminal: the file, what is wrong, what to do. */
export class StorageError extends Error {
  constructor(
    readonly fault: StorageFault,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'StorageError';
  }
}

/** What to do about a database that cannot be used as it is. */
export const RESTORE_OR_RESET =
  'Nothing was changed. Put a copy back that was made while nothing ran, or start with none: `npm run reset`, with ' +
  '--data <folder> for another folder than .local.';

/** SQLite's primary codes of a disk that is full or fails; the extended ones begin alike. */
const UNWRITABLE = /^SQLITE_(?:FULL|IOERR|READONLY|CANTOPEN|NOMEM|PROTOCOL)(?:_|$)/;
const DAMAGED = /^SQLITE_(?:CORRUPT|NOTADB)(?:_|$)/;

/** The fault behind an error of SQLite about `file`; undefined for an error that is not the disk's. */
export function storageFault(error: unknown, file: string): StorageError | undefined {
  if (error instanceof StorageError) return error;
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (typeof code !== 'string') return undefined;
  const said = `${String(message)} (${code})`;
  if (UNWRITABLE.test(code)) return unwritable(file, said, error);
  if (!DAMAGED.test(code)) return undefined;
  return new StorageError('damaged', `${file} is damaged: ${said}. ${RESTORE_OR_RESET}`, { cause: error });
}

/** A write that failed for whatever reason the file system had. */
export const unwritable = (file: string, said: string, cause: unknown): StorageError =>
  new StorageError(
    'unwritable',
    `${file} cannot be written: ${said}. What was acknowledged is on disk. Free some space in that folder, or see why ` +
      'the disk fails (`df -h`, `ulimit -f`, the system log); it then goes on by itself.',
    { cause },
  );

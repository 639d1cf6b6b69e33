// Opens a database file after a check of its first hundred bytes and its size, before SQLite may touch it.
//
// database-file.F1  A file that is not ours, newer than we are, or torn is refused with nothing in its folder changed:
//   not even a left-over log is played back.
// database-file.F2  A new file bears our mark before anything else is in it.
import { closeSync, fstatSync, mkdirSync, openSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import Database from 'libsql';
import { RESTORE_OR_RESET, StorageError, storageFault } from './storage-error';
import { readWal } from './wal-file';

/** `PRAGMA application_id` of every database of the local host ("OSlh"). */
const APPLICATION_ID = 0x4f536c68;
/**
 * `PRAGMA user_version`: one more with every change of the tables, or of what the app keeps in them, that an
 * earlier version could not read. 2: the app's documents of several tenants, and orders without lines.
 */
const FORMAT_VERSION = 2;

/** How long an opening waits for those of other processes. */
const OTHERS_MAKE_IT_MS = 10_000;

const HEADER_BYTES = 100;
const MAGIC = 'SQLite format 3\0';

/** `new`: it may be made here. `problem` is what is wrong with the file, without what to do. */
export type FileState =
  { readonly kind: 'new' | 'ours' } | { readonly kind: 'refused'; readonly problem: string };

/** Looks at a database file without opening it as a database. */
export function stateOf(file: string): FileState {
  const header = readHeader(file);
  if (sizeOf(`${file}-journal`) > 0) return { kind: header.length === 0 ? 'new' : 'ours' };
  if (header.length === 0) {
    if (sizeOf(`${file}-wal`) === 0) return { kind: 'new' };
    // Another process has made the database since its beginning was read here.
    return sizeOf(file) > 0
      ? stateOf(file)
      : refused(`it is missing or empty, while its log ${path.basename(file)}-wal is there`);
  }
  if (header.subarray(0, MAGIC.length).toString('latin1') !== MAGIC) {
    return refused('it is no SQLite database: another program wrote it, or its beginning was overwritten');
  }
  if (header.length < HEADER_BYTES) return refused('it ends before its header does');
  const [application, version] = [header.readUInt32BE(68), header.readUInt32BE(60)];
  if (application !== APPLICATION_ID) {
    return refused(
      `it belongs to another program, or to this one from before its files bore a mark (application id ${application})`,
    );
  }
  if (version !== FORMAT_VERSION) {
    return refused(
      `it has format ${version}, and this version of the app reads format ${FORMAT_VERSION}: use the version that wrote it`,
    );
  }
  return missingPages(file, header) ?? { kind: 'ours' };
}

/**
 * Opens or creates a database, and its folder; `':memory:'` keeps nothing.
 * @throws StorageError for a file that is not ours (database-file.F1), or where the disk does not allow it.
 */
export function openDatabase(file: string): Database.Database {
  if (file === ':memory:') return new Database(file);
  mkdirSync(path.dirname(file), { recursive: true });
  const state = stateOf(file);
  if (state.kind === 'refused') throw notOpened(file, state.problem);
  let database: Database.Database | undefined;
  try {
    // Another host may be making the same file.
    database = new Database(file, { timeout: OTHERS_MAKE_IT_MS });
    if (state.kind === 'new') {
      database.exec(
        `BEGIN IMMEDIATE; PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${FORMAT_VERSION}; COMMIT`,
      );
    }
    database.pragma('journal_mode = WAL');
    // The journal syncs the log after each commit itself (journal.J1); SQLite does around checkpoints.
    database.pragma('synchronous = NORMAL');
    return database;
  } catch (error) {
    database?.close();
    throw storageFault(error, file) ?? error;
  }
}

/** A file cut off behind its header: pages that neither it nor its log has. */
function missingPages(file: string, header: Buffer): FileState | undefined {
  const declared = header.readUInt16BE(16);
  const pageBytes = declared === 1 ? 65_536 : declared;
  const wal = readWal(`${file}-wal`);
  const pages = wal?.pagesInDatabase ?? header.readUInt32BE(28);
  const present = Math.floor(sizeOf(file) / pageBytes);
  for (let page = present + 1; page <= pages; page += 1) {
    if (wal?.pages.has(page) === true) continue;
    return refused(`it is cut off: ${present} of its ${pages} pages are there`);
  }
  return undefined;
}

const refused = (problem: string): FileState => ({ kind: 'refused', problem });

const notOpened = (file: string, problem: string): StorageError =>
  new StorageError('refused', `${file} cannot be used: ${problem}. ${RESTORE_OR_RESET}`);

function sizeOf(file: string): number {
  // In one call: another process may remove the file in between.
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** The first bytes of a file, fewer when it has fewer; none when it is missing. */
function readHeader(file: string): Buffer {
  if (sizeOf(file) === 0) return Buffer.alloc(0);
  const descriptor = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(Math.min(HEADER_BYTES, fstatSync(descriptor).size));
    readSync(descriptor, bytes, 0, bytes.length, 0);
    return bytes;
  } finally {
    closeSync(descriptor);
  }
}

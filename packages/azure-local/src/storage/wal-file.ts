// Reader of a write-ahead log, as SQLite's recovery reads it: up to the first frame whose salt or checksum is wrong;
// frames behind that one are not valid. It never opens the database. Format:
// https://www.sqlite.org/fileformat2.html#walformat
import { readFileSync } from 'node:fs';

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const MAGIC = 0x377f0682;

export interface WalContent {
  readonly pageBytes: number;
  /** Frames as the file's size has it, whole or begun. */
  readonly framesInFile: number;
  /** Frames that belong to committed transactions. */
  readonly framesCommitted: number;
  /** Behind which number of frames a transaction ends, ascending. */
  readonly commits: readonly number[];
  /** Pages of the database after the last transaction; undefined without one. */
  readonly pagesInDatabase: number | undefined;
  /** The pages that committed frames hold. */
  readonly pages: ReadonlySet<number>;
}

/** What is in the log `file`; undefined when it is missing or empty. A header that is no log's gives no frames. */
export function readWal(file: string): WalContent | undefined {
  const bytes = bytesOf(file);
  if (bytes === undefined || bytes.length === 0) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const header = readHeader(view);
  const commits: number[] = [];
  if (header === undefined) {
    return {
      pageBytes: 0,
      framesInFile: 0,
      framesCommitted: 0,
      commits,
      pagesInDatabase: undefined,
      pages: new Set(),
    };
  }
  const { pageBytes } = header;
  const frameBytes = FRAME_HEADER_BYTES + pageBytes;
  const seen: number[] = [];
  let pagesInDatabase: number | undefined;
  for (const { page, databasePages } of validFrames(view, header)) {
    seen.push(page);
    if (databasePages === 0) continue;
    commits.push(seen.length);
    pagesInDatabase = databasePages;
  }
  const framesCommitted = commits.at(-1) ?? 0;
  return {
    pageBytes,
    framesInFile: Math.ceil((bytes.length - HEADER_BYTES) / frameBytes),
    framesCommitted,
    commits,
    pagesInDatabase,
    pages: new Set(seen.slice(0, framesCommitted)),
  };
}

/** How many bytes of the log its first `frames` frames take. */
export const walBytes = (frames: number, pageBytes: number): number =>
  HEADER_BYTES + frames * (FRAME_HEADER_BYTES + pageBytes);

interface WalHeader {
  readonly pageBytes: number;
  readonly isLittleEndian: boolean;
  readonly salt: number;
  readonly pepper: number;
  readonly checksum: Checksum;
}

type Checksum = readonly [number, number];

function readHeader(view: DataView): WalHeader | undefined {
  if (view.byteLength < HEADER_BYTES) return undefined;
  const magic = view.getUint32(0);
  if ((magic & ~1) !== MAGIC) return undefined;
  const isLittleEndian = (magic & 1) === 0;
  const checksum = sum(view, 0, HEADER_BYTES - 8, [0, 0], isLittleEndian);
  if (!matches(view, HEADER_BYTES - 8, checksum)) return undefined;
  return {
    pageBytes: view.getUint32(8),
    isLittleEndian,
    salt: view.getUint32(16),
    pepper: view.getUint32(20),
    checksum,
  };
}

/** Each frame that recovery would take, committed or not; `databasePages` is 0 unless it ends a transaction. */
function* validFrames(
  view: DataView,
  { pageBytes, isLittleEndian, salt, pepper, checksum }: WalHeader,
): Generator<{ page: number; databasePages: number }> {
  const frameBytes = FRAME_HEADER_BYTES + pageBytes;
  let running = checksum;
  for (let at = HEADER_BYTES; at + frameBytes <= view.byteLength; at += frameBytes) {
    if (view.getUint32(at + 8) !== salt || view.getUint32(at + 12) !== pepper) return;
    running = sum(view, at, 8, running, isLittleEndian);
    running = sum(view, at + FRAME_HEADER_BYTES, pageBytes, running, isLittleEndian);
    if (!matches(view, at + 16, running)) return;
    yield { page: view.getUint32(at), databasePages: view.getUint32(at + 4) };
  }
}

function sum(
  view: DataView,
  from: number,
  bytes: number,
  start: Checksum,
  isLittleEndian: boolean,
): Checksum {
  let [first, second] = start;
  for (let at = from; at < from + bytes; at += 8) {
    first = (first + view.getUint32(at, isLittleEndian) + second) >>> 0;
    second = (second + view.getUint32(at + 4, isLittleEndian) + first) >>> 0;
  }
  return [first, second];
}

const matches = (view: DataView, at: number, [first, second]: Checksum): boolean =>
  view.getUint32(at) === first && view.getUint32(at + 4) === second;

function bytesOf(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

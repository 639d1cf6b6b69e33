// A journal whose process was killed, opened after its log was cut off or changed: what a disk that lied leaves.
import { createHash } from 'node:crypto';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'libsql';
import { Journal } from '../../src/storage/journal';
import { StorageError } from '../../src/storage/storage-error';
import { readWal, walBytes, type WalContent } from '../../src/storage/wal-file';
import { removeChildren, startChild } from '../../testing/child-programs';
import { copyDatabase, cutWal, flipByte, walOf } from '../../testing/torn-files';

const BATCHES = 12;
/** Writes of one turn, which share a commit. */
const PARTS = 3;

let folder: string;
let killed: string;
let wal: WalContent;
let copies = 0;

/** A copy of what the SIGKILL left. */
function copyOfKilled(): string {
  const file = path.join(folder, `copy-${(copies += 1)}.db`);
  copyDatabase(killed, file);
  return file;
}

interface Found {
  readonly batches: number;
  readonly entries: number;
  readonly sum: number;
  readonly shortBatches: number;
}

/** Opens it as the next process does, writes once more, and tells what was found before and is there afterwards. */
async function openAndGoOn(file: string): Promise<Found> {
  const journal = new Journal(file);
  const one = (sql: string): number => journal.statement(sql).get<{ n: number }>()?.n ?? 0;
  if (one("SELECT count(*) AS n FROM sqlite_master WHERE name = 'sums'") === 0) {
    await journal.close();
    return { batches: 0, entries: 0, sum: 0, shortBatches: 0 };
  }
  const found = {
    batches: one('SELECT coalesce(max(batch) + 1, 0) AS n FROM entries'),
    entries: one('SELECT count(*) AS n FROM entries'),
    sum: one("SELECT coalesce(max(entries), 0) AS n FROM sums WHERE name = 'all'"),
    shortBatches: one(
      `SELECT count(*) AS n FROM (SELECT 1 FROM entries GROUP BY batch HAVING count(*) <> ${PARTS})`,
    ),
  };
  await journal.write(() => journal.statement('INSERT INTO entries VALUES (?, 0, ?)').run(1_000, 'after'));
  await journal.close();
  const again = new Journal(file);
  expect(again.statement('SELECT text FROM entries WHERE batch = 1000').get()).toMatchObject({
    text: 'after',
  });
  expect(again.statement('PRAGMA integrity_check').get()).toMatchObject({ integrity_check: 'ok' });
  await again.close();
  return found;
}

const boundaries = new Map<number, Found>();

/** What is found when the log ends behind `frames` frames. */
async function foundAfter(frames: number): Promise<Found> {
  const known = boundaries.get(frames);
  if (known !== undefined) return known;
  const file = copyOfKilled();
  cutWal(file, wal, frames);
  expect(readWal(`${file}-wal`)?.commits.length ?? 0).toBe(commitsIn(frames));
  const found = await openAndGoOn(file);
  expectPrefix(found);
  boundaries.set(frames, found);
  return found;
}

/** How many transactions of the log the first `frames` frames hold. */
const commitsIn = (frames: number): number => wal.commits.filter((commit) => commit <= frames).length;

/** What is there must be a beginning of what was committed, group by group. */
function expectPrefix(found: Found): void {
  expect(found).toEqual({
    batches: found.batches,
    entries: found.batches * PARTS,
    sum: found.batches * PARTS,
    shortBatches: 0,
  });
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'order-saga-torn-'));
  killed = path.join(folder, 'killed.db');
  const { child } = await startChild('storage/journal-child', [killed, String(BATCHES)]);
  const gone = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGKILL');
  await gone;
  wal = walOf(killed);
});
afterAll(() => {
  removeChildren();
  rmSync(folder, { recursive: true, force: true });
});

describe('a journal whose log was cut off', () => {
  test('has every committed group when nothing was cut', async () => {
    const found = await openAndGoOn(copyOfKilled());
    expectPrefix(found);
    expect(found.batches).toBe(BATCHES);
    expect(wal.framesCommitted).toBe(wal.framesInFile);
  });

  test('opens at every frame boundary with exactly the groups before it, and goes on', async () => {
    const batches: number[] = [];
    for (let frames = 0; frames <= wal.framesInFile; frames += 1) {
      batches.push((await foundAfter(frames)).batches);
    }
    expect(batches).toEqual([...batches].sort((a, b) => a - b));
    // Each batch is lost by some cut and kept by another: the cuts are where the groups are.
    expect(new Set(batches).size).toBe(BATCHES + 1);
  });

  test.each([1, 24, 25, 4_119])(
    'opens %i bytes into a frame with the groups before that frame',
    async (more) => {
      for (let frames = more % 4; frames < wal.framesInFile; frames += 4) {
        const file = copyOfKilled();
        cutWal(file, wal, frames, more);
        expect(await openAndGoOn(file)).toEqual(await foundAfter(frames));
      }
    },
  );

  test('opens inside the header of the log, and without log and shared memory, as it was before the first of it', async () => {
    for (const bytes of [1, 31, undefined]) {
      const file = copyOfKilled();
      if (bytes === undefined) rmSync(`${file}-wal`);
      else truncateSync(`${file}-wal`, bytes);
      expect((await openAndGoOn(file)).batches).toBe(0);
    }
  });

  test('does not believe a shared memory that another state left', async () => {
    const file = copyOfKilled();
    writeFileSync(`${file}-shm`, readFileSync(`${killed}-shm`));
    cutWal(file, wal, wal.commits[wal.commits.length >> 1] ?? 0);
    const found = await openAndGoOn(file);
    expectPrefix(found);
    expect(found.batches).toBeLessThan(BATCHES);
  });
});

test('a journal with a flipped byte in its log opens with the groups before that frame', async () => {
  const frameBytes = walBytes(1, wal.pageBytes) - walBytes(0, wal.pageBytes);
  // Page number, size after the commit, salt, checksum, and the page.
  const fields = [0, 6, 10, 17, 24, frameBytes - 1];
  for (let frame = 0; frame < wal.framesInFile; frame += 1) {
    const file = copyOfKilled();
    flipByte(`${file}-wal`, walBytes(frame, wal.pageBytes) + (fields[frame % fields.length] ?? 0));
    expect(await openAndGoOn(file)).toEqual(await foundAfter(frame));
  }
});

describe('a database file that is not as it was left', () => {
  const digest = (): string =>
    readdirSync(folder)
      .filter((name) => name.startsWith('bad'))
      .map((name) => {
        const file = path.join(folder, name);
        return `${name} ${createHash('sha256').update(readFileSync(file)).digest('hex')}`;
      })
      .join('\n');

  /** Makes `bad.db`; `closed` gives one without a log. */
  async function makeBad(how: (file: string) => void, closed: boolean): Promise<string> {
    const file = path.join(folder, 'bad.db');
    for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
    copyDatabase(killed, file);
    if (closed) {
      const journal = new Journal(file);
      await journal.close();
      expect(statSync(`${file}-wal`).size).toBe(0);
      rmSync(`${file}-wal`);
    }
    how(file);
    return file;
  }

  const overwrite = (file: string, at: number, bytes: Buffer): void => {
    const all = readFileSync(file);
    bytes.copy(all, at);
    writeFileSync(file, all);
  };
  const bigEndian = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };

  test.each<[string, (file: string) => void, boolean, string]>([
    ['cut off', (file) => truncateSync(file, statSync(file).size - 4_096), true, 'it is cut off: '],
    ['cut off in a page', (file) => truncateSync(file, statSync(file).size - 1), true, 'it is cut off: '],
    ['cut off under a log that does not have the rest', cutBelowLog, true, 'it is cut off: '],
    ['cut off in its header', (file) => truncateSync(file, 99), true, 'it ends before its header does'],
    ['emptied', (file) => truncateSync(file, 0), false, 'it is missing or empty, while its log bad.db-wal'],
    ['removed without its log', (file) => rmSync(file), false, 'it is missing or empty, while its log'],
    [
      'garbage',
      (file) => writeFileSync(file, Buffer.alloc(8_192, 0xa5)),
      true,
      'it is no SQLite database: another program wrote it, or its beginning was overwritten',
    ],
    [
      'of a newer format',
      (file) => overwrite(file, 60, bigEndian(3)),
      false,
      'it has format 3, and this version of the app reads format 2: use the version that wrote it',
    ],
    [
      'of an older format',
      (file) => overwrite(file, 60, bigEndian(1)),
      false,
      'it has format 1, and this version of the app reads format 2: use the version that wrote it',
    ],
    ["another program's", foreignDatabase, false, 'it belongs to another program'],
  ])('%s is refused by name with what to do, and is left as it is', async (_how, make, closed, problem) => {
    const file = await makeBad(make, closed);
    const before = digest();
    const refusal = refusalOf(file);
    expect(refusal).toBeInstanceOf(StorageError);
    expect(refusal?.fault).toBe('refused');
    expect(refusal?.message).toContain(`${file} cannot be used: ${problem}`);
    expect(refusal?.message).toContain('npm run reset');
    expect(digest()).toBe(before);
  });

  test('a page of garbage in the middle is an error when it is read, and ends the journal', async () => {
    const file = await makeBad((bad) => overwrite(bad, 4_096, Buffer.alloc(4_096 * 3, 0xa5)), true);
    const journal = new Journal(file);
    const refusal = journal.read(() => journal.statement('SELECT count(text) FROM entries').get());
    await expect(refusal).rejects.toMatchObject({ fault: 'damaged' });
    await expect(refusal).rejects.toThrow(file);
    await expect(journal.failed).resolves.toMatchObject({ fault: 'damaged' });
    await journal.close();
  });

  function refusalOf(file: string): StorageError | undefined {
    try {
      void new Journal(file).close();
      return undefined;
    } catch (error) {
      if (error instanceof StorageError) return error;
      throw error;
    }
  }

  /** Writes more, so that there is a log, whose pages lie behind those that are then cut away. */
  function cutBelowLog(file: string): void {
    const database = new Database(file);
    database.exec("UPDATE sums SET entries = entries WHERE name = 'all'");
    const log = readFileSync(`${file}-wal`);
    database.close();
    truncateSync(file, 4_096);
    writeFileSync(`${file}-wal`, log);
  }

  function foreignDatabase(file: string): void {
    for (const suffix of ['', '-wal']) rmSync(file + suffix, { force: true });
    const database = new Database(file);
    database.exec('CREATE TABLE notes (text)');
    database.close();
  }
});

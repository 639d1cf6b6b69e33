// What a write of the journal keeps when it is refused by its own code, and whom that concerns. J…: head of journal.ts.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Journal } from '../../src/storage/journal';
import { StorageError, storageFault } from '../../src/storage/storage-error';

let folder: string;
let file: string;
let journal: Journal;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'journal-writes-'));
  file = path.join(folder, 'data.db');
  journal = new Journal(file);
  journal.schema('CREATE TABLE kept (name TEXT UNIQUE)');
});

afterEach(async () => {
  await journal.close();
  rmSync(folder, { recursive: true });
});

const keep = (name: string): Promise<string> =>
  journal.write(() => {
    journal.statement('INSERT INTO kept VALUES (?)').run(name);
    return name;
  });
const names = (of = journal): string[] =>
  of
    .statement('SELECT name FROM kept ORDER BY rowid')
    .all<{ name: string }>()
    .map(({ name }) => name);

/** How much is in the log beside the file. */
const logBytes = (): number => statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;

test('journal.J2: a change that throws keeps nothing of itself, rejects with its error, and spares its neighbours', async () => {
  const refused = journal.write(() => {
    journal.statement('INSERT INTO kept VALUES (?)').run('half');
    throw new Error('thought better of it');
  });
  const kept = Promise.all([keep('before the commit'), keep('after it')]);
  await expect(refused).rejects.toThrow('thought better of it');
  expect(await kept).toEqual(['before the commit', 'after it']);
  expect(names()).toEqual(['before the commit', 'after it']);
});

test('journal.J2: a statement that a rule of its table refuses is the refusal of its write alone', async () => {
  await keep('once');
  const [twice, other] = await Promise.allSettled([keep('once'), keep('other')]);
  expect([twice.status, other.status]).toEqual(['rejected', 'fulfilled']);
  expect(names()).toEqual(['once', 'other']);
  journal.assertUsable();
});

test('journal.J4: a query that throws rejects with its error and leaves the journal usable', async () => {
  const read = journal.read(() => {
    throw new Error('no such question');
  });
  await expect(read).rejects.toThrow('no such question');
  expect(await keep('later')).toBe('later');
});

test('closing keeps what was written last, and leaves nothing in the log; a second time it does nothing', async () => {
  const last = keep('last');
  await journal.close();
  await journal.close();
  expect(await last).toBe('last');
  expect(logBytes()).toBe(0);
  journal = new Journal(file);
  expect(names()).toEqual(['last']);
});

describe('an error of SQLite', () => {
  const coded = (code: unknown): Error => Object.assign(new Error('why'), { code });
  const faultOf = (error: unknown): string | undefined => storageFault(error, 'data.db')?.fault;

  test.each([
    'SQLITE_FULL',
    'SQLITE_IOERR',
    'SQLITE_IOERR_WRITE',
    'SQLITE_READONLY_DBMOVED',
    'SQLITE_CANTOPEN',
  ])('%s says that the file cannot be written', (code) => {
    expect(faultOf(coded(code))).toBe('unwritable');
  });

  test.each(['SQLITE_CORRUPT', 'SQLITE_CORRUPT_INDEX', 'SQLITE_NOTADB'])(
    '%s says that it is damaged',
    (code) => {
      expect(faultOf(coded(code))).toBe('damaged');
    },
  );

  test.each(['SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_BUSY', 'SQLITE_FULLER', 'MY_SQLITE_FULL', 28, undefined])(
    '%s is not the fault of the disk',
    (code) => {
      expect(faultOf(coded(code))).toBeUndefined();
    },
  );

  test('or anything else that is thrown without a code is not either, and a known fault stays what it is', () => {
    expect([faultOf(undefined), faultOf(null), faultOf('SQLITE_FULL')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    const known = new StorageError('damaged', 'known');
    expect(storageFault(known, 'data.db')).toBe(known);
  });
});

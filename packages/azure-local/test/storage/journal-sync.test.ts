// What the journal promises about the disk, with a disk whose syncs are held, counted and failed here.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Journal } from '../../src/storage/journal';
import { StorageError } from '../../src/storage/storage-error';
import { until } from '../../src/kit/until';

type Done = (error: Error | null) => void;

const mockSyncs: Done[] = [];
jest.mock('node:fs', () => ({
  ...jest.requireActual<object>('node:fs'),
  fdatasync: (_descriptor: number, done: Done) => void mockSyncs.push(done),
}));

let folder: string;
let journal: Journal;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'journal-sync-'));
  journal = new Journal(path.join(folder, 'data.db'));
  journal.schema('CREATE TABLE IF NOT EXISTS kept (name TEXT)');
});
afterEach(async () => {
  const closed = journal.close();
  for (;;) {
    const isClosed = await Promise.race([closed.then(() => true), turn().then(() => false)]);
    if (isClosed) break;
    mockSyncs.shift()?.(null);
  }
  mockSyncs.length = 0;
  rmSync(folder, { recursive: true });
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const keep = (name: string): Promise<string> =>
  journal.write(() => {
    journal.statement('INSERT INTO kept VALUES (?)').run(name);
    return name;
  });
const names = (): string[] =>
  journal
    .statement('SELECT name FROM kept')
    .all<{ name: string }>()
    .map(({ name }) => name);
const syncBegins = (): Promise<unknown> => until('a sync is under way', () => mockSyncs.length > 0);
const endSync = (error: Error | null = null): void => mockSyncs.shift()?.(error);

/** What has become of promises so far. */
function watch(...promises: readonly Promise<unknown>[]): string[] {
  const states = promises.map(() => 'open');
  promises.forEach((promise, index) => {
    promise.then(
      () => (states[index] = 'kept'),
      (error: unknown) => (states[index] = error instanceof StorageError ? error.fault : String(error)),
    );
  });
  return states;
}

test('journal.J1, journal.J4: neither a write nor a read that saw it is answered before the log is synced', async () => {
  const states = watch(keep('one'), journal.read(names), journal.settled());
  await syncBegins();
  const late = watch(journal.read(names));
  await turn();
  expect([...states, ...late]).toEqual(['open', 'open', 'open', 'open']);
  endSync();
  await turn();
  expect([...states, ...late]).toEqual(['kept', 'kept', 'kept', 'kept']);
});

test('journal.J3: writes that come while a group is being synced share the next commit, and its sync', async () => {
  const first = watch(keep('one'));
  await syncBegins();
  const next = watch(keep('two'), keep('three'));
  await turn();
  expect(mockSyncs).toHaveLength(1);
  endSync();
  await syncBegins();
  expect([...first, ...next]).toEqual(['kept', 'open', 'open']);
  expect(mockSyncs).toHaveLength(1);
  endSync();
  await turn();
  expect(next).toEqual(['kept', 'kept']);
});

test('journal.J5: a sync that fails rejects its group and the next, and every later call is refused', async () => {
  const first = watch(keep('one'));
  await syncBegins();
  const next = watch(keep('two'));
  endSync(Object.assign(new Error('i/o error, fdatasync'), { code: 'EIO' }));
  await expect(journal.failed).resolves.toThrow(/cannot be written: Error: i\/o error/);
  await turn();
  expect([...first, ...next]).toEqual(['unwritable', 'unwritable']);
  await expect(keep('three')).rejects.toThrow(StorageError);
  await expect(journal.read(names)).rejects.toThrow(StorageError);
});

test('journal.J5: a disk is said to take writes again only once it has synced one', async () => {
  const first = watch(keep('one'));
  await syncBegins();
  endSync(Object.assign(new Error('i/o error, fdatasync'), { code: 'EIO' }));
  await journal.failed;
  for (const [error, works] of [
    [new Error('i/o error, fdatasync'), false],
    [null, true],
  ] as const) {
    const answer = journal.canWrite();
    await syncBegins();
    endSync(error);
    expect(await answer).toBe(works);
  }
  expect(first).toEqual(['unwritable']);
});

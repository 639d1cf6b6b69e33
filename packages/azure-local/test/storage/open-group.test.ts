// What a group of writes keeps when some of them throw, whatever they have written before (journal.J2).
import fc from 'fast-check';
import { Journal } from '../../src/storage/journal';
import { StorageError } from '../../src/storage/storage-error';

interface Step {
  readonly kind: 'add' | 'change' | 'drop' | 'copy' | 'table';
  readonly name: string;
}
interface Write {
  readonly steps: readonly Step[];
  readonly throws: boolean;
}

const name = fc.constantFrom('a', 'b', 'c', 'd');
const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('add', 'change', 'drop', 'copy', 'table'),
  name,
});
const write: fc.Arbitrary<Write> = fc.record({
  steps: fc.array(step, { maxLength: 4 }),
  throws: fc.boolean(),
});

const SQL = {
  add: 'INSERT INTO kept VALUES (NULL, ?, 1)',
  change: 'UPDATE kept SET times = times + 1 WHERE name = ?',
  drop: 'DELETE FROM kept WHERE name = ?',
  copy: "INSERT INTO kept SELECT NULL, 'copy of ' || max(id), 1 FROM kept",
};

function opened(): Journal {
  const journal = new Journal(':memory:');
  journal.schema('CREATE TABLE kept (id INTEGER PRIMARY KEY, name TEXT UNIQUE, times INTEGER)');
  return journal;
}

function perform(journal: Journal, { steps, throws }: Write): void {
  for (const { kind, name: subject } of steps) {
    if (kind === 'table') journal.schema('CREATE TABLE IF NOT EXISTS more (id INTEGER)');
    else if (kind === 'copy') journal.statement(SQL.copy).run();
    else journal.statement(SQL[kind]).run(subject);
  }
  if (throws) throw new Error('thought better of it');
}

const rows = (journal: Journal): unknown[] => journal.statement('SELECT * FROM kept').all();
const tables = (journal: Journal): unknown[] =>
  journal.statement("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();

test('journal.J2: a group keeps what its writes would have left one after the other, without those that threw', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(write, { maxLength: 8 }), async (writes) => {
      const [together, alone] = [opened(), opened()];
      const settled = await Promise.allSettled(
        writes.map((one) => together.write(() => perform(together, one))),
      );
      for (const [place, { status }] of settled.entries())
        if (status === 'fulfilled') await alone.write(() => perform(alone, writes[place] as Write));
      expect(rows(together)).toEqual(rows(alone));
      expect(tables(together)).toEqual(tables(alone));
      await Promise.all([together.close(), alone.close()]);
    }),
  );
});

test('a group runs its statements again once, however many of its writes throw', async () => {
  const journal = opened();
  await journal.write(() => journal.statement(SQL.add).run('a'));
  const refused = { steps: [{ kind: 'change', name: 'a' }], throws: true } as const;
  const begins = jest.spyOn(journal['database'], 'exec');
  const writes = [
    journal.write(() => perform(journal, { ...refused, throws: false })),
    ...Array.from({ length: 5 }, () => journal.write(() => perform(journal, refused))),
  ];
  await Promise.allSettled(writes);
  expect(begins.mock.calls.filter(([sql]) => sql.startsWith('ROLLBACK;'))).toHaveLength(1);
  expect(rows(journal)).toEqual([{ id: 1, name: 'a', times: 2 }]);
  await journal.close();
});

test('journal.J5: a group that cannot be run again is refused as a whole, and it is the last', async () => {
  const journal = opened();
  const first = journal.write(() => perform(journal, { steps: [{ kind: 'add', name: 'a' }], throws: false }));
  jest.spyOn(journal['database'], 'exec').mockImplementationOnce(() => {
    throw new Error('no transaction is active');
  });
  const second = journal.write(() => perform(journal, { steps: [{ kind: 'add', name: 'b' }], throws: true }));
  await expect(second).rejects.toThrow(StorageError);
  await expect(first).rejects.toThrow(StorageError);
  expect(() => journal.assertUsable()).toThrow(StorageError);
  await journal.close();
});

// Where the change feed starts that is asked for from a point in time, on the table of the look-alike itself.
import { ManualClock } from '../../src/kit/clock';
import { Catalog } from '../../src/cosmos/catalog';
import type { Container } from '../../src/cosmos/container';
import { createDocument, deleteDocument, upsertDocument } from '../../src/cosmos/documents';
import { Journal } from '../../src/storage/journal';

let journal: Journal;
let container: Container;

beforeEach(async () => {
  journal = new Journal(':memory:');
  const catalog = new Catalog(journal, new ManualClock());
  await catalog.createDatabase({ id: 'db' });
  container = await catalog.createContainer('db', { id: 'c', partitionKey: { paths: ['/id'] } });
});
afterEach(() => journal.close());

const placeOf = (id: string, seconds: number): Parameters<typeof createDocument>[0] => ({
  container,
  pk: `["${id}"]`,
  seconds,
});

/** Writes one document at each of these times; their ids are 0, 1, 2… */
const writeAt = (...times: readonly number[]): Promise<void> =>
  journal.write(() => {
    for (const [n, seconds] of times.entries()) createDocument(placeOf(`${n}`, seconds), { id: `${n}` });
  });

/** The ids that a reader gets who asks for what changed at `seconds` or later. */
const since = (seconds: number): string[] =>
  container.documents
    .changes(undefined, container.documents.lsnBefore(seconds), 1_000)
    .map(({ body }) => (JSON.parse(body) as { id: string }).id);

test.each([
  [0, ['0', '1', '2', '3', '4']],
  [10, ['0', '1', '2', '3', '4']],
  [11, ['1', '2', '3', '4']],
  [20, ['1', '2', '3', '4']],
  [21, ['4']],
  [30, ['4']],
  [31, []],
])('from second %i on: what was written then or later', async (seconds, expected) => {
  await writeAt(10, 20, 20, 20, 30);
  expect(since(seconds)).toEqual(expected);
});

test('a document counts by its last change, and a deleted one is left out', async () => {
  await writeAt(10, 20, 30, 40);
  await journal.write(() => {
    upsertDocument(placeOf('0', 50), { id: '0' });
    deleteDocument(placeOf('2', 50), '2');
  });
  expect([since(15), since(25), since(45)]).toEqual([['1', '3', '0'], ['3', '0'], ['0']]);
});

test.each([
  ['', () => undefined],
  [', after a restart', () => void ({ container } = reopened())],
])('a clock that was set back%s hides nothing that was written after it', async (_, between) => {
  await writeAt(100);
  between();
  await journal.write(() => {
    for (const id of ['1', '2', '3', '4']) createDocument(placeOf(id, 60), { id });
  });
  expect(since(80)).toEqual(['0', '1', '2', '3', '4']);
  expect(since(101)).toEqual([]);
});

const reopened = (): { container: Container } => ({
  container: new Catalog(journal, new ManualClock()).container('db', 'c'),
});

test('the start among many documents is found by binary search through an index', async () => {
  await writeAt(...Array.from({ length: 2_000 }, (_, n) => n));
  const statements = jest.spyOn(journal, 'statement');
  ({ container } = reopened());
  statements.mockClear();
  expect(container.documents.lsnBefore(1_999)).toBe(1_999);
  const plans = statements.mock.calls.flatMap(([sql]) =>
    journal.statement(`EXPLAIN QUERY PLAN ${sql}`).all<{ detail: string }>(0),
  );
  // Without a bound on the LSN it would walk through the index from its beginning.
  expect(plans.map(({ detail }) => detail)).toEqual([
    expect.stringMatching(/^SEARCH \S+ USING INDEX \S+_lsn \(lsn>\?\)$/),
  ]);
});

// What the Cosmos DB look-alike keeps of databases and containers, and which containers it refuses.
import { ManualClock } from '../../src/kit/clock';
import { Catalog } from '../../src/cosmos/catalog';
import { Journal } from '../../src/storage/journal';

let journal: Journal;
let catalog: Catalog;

beforeEach(async () => {
  journal = new Journal(':memory:');
  catalog = reopened();
  await catalog.createDatabase({ id: 'db' });
});

afterEach(() => journal.close());

/** The catalog as the next process finds it on the same disk. */
const reopened = (): Catalog => new Catalog(journal, new ManualClock());
const DEFINITION = { id: 'c', partitionKey: { paths: ['/pk'] } };
const count = (of: Catalog): number => [...of.containers()].length;

test('a database that was deleted is gone for the next process too, with its containers', async () => {
  await catalog.createContainer('db', DEFINITION);
  await catalog.createContainer('db', { ...DEFINITION, id: 'd' });
  expect(count(reopened())).toBe(2);
  await catalog.deleteDatabase('db');
  for (const each of [catalog, reopened()]) {
    expect(count(each)).toBe(0);
    expect(() => each.database('db')).toThrow();
  }
  await catalog.createDatabase({ id: 'db' });
  expect(count(reopened())).toBe(0);
});

test('a second container of that name is refused, and the first stays as it was', async () => {
  const first = await catalog.createContainer('db', DEFINITION);
  await expect(catalog.createContainer('db', DEFINITION)).rejects.toMatchObject({ status: 409 });
  expect([...catalog.containers()]).toEqual([first]);
  expect(count(reopened())).toBe(1);
});

test.each([
  ['no partition key', undefined],
  ['a key without paths', {}],
  ['paths that are no list', { paths: '/pk' }],
  ['an empty list of paths', { paths: [] }],
  ['a path that is none', { paths: ['pk'] }],
])('a container with %s is refused, and nothing of it is kept', async (_, partitionKey) => {
  const definition = { id: 'c', ...(partitionKey !== undefined && { partitionKey }) };
  await expect(catalog.createContainer('db', definition)).rejects.toThrow();
  expect([count(catalog), count(reopened())]).toEqual([0, 0]);
});

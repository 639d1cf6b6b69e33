// The limits of the service on ids, partition keys and orders of several keys: at each, and beyond.
import { randomUUID } from 'node:crypto';
import type { Container, IndexingPolicy } from '@azure/cosmos';
import { type Cosmos } from '../../testing/cosmos-fixture';
import { openCosmosTarget } from '../../testing/cosmos-target';

let cosmos: Cosmos;
beforeAll(async () => {
  cosmos = await openCosmosTarget();
});
afterAll(() => cosmos.close());

const TWO_BYTES = 'é';

describe('the id of a document', () => {
  let container: Container;
  beforeAll(async () => {
    container = await cosmos.container('/pk');
  });

  test.each([
    ['1,023 bytes', 'x'.repeat(1_023)],
    ['1,022 bytes in 511 characters', TWO_BYTES.repeat(511)],
  ])('may have %s, and is found by it', async (_what, id) => {
    await container.items.create({ id, pk: 'a' });
    expect((await container.item(id, 'a').read()).statusCode).toBe(200);
  });

  test.each([
    ['1,024 bytes', 'x'.repeat(1_024)],
    ['1,024 bytes in 512 characters', TWO_BYTES.repeat(512)],
  ])('may not have %s', async (_what, id) => {
    await expect(container.items.create({ id, pk: 'a' })).rejects.toMatchObject({ code: 400 });
  });
});

test('the id of a database or a container has at most 255 characters', async () => {
  const id = randomUUID().padEnd(255, 'd');
  const { database } = await cosmos.client.databases.create({ id });
  await database.containers.create({ id: 'c'.repeat(255), partitionKey: '/pk' });
  await expect(
    database.containers.create({ id: 'c'.repeat(256), partitionKey: '/pk' }),
  ).rejects.toMatchObject({ code: 400 });
  await database.delete();
});

describe('a partition key', () => {
  let container: Container;
  beforeAll(async () => {
    container = await cosmos.container('/pk');
  });

  test.each([
    ['2,048 bytes', 'x'.repeat(2_048)],
    ['2,048 bytes in 1,024 characters', TWO_BYTES.repeat(1_024)],
  ])('may have %s', async (_what, pk) => {
    await container.items.create({ id: 'a', pk });
    expect((await container.item('a', pk).read()).statusCode).toBe(200);
  });

  test.each([
    ['2,049 bytes', 'x'.repeat(2_049)],
    ['2,050 bytes in 1,025 characters', TWO_BYTES.repeat(1_025)],
  ])('may not have %s, to write or to read', async (_what, pk) => {
    await expect(container.items.create({ id: 'a', pk })).rejects.toMatchObject({ code: 400 });
    await expect(container.item('a', pk).read()).rejects.toMatchObject({ code: 400 });
  });
});

describe('ORDER BY', () => {
  const policy = (...compositeIndexes: IndexingPolicy['compositeIndexes'] & object): IndexingPolicy => ({
    compositeIndexes,
  });
  const up = (path: string) => ({ path, order: 'ascending' as const });
  const down = (path: string) => ({ path, order: 'descending' as const });
  const ordered = async (indexingPolicy: IndexingPolicy | undefined, keys: string): Promise<unknown> => {
    const container = await cosmos.container('/pk', indexingPolicy === undefined ? {} : { indexingPolicy });
    await container.items.create({ id: 'x', pk: 'a', a: 1, b: { c: 2 } });
    const query = container.items.query<string>(`SELECT VALUE c.id FROM c ORDER BY ${keys}`);
    return query.fetchAll().then(
      ({ resources }) => resources,
      (error: unknown) => (error as { code: unknown }).code,
    );
  };

  test.each<[string, IndexingPolicy, string]>([
    ['of these directions', policy([down('/a'), up('/b/c')]), 'c.a DESC, c.b.c'],
    ['of the opposite directions', policy([down('/a'), up('/b/c')]), 'c.a, c.b.c DESC'],
    ['among others', policy([up('/b'), up('/a')], [up('/a'), up('/b')]), 'c.a, c.b'],
  ])('of two keys is served by a composite index %s', async (_what, indexing, keys) => {
    expect(await ordered(indexing, keys)).toEqual(['x']);
  });

  test.each<[string, IndexingPolicy | undefined, string]>([
    ['no composite index', undefined, 'c.a, c.b'],
    ['one with half of the directions turned', policy([up('/a'), up('/b')]), 'c.a, c.b DESC'],
    ['one of another order', policy([up('/b'), up('/a')]), 'c.a, c.b'],
    ['one of more keys', policy([up('/a'), up('/b'), up('/c')]), 'c.a, c.b'],
  ])('of two keys is a 400 with %s', async (_what, indexing, keys) => {
    expect(await ordered(indexing, keys)).toBe(400);
  });

  const indexing = (included: readonly string[], excluded: readonly string[]): IndexingPolicy => ({
    includedPaths: included.map((path) => ({ path })),
    excludedPaths: excluded.map((path) => ({ path })),
  });

  test.each<[string, IndexingPolicy | undefined, string]>([
    ['no policy', undefined, 'c.a DESC'],
    ['all paths indexed', indexing(['/*'], []), 'c.b.c'],
    ['its path alone indexed', indexing(['/a/?'], ['/*']), 'c.a'],
    ['all below its path indexed', indexing(['/b/*'], ['/*']), 'c.b.c'],
    ['nothing indexed, by the id', indexing([], ['/*']), 'c.id'],
    ['its path indexed below one that is not', indexing(['/*', '/b/c/?'], ['/b/*']), 'c.b.c'],
  ])('of one key is served with %s', async (_what, policyOf, keys) => {
    expect(await ordered(policyOf, keys)).toEqual(['x']);
  });

  test.each<[string, IndexingPolicy, string]>([
    ['nothing indexed', indexing([], ['/*']), 'c.a'],
    ['another path indexed', indexing(['/b/c/?'], ['/*']), 'c.a'],
    ['its path left out', indexing(['/*'], ['/a/?']), 'c.a DESC'],
    ['its path below one that is left out', indexing(['/*'], ['/b/*']), 'c.b.c'],
    ['only what is above it indexed', indexing(['/b/?'], ['/*']), 'c.b.c'],
  ])('of one key is a 400 with %s', async (_what, policyOf, keys) => {
    expect(await ordered(policyOf, keys)).toBe(400);
  });
});

import type { Container, FeedOptions, SqlQuerySpec } from '@azure/cosmos';
import { cosmosLookAlikeOnly } from '../../testing/contract-target';
import { type Cosmos } from '../../testing/cosmos-fixture';
import { openCosmosTarget } from '../../testing/cosmos-target';

let cosmos: Cosmos;
let things: Container;

const THINGS = [
  {
    id: '1',
    kind: 'a',
    n: 3,
    s: 'Alpha',
    tags: ['x', 'y'],
    deep: { 'odd key': { z: 1 } },
    items: [{ p: 1 }, { p: 2 }],
  },
  { id: '2', kind: 'a', n: 1, s: 'beta', tags: [], b: true },
  { id: '3', kind: 'b', n: 2, s: 'Gamma', nothing: null, items: [{ p: 3 }] },
  { id: '4', kind: 'b', n: '2', s: 'delta_%', b: false },
  { id: '5', kind: 'c', s: null },
];

beforeAll(async () => {
  cosmos = await openCosmosTarget();
  things = await cosmos.container('/kind', {
    indexingPolicy: {
      compositeIndexes: [
        [
          { path: '/kind', order: 'descending' },
          { path: '/s', order: 'ascending' },
        ],
      ],
    },
  });
  for (const thing of THINGS) await things.items.create(thing);
});

afterAll(() => cosmos.close());

const all = async (query: string | SqlQuerySpec, options?: FeedOptions): Promise<unknown[]> =>
  (await things.items.query<unknown>(query, options).fetchAll()).resources;

const idsWhere = (condition: string): Promise<unknown[]> =>
  all(`SELECT VALUE c.id FROM c WHERE ${condition}`);

describe('WHERE', () => {
  test.each<[string, string[]]>([
    ["c.kind = 'a'", ['1', '2']],
    ['c.n = 2', ['3']],
    ["c.n = '2'", ['4']],
    ['c.n != 2', ['1', '2', '4']],
    ['c.n >= 2 AND c.n < 3', ['3']],
    ["c.n > '1'", ['4']],
    ['NOT (c.n = 2)', ['1', '2', '4']],
    ['c.missing = 1 OR c.n = 1', ['2']],
    ['c.missing != 1', []],
    ['c.s = null', ['5']],
    ['c.s != null', ['1', '2', '3', '4']],
    ['c.b', ['2']],
    ['c.n IN (1, 3, "2")', ['1', '2', '4']],
    ['c.n NOT IN (1, 3)', ['3', '4']],
    ['c.n BETWEEN 2 AND 3', ['1', '3']],
    ['c.deep["odd key"].z = 1', ['1']],
    ["c['kind'] = 'c'", ['5']],
    ["c.tags[0] = 'x'", ['1']],
    ["c.tags = ['x', 'y']", ['1']],
    ["c.items[0] = {'p': 3}", ['3']],
    ['c.n * 2 + 1 = 7 AND -c.n = -3 AND c.n % 2 = 1', ['1']],
    ["c.s || '!' = 'beta!'", ['2']],
    ["c.s LIKE '%a' AND c.s LIKE '_e%'", ['2']],
    ["c.s LIKE '%!_!%' ESCAPE '!'", ['4']],
    ['IS_DEFINED(c.n) AND NOT IS_STRING(c.n)', ['1', '2', '3']],
    ['IS_NULL(c.nothing) OR IS_NULL(c.s)', ['3', '5']],
    ["ARRAY_CONTAINS(c.tags, 'y')", ['1']],
    ['ARRAY_CONTAINS(c.items, {p: 2}, true)', ['1']],
    ["STARTSWITH(c.s, 'al', true) OR ENDSWITH(c.s, 'mma')", ['1', '3']],
    ["CONTAINS(LOWER(c.s), 'alph') AND LENGTH(c.s) = 5 AND UPPER(c.s) = 'ALPHA'", ['1']],
    ['ABS(c.n) = 3 AND FLOOR(c.n / 2) = 1 AND CEILING(c.n / 2) = 2 AND ROUND(c.n / 2) = 2', ['1']],
    ['(c.n ?? 7) = 7', ['5']],
    ["(c.b ? c.n : 'no') = 1", ['2']],
    ['c.constructor != null OR c.__proto__ != null', []],
    ['true', ['1', '2', '3', '4', '5']],
    ['1 / 0 = 1 / 0', []],
  ])('%s finds %j', async (condition, ids) => {
    expect(await idsWhere(condition)).toEqual(ids);
  });

  test('takes parameters of every type', async () => {
    const find = (name: string, value: unknown): Promise<unknown[]> =>
      all({
        query: `SELECT VALUE c.id FROM c WHERE c.${name} = @v`,
        parameters: [{ name: '@v', value: value as never }],
      });
    expect(await find('n', 2)).toEqual(['3']);
    expect(await find('s', 'beta')).toEqual(['2']);
    expect(await find('b', false)).toEqual(['4']);
    expect(await find('s', null)).toEqual(['5']);
    expect(await find('tags', ['x', 'y'])).toEqual(['1']);
  });
});

describe('SELECT', () => {
  test('* gives documents with their system properties', async () => {
    const [first] = await all("SELECT * FROM things t WHERE t.id = '1'");
    expect(first).toMatchObject({ ...THINGS[0], _attachments: 'attachments/' });
  });

  test('a list gives objects, named after the path, the alias or $1, without what is undefined', async () => {
    expect(
      await all("SELECT c.id, c.n AS number, c.n + 1, {a: c.s, b: [c.n]} o FROM c WHERE c.kind = 'a'"),
    ).toEqual([
      { id: '1', number: 3, $1: 4, o: { a: 'Alpha', b: [3] } },
      { id: '2', number: 1, $1: 2, o: { a: 'beta', b: [1] } },
    ]);
    expect(await all("SELECT c.id, c.n FROM c WHERE c.id = '5'")).toEqual([{ id: '5' }]);
  });

  test('VALUE leaves out what is undefined', async () => {
    expect(await all('SELECT VALUE c.b FROM c')).toEqual([true, false]);
  });

  test('DISTINCT gives each value once', async () => {
    expect(await all('SELECT DISTINCT VALUE c.kind FROM c')).toEqual(['a', 'b', 'c']);
    expect(await all('SELECT DISTINCT c.kind FROM c ORDER BY c.kind DESC')).toEqual([
      { kind: 'c' },
      { kind: 'b' },
      { kind: 'a' },
    ]);
  });

  test('JOIN and IN give one row per element of an array', async () => {
    expect(await all('SELECT c.id, i.p FROM c JOIN i IN c.items WHERE i.p > 1')).toEqual([
      { id: '1', p: 2 },
      { id: '3', p: 3 },
    ]);
    expect(await all('SELECT VALUE i.p FROM i IN c.items')).toEqual([1, 2, 3]);
  });

  test('aggregates over all partitions and within one', async () => {
    expect(await all('SELECT VALUE COUNT(1) FROM c')).toEqual([5]);
    expect(await all('SELECT VALUE COUNT(c.b) FROM c')).toEqual([2]);
    expect(await all('SELECT VALUE COUNT(1) FROM c', { partitionKey: 'a' })).toEqual([2]);
    expect(await all("SELECT VALUE SUM(c.n) FROM c WHERE c.kind = 'a'")).toEqual([4]);
    expect(
      await all('SELECT COUNT(1) AS n, MIN(c.n) AS low, MAX(c.n) AS high, AVG(c.n) AS mean FROM c', {
        partitionKey: 'a',
      }),
    ).toEqual([{ n: 2, low: 1, high: 3, mean: 2 }]);
    expect(await all("SELECT VALUE MAX(c.n) FROM c WHERE c.kind = 'none'")).toEqual([]);
    expect(await all('SELECT VALUE SUM(c.n) FROM c')).toEqual([]);
  });
});

describe('ORDER BY', () => {
  test('sorts by type (undefined, null, boolean, number, string), then by value', async () => {
    expect(await all('SELECT VALUE c.id FROM c ORDER BY c.n')).toEqual(['5', '2', '3', '1', '4']);
    expect(await all('SELECT VALUE c.id FROM c ORDER BY c.n DESC')).toEqual(['4', '1', '3', '2', '5']);
  });

  test('takes several keys', async () => {
    expect(await all('SELECT VALUE c.id FROM c ORDER BY c.kind DESC, c.s ASC')).toEqual([
      '5',
      '3',
      '4',
      '1',
      '2',
    ]);
  });

  test('goes with TOP and with OFFSET LIMIT', async () => {
    expect(await all('SELECT TOP 2 VALUE c.id FROM c ORDER BY c.s DESC')).toEqual(['4', '2']);
    expect(await all('SELECT VALUE c.id FROM c ORDER BY c.s DESC OFFSET 1 LIMIT 2')).toEqual(['2', '3']);
    expect(
      await all({
        query: 'SELECT VALUE c.id FROM c ORDER BY c.s OFFSET @o LIMIT @l',
        parameters: [
          { name: '@o', value: 4 },
          { name: '@l', value: 9 },
        ],
      }),
    ).toEqual(['4']);
  });
});

describe('a query within a partition', () => {
  test('sees that partition only', async () => {
    expect(await all('SELECT VALUE c.id FROM c ORDER BY c.n DESC', { partitionKey: 'b' })).toEqual([
      '4',
      '3',
    ]);
  });
});

describe('pages', () => {
  async function pages(query: string, options: FeedOptions): Promise<unknown[][]> {
    const found: unknown[][] = [];
    let continuationToken: string | undefined;
    do {
      const page = await things.items
        .query<unknown>(query, { ...options, ...(continuationToken !== undefined && { continuationToken }) })
        .fetchNext();
      found.push(page.resources);
      ({ continuationToken } = page);
    } while (continuationToken);
    return found;
  }

  test.each<[string, unknown[][]]>([
    ['SELECT VALUE c.id FROM c', [['1', '2'], ['3', '4'], ['5']]],
    ['SELECT VALUE c.id FROM c ORDER BY c.s DESC', [['4', '2'], ['3', '1'], ['5']]],
    ['SELECT TOP 3 VALUE c.id FROM c ORDER BY c.s', [['5', '1'], ['3']]],
    ['SELECT VALUE c.id FROM c OFFSET 1 LIMIT 3', [['2', '3'], ['4']]],
    ['SELECT DISTINCT VALUE c.kind FROM c', [['a', 'b'], ['c']]],
    ['SELECT VALUE i.p FROM c JOIN i IN c.items', [[1, 2], [3]]],
  ])('of two: %s', async (query, expected) => {
    expect(await pages(query, { maxItemCount: 2 })).toEqual(expected);
    expect((await pages(query, { maxItemCount: 1 })).flat()).toEqual(expected.flat());
  });

  test('neither repeat nor miss a document when others come and go between them', async () => {
    const list = await cosmos.container('/kind');
    for (const at of [10, 20, 30, 40]) await list.items.create({ id: `${at}`, kind: 'k', at });
    const query = 'SELECT VALUE c.at FROM c ORDER BY c.at DESC';
    const first = await list.items.query<number>(query, { maxItemCount: 2 }).fetchNext();
    await list.items.create({ id: '50', kind: 'k', at: 50 });
    await list.item('40', 'k').delete();
    const second = await list.items
      .query<number>(query, { maxItemCount: 2, continuationToken: first.continuationToken })
      .fetchNext();
    expect([first.resources, second.resources]).toEqual([
      [40, 30],
      [20, 10],
    ]);
  });

  test('of the feed of all documents come through the SDK iterator too', async () => {
    const ids: unknown[] = [];
    for await (const { resources } of things.items.readAll({ maxItemCount: 2 }).getAsyncIterator())
      ids.push(...resources.map(({ id }) => id));
    expect(ids).toEqual(['1', '2', '3', '4', '5']);
  });

  test('with a continuation token that was never issued are refused with 400', async () => {
    await expect(
      things.items.query('SELECT * FROM c', { continuationToken: 'nonsense' }).fetchNext(),
    ).rejects.toMatchObject({ code: 400 });
  });
});

describe('what is not supported', () => {
  cosmosLookAlikeOnly('refusals').each<[string, string]>([
    ['SELECT c.kind, COUNT(1) FROM c GROUP BY c.kind', 'GROUP BY (at character 31)'],
    ['SELECT c.kind, COUNT(1) AS n FROM c', "'c' beside an aggregate"],
    ['SELECT * FROM c WHERE EXISTS(SELECT VALUE 1 FROM x IN c.y)', 'EXISTS and subqueries (at character 22)'],
    ['SELECT VALUE (SELECT 1) FROM c', 'subqueries (at character 13)'],
    ['SELECT udf.f(c) FROM c', 'user-defined functions'],
    ['SELECT * FROM c WHERE ST_DISTANCE(c.a, c.b) < 1', 'the function ST_DISTANCE'],
    ['SELECT * FROM c WHERE c.a & 1 = 1', "character 26: '&'"],
    ["SELECT * FROM c WHERE c.a LIKE '[ab]'", 'character class'],
    ['SELECT * FROM c.items', 'a path in FROM'],
    ['SELECT * FROM c ORDER BY c.a + 1', 'ORDER BY anything but a path'],
    ['SELECT * FROM c WHERE x.a = 1', "Identifier 'x' could not be resolved (at character 22)"],
    ['SELECT * FROM c WHERE c.a =', "expected an expression, found 'the end of the query'"],
    ['SELECT * FROM c WHERE c.a = @a', 'gives no value for it'],
    ['SELECT FROM c', 'Syntax error at character'],
    ['DELETE FROM c', 'expected SELECT'],
    ['SELECT * FROM c c2 c3', "expected the end of the query, found 'c3'"],
    ['SELECT * FROM c JOIN i IN c.items', "'SELECT *' is only valid with a single input set"],
    ["SELECT * FROM c WHERE LOWER('a', 'b') = 'a'", 'LOWER takes 1 argument(s), not 2'],
  ])('%s is refused with 400 and a reason', async (query, reason) => {
    await expect(all(query)).rejects.toMatchObject({
      code: 400,
      message: expect.stringContaining(reason) as string,
    });
  });
});

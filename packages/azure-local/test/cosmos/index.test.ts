import type { Container } from '@azure/cosmos';
import { ManualClock } from '../../src/kit/clock';
import { Catalog } from '../../src/cosmos/catalog';
import { createDocument } from '../../src/cosmos/documents';
import type { Container as CosmosContainer } from '../../src/cosmos/container';
import { IndexBuilder } from '../../src/cosmos/index-builder';
import type { Json } from '../../src/cosmos/protocol/json';
import { runQuery, type GivenUp, type QueryPage } from '../../src/cosmos/run-query';
import { BUDGET, Scan, type QueryRequest } from '../../src/cosmos/scan';
import { queryFor } from '../../src/cosmos/sql/query';
import { Journal } from '../../src/storage/journal';
import { openCosmos, silent, type Cosmos } from '../../testing/cosmos-fixture';

let cosmos: Cosmos;
const logged: string[] = [];

beforeAll(async () => {
  cosmos = await openCosmos(undefined, { ...silent, info: (message) => void logged.push(message) });
});

afterAll(() => cosmos.close());

describe('a query that had to look at many documents', () => {
  const EVERY = 700;
  let many: Container;
  const document = (n: number): { id: string; [key: string]: unknown } => ({
    id: `${n}`,
    pk: n % 2 === 0 ? 'even' : 'odd',
    kind: n % 3 === 0 ? 'order' : 'event',
    customer: `c-${n % 7}`,
    at: [undefined, null, false, true, n % 50, -n / 3, `t${n % 40}`, [n]][n % 8],
  });

  beforeAll(async () => {
    many = await cosmos.container('/pk');
    for (const parity of ['even', 'odd'])
      for (let from = 0; from < EVERY; from += 200)
        await many.items.batch(
          Array.from({ length: EVERY }, (_, n) => document(n))
            .slice(from, from + 200)
            .filter(({ pk }) => pk === parity)
            .map((resourceBody) => ({ operationType: 'Create', resourceBody }) as never),
          parity,
        );
  });

  test.each([
    "SELECT VALUE c.id FROM c WHERE c.kind = 'order' AND c.customer = 'c-3'",
    "SELECT VALUE c.id FROM c WHERE c.kind = 'order' ORDER BY c.at DESC",
    "SELECT VALUE c.id FROM c WHERE 'c-1' = c.customer AND c.at > 3 ORDER BY c.at",
    'SELECT VALUE c.id FROM c ORDER BY c.at',
  ])('gets an index, and gives the same answer by it: %s', async (query) => {
    const read = async (maxItemCount: number): Promise<string[]> =>
      (await many.items.query<string>(query, { maxItemCount }).fetchAll()).resources;
    const before = logged.length;
    const without = await read(1000);
    expect(without.length).toBeGreaterThan(10);
    while (logged.length === before) expect(await read(1000)).toEqual(without);
    expect(await read(1000)).toEqual(without);
    expect(await read(7)).toEqual(without);
    expect(logged).toHaveLength(before + 1);
  });

  test('finds by the index what is written, changed and deleted afterwards', async () => {
    const query = "SELECT VALUE c.id FROM c WHERE c.kind = 'order' AND c.customer = 'c-3'";
    const read = async (): Promise<string[]> => (await many.items.query<string>(query).fetchAll()).resources;
    const before = await read();
    await many.items.create({ id: 'new', pk: 'odd', kind: 'order', customer: 'c-3' });
    const [changed = '', deleted = '', ...rest] = before;
    const pkOf = (id: string): string => (Number(id) % 2 === 0 ? 'even' : 'odd');
    await many.item(changed, pkOf(changed)).patch([{ op: 'set', path: '/kind', value: 'other' }]);
    await many.item(deleted, pkOf(deleted)).delete();
    expect(await read()).toEqual([...rest, 'new']);
  });

  test('may end a page early with nothing found, and goes on', async () => {
    const big = await cosmos.container('/pk');
    const rows = Array.from({ length: 100 }, (_, n) => n);
    for (let round = 0; round < 51; round += 1)
      await big.items.batch(
        rows.map((n) => ({
          operationType: 'Create',
          resourceBody: { id: `${round}-${n}`, pk: 'p', n: round * 100 + n },
        })),
        'p',
      );
    const iterator = big.items.query<number>('SELECT VALUE c.n FROM c WHERE c.n >= 5050');
    expect((await iterator.fetchNext()).resources).toEqual([]);
    expect(iterator.hasMoreResults()).toBe(true);
    expect((await iterator.fetchNext()).resources).toHaveLength(50);
  });
});

describe('a query of a container with very many documents', () => {
  const MANY = 25_000;
  let journal: Journal;
  let container: CosmosContainer;
  let indexes: IndexBuilder;

  beforeAll(async () => {
    journal = new Journal(':memory:');
    const catalog = new Catalog(journal, new ManualClock());
    await catalog.createDatabase({ id: 'db' });
    container = await catalog.createContainer('db', { id: 'c', partitionKey: { paths: ['/pk'] } });
    indexes = new IndexBuilder(journal, catalog, silent);
    await journal.write(() => {
      for (let n = 0; n < MANY; n += 1)
        createDocument(
          { container, pk: '["p"]', seconds: 0 },
          { id: `${n}`, pk: 'p', kind: n % 5 === 0 ? 'order' : 'event', at: n },
        );
    });
  });

  afterAll(async () => {
    await indexes.stop();
    await journal.close();
  });

  const request = (text: string, parameters: Record<string, Json> = {}): QueryRequest => ({
    query: queryFor(text),
    parameters: new Map(Object.entries(parameters)),
    pk: undefined,
    itemsAtMost: 1000,
    continuation: undefined,
    seconds: 0,
    mayGiveUp: true,
    budget: BUDGET,
  });

  function run(asked: QueryRequest): { answer: QueryPage | GivenUp; turns: number } {
    const running = runQuery(container, asked);
    for (let turns = 1; ; turns += 1) {
      const turn = running.next();
      if (turn.done === true) return { answer: turn.value, turns };
    }
  }

  const NEWEST = "SELECT VALUE c.at FROM c WHERE c.kind = 'order' AND c.at >= 24000 ORDER BY c.at";

  test.each([
    NEWEST,
    "SELECT VALUE COUNT(1) FROM c WHERE c.kind = 'order' AND c.at >= 24000",
    "SELECT DISTINCT VALUE c.kind FROM c WHERE c.kind = 'order'",
  ])('gives up when it needs them all and has no index: %s', (text) => {
    expect(run(request(text)).answer).toHaveProperty('needs.equal', ['kind']);
    expect(run({ ...request(text), mayGiveUp: false }).answer).toHaveProperty('items');
  });

  test.each([
    'SELECT VALUE COUNT(1) FROM c',
    'SELECT DISTINCT VALUE c.kind FROM c',
    'SELECT VALUE c.at FROM c WHERE c.at > 1e9 ORDER BY c.kind, c.at',
  ])('yields to other requests when it needs them all: %s', (text) => {
    expect(run(request(text)).turns).toBeGreaterThan(5);
  });

  test('ends a page that is ordered by an index early with nothing found, and goes on', async () => {
    const text = 'SELECT VALUE c.at FROM c WHERE c.at % 25000 = 24999 ORDER BY c.at';
    const given = run(request(text)).answer as GivenUp;
    expect(await indexes.complete(container, given.needs)).toBe(true);
    const pages: (readonly string[])[] = [];
    let continuation: string | undefined;
    do {
      const page = run({ ...request(text), continuation }).answer as QueryPage;
      pages.push(page.items);
      ({ continuation } = page);
    } while (continuation !== undefined);
    expect(pages.flat()).toEqual(['24999']);
    expect(pages.length).toBeGreaterThan(MANY / 5000 - 1);
  });

  test('reads only within the bounds of its ORDER BY property, once it has its index', async () => {
    const given = run(request(NEWEST)).answer as GivenUp;
    expect(await indexes.complete(container, given.needs)).toBe(true);
    const range = (condition: string, order: string): { found: number; examined: number } => {
      const scan = new Scan(
        container,
        request(`SELECT VALUE c.at FROM c WHERE c.kind = 'order' AND ${condition} ORDER BY c.at ${order}`),
      );
      const found = [...scan.rows(undefined)].filter((row) => row !== undefined).length;
      return { found, examined: scan.examined };
    };
    expect(range('c.at >= 24000', 'ASC')).toEqual({ found: 200, examined: 200 });
    expect(range('c.at > 24000 AND 24500 > c.at', 'ASC')).toEqual({ found: 99, examined: 101 });
    expect(range('c.at < 500', 'DESC')).toEqual({ found: 100, examined: 101 });
    expect(range("c.at < 'text'", 'ASC')).toEqual({ found: 0, examined: MANY / 5 });
  });

  test.each([
    ["c.id = '77'", ['77']],
    ["c.id IN ('24999', '77', 'none', '77')", ['77', '24999']],
    ['ARRAY_CONTAINS(@ids, c.id) AND c.at > 100', ['24999']],
  ])('reads only the documents whose ids it names: %s', (condition, found) => {
    const asked = request(`SELECT VALUE c.id FROM c WHERE ${condition}`, { '@ids': ['24999', '77', 5] });
    for (const pk of ['["p"]', undefined]) {
      const scan = new Scan(container, { ...asked, pk });
      expect([...scan.rows(undefined)].map((row) => row && (JSON.parse(row.item) as string))).toEqual(found);
      expect(scan.examined).toBeLessThanOrEqual(2);
    }
  });

  test('is answered when its index is built, and blocks no other request meanwhile', async () => {
    const said: string[] = [];
    const cosmos = await openCosmos(undefined, { ...silent, info: (message) => void said.push(message) });
    try {
      const things = await cosmos.container('/pk');
      for (let from = 0; from < 21_000; from += 100)
        await things.items.batch(
          Array.from({ length: 100 }, (_, n) => ({
            operationType: 'Create' as const,
            resourceBody: { id: `${from + n}`, pk: 'p', n: -(from + n) } as never,
          })),
          'p',
        );
      const { resources } = await things.items
        .query<number>('SELECT VALUE c.n FROM c ORDER BY c.n OFFSET 0 LIMIT 2')
        .fetchAll();
      expect(resources).toEqual([-20_999, -20_998]);
      expect(said).toEqual([expect.stringContaining('now has an index')]);

      const counted = things.items.query('SELECT VALUE COUNT(1) FROM c WHERE c.n < 0').fetchAll();
      const first = await Promise.race([
        counted.then(() => 'all'),
        things
          .item('7', 'p')
          .read()
          .then(() => 'one'),
      ]);
      expect([first, (await counted).resources]).toEqual(['one', [20_999]]);

      const query = things.items.query('SELECT VALUE COUNT(1) FROM c').fetchAll();
      await Promise.all([expect(query).rejects.toMatchObject({ code: 404 }), things.delete()]);
    } finally {
      await cosmos.close();
    }
  });
});

describe('an index that a stop left half-built', () => {
  test('is not used, and is completed after the next start', async () => {
    const journal = new Journal(':memory:');
    const before = new Catalog(journal, new ManualClock());
    await before.createDatabase({ id: 'db' });
    const container = await before.createContainer('db', { id: 'c', partitionKey: { paths: ['/id'] } });
    const shape = { partition: false, equal: ['kind'], order: null };
    await journal.write(() => {
      for (let n = 0; n < 30; n += 1)
        createDocument({ container, pk: `["${n}"]`, seconds: 0 }, { id: `${n}`, kind: 'k' });
      container.documents.addIndex(shape);
      expect(container.documents.fillIndex(10)).toBeNull();
    });
    const after = new Catalog(journal, new ManualClock());
    const { documents } = after.container('db', 'c');
    expect(documents.indexFor(shape)).toBeUndefined();
    const builder = new IndexBuilder(journal, after, silent);
    builder.resume();
    while (documents.indexFor(shape) === undefined) await journal.settled();
    const range = { from: { entry: '["k"]', rid: 0 }, end: '["l"]', descending: false };
    expect(documents.scanIndex(0, range, 0, 100)).toHaveLength(30);
    await builder.stop();
    await journal.close();
  });
});

// What the official .NET client sends that the JavaScript client does not: resources by `_rid`, query plans, batches in
// binary. The client itself runs in test/local/cosmos-dotnet.test.ts where it can be built.
import type { Container } from '@azure/cosmos';
import { DOTNET_BATCH } from '../../testing/dotnet-batch';
import { openCosmos, type Cosmos } from '../../testing/cosmos-fixture';

let cosmos: Cosmos;
let things: Container;
let rids: { readonly database: string; readonly container: string };

beforeAll(async () => {
  cosmos = await openCosmos();
  things = await cosmos.container('/kind');
  const { resource: database } = await things.database.read();
  const { resource: container } = await things.read();
  rids = { database: database?._rid ?? '', container: container?._rid ?? '' };
});

afterAll(() => cosmos.close());

const byRid = (): string => `dbs/${rids.database}/colls/${rids.container}`;
const byName = (): string => things.url.replaceAll(/^\/|\/$/g, '');

test('the account has a non-empty configuration for query engines, which the .NET client requires', async () => {
  const { text } = await cosmos.raw('GET', '/', { type: '', link: '' });
  const account = JSON.parse(text) as { queryEngineConfiguration: string };
  expect(JSON.parse(account.queryEngineConfiguration)).toMatchObject({ maxSqlQueryInputLength: 262_144 });
});

describe('a resource addressed by its _rid', () => {
  test('is the one that has the name, signed with the _rid in lower case', async () => {
    const { status, text } = await cosmos.raw('GET', `/${byRid()}/pkranges`, {
      type: 'pkranges',
      link: rids.container.toLowerCase(),
    });
    expect([status, JSON.parse(text)]).toEqual([
      200,
      expect.objectContaining({
        _rid: rids.container,
        PartitionKeyRanges: [expect.objectContaining({ id: '0' })],
      }),
    ]);
  });

  test.each([
    ['a database', () => `dbs/${rids.database}`, () => rids.database, 'dbs'],
    ['a container', () => byRid(), () => rids.container, 'colls'],
  ])('is read: %s', async (_, path, rid, type) => {
    const { status, text } = await cosmos.raw('GET', `/${path()}`, { type, link: rid().toLowerCase() });
    expect([status, JSON.parse(text)]).toEqual([200, expect.objectContaining({ _rid: rid() })]);
  });

  test('is counted under its name', async () => {
    cosmos.server.resetCounters();
    await cosmos.raw('GET', `/${byRid()}/docs`, { type: 'docs', link: rids.container.toLowerCase() });
    const { json } = await cosmos.ask('counters/containers');
    expect(Object.keys(json as object)).toContain('things');
  });

  test('that is gone is a 404, so that a client asks for the name again', async () => {
    const { database } = await cosmos.client.databases.create({ id: 'short-lived' });
    const { container, resource } = await database.containers.create({ id: 'c', partitionKey: '/id' });
    const { resource: owner } = await database.read();
    const path = `/dbs/${owner?._rid}/colls/${resource?._rid}/pkranges`;
    const signed = { type: 'pkranges', link: (resource?._rid ?? '').toLowerCase() };
    expect((await cosmos.raw('GET', path, signed)).status).toBe(200);
    await container.delete();
    expect((await cosmos.raw('GET', path, signed)).status).toBe(404);
    await database.delete();
    expect((await cosmos.raw('GET', path, signed)).status).toBe(404);
  });

  test('is refused with 401 when something else is signed', async () => {
    const { status } = await cosmos.raw('GET', `/${byRid()}/pkranges`, { type: 'pkranges', link: 'other' });
    expect(status).toBe(401);
  });

  test('is found after a database whose name is that _rid', async () => {
    const { database } = await cosmos.client.databases.create({ id: rids.database });
    expect((await database.read()).resource?.id).toBe(rids.database);
    expect((await database.containers.readAll().fetchAll()).resources).toEqual([]);
    await database.delete();
  });
});

test('the partition key ranges answer 304 to a reader of their changes that has them', async () => {
  const ranges = (headers: Record<string, string>): ReturnType<Cosmos['raw']> =>
    cosmos.raw('GET', `/${byName()}/pkranges`, { type: 'pkranges', link: byName() }, { headers });
  const first = await ranges({ 'a-im': 'Incremental Feed' });
  expect(first.status).toBe(200);
  const etag = first.headers.get('etag') ?? '';
  const second = await ranges({ 'a-im': 'Incremental Feed', 'if-none-match': etag });
  expect([second.status, second.text, second.headers.get('etag')]).toEqual([304, '', etag]);
  expect((await ranges({ 'a-im': 'Incremental Feed', 'if-none-match': '"other"' })).status).toBe(200);
  expect((await ranges({ 'if-none-match': etag })).status).toBe(200);
});

describe('a query plan', () => {
  const planned = async (sql: string): Promise<unknown[]> =>
    (await things.items.query<unknown>(sql, { forceQueryPlan: true, maxItemCount: 2 }).fetchAll()).resources;

  beforeAll(async () => {
    for (let n = 0; n < 5; n += 1) await things.items.create({ id: `plan-${n}`, kind: `plan-${n % 2}`, n });
  });

  test.each([
    ['SELECT VALUE c.n FROM c WHERE IS_DEFINED(c.n) ORDER BY c.n DESC', [4, 3, 2, 1, 0]],
    ['SELECT TOP 2 VALUE c.n FROM c WHERE c.n > 0 ORDER BY c.n', [1, 2]],
    ['SELECT VALUE c.n FROM c WHERE IS_DEFINED(c.n) ORDER BY c.n OFFSET 1 LIMIT 3', [1, 2, 3]],
    ['SELECT VALUE SUM(c.n) FROM c', [10]],
    ['SELECT DISTINCT VALUE c.kind FROM c WHERE IS_DEFINED(c.n) ORDER BY c.kind', ['plan-0', 'plan-1']],
  ])('asks for one partition key range and no merging: %s', async (sql, expected) => {
    expect(await planned(sql)).toEqual(expected);
  });

  test('is refused with 400 for what is no query', async () => {
    const { status, text } = await cosmos.raw(
      'POST',
      `/${byName()}/docs`,
      { type: 'docs', link: byName() },
      {
        headers: { 'x-ms-cosmos-is-query-plan-request': 'True', 'content-type': 'application/query+json' },
        body: JSON.stringify({ query: 'SELEKT nothing' }),
      },
    );
    expect([status, text]).toEqual([400, expect.stringContaining('SELEKT')]);
  });
});

describe('a batch in binary', () => {
  /** A new container with what the batch replaces, deletes, reads and patches. */
  async function filled(): Promise<Container> {
    const container = await cosmos.container('/kind');
    for (const id of ['replace', 'delete', 'read', 'patch'])
      await container.items.create({ id, kind: 'a', n: 1 });
    return container;
  }

  const send = (container: Container, headers: Record<string, string> = {}): ReturnType<Cosmos['raw']> => {
    const link = container.url.replaceAll(/^\/|\/$/g, '');
    return cosmos.raw(
      'POST',
      `/${link}/docs`,
      { type: 'docs', link },
      {
        headers: {
          'x-ms-documentdb-partitionkey': '["a"]',
          'x-ms-cosmos-is-batch-request': 'True',
          'x-ms-cosmos-batch-atomic': 'True',
          ...headers,
        },
        body: DOTNET_BATCH,
      },
    );
  };

  test('is performed, and answered in binary', async () => {
    const container = await filled();
    const { status, bytes } = await send(container);
    expect(status).toBe(200);
    expect(resultsIn(bytes)).toEqual([201, 201, 200, 204, 200, 200]);
    expect(bytes.includes('"n":5')).toBe(true);
    const { resources } = await container.items
      .query<{ id: string; n: number }>('SELECT c.id, c.n FROM c ORDER BY c.id')
      .fetchAll();
    expect(resources).toEqual([
      { id: 'create', n: 2 },
      { id: 'patch', n: 5 },
      { id: 'read', n: 1 },
      { id: 'replace', n: 4 },
      { id: 'upsert', n: 3 },
    ]);
  });

  test('that is refused keeps nothing, and says of each operation why', async () => {
    const container = await filled();
    await container.item('read', 'a').delete();
    const { status, bytes } = await send(container);
    expect([status, resultsIn(bytes)]).toEqual([207, [424, 424, 424, 424, 404, 424]]);
    expect((await container.item('create', 'a').read()).statusCode).toBe(404);
  });

  test('answers without the documents that it wrote when the client asks for that', async () => {
    const { bytes } = await send(await filled(), { prefer: 'return=minimal' });
    expect(bytes.includes('"n":5')).toBe(false);
    expect(bytes.includes('"id":"read"')).toBe(true);
  });
});

/** The status of each result: the first field of its row, behind the row's header and presence bits. */
function resultsIn(bytes: Buffer): number[] {
  const header = Buffer.from('817154e17f', 'hex');
  const statuses: number[] = [];
  for (let at = bytes.indexOf(header); at >= 0; at = bytes.indexOf(header, at + 1))
    statuses.push(bytes.readInt32LE(at + header.length + 1));
  return statuses;
}

// Facts about Cosmos DB that the app relies on, asked of the look-alike and, with AZURE_EMULATORS=1, of the official
// emulator, by the same client.
import { randomUUID } from 'node:crypto';
import { Agent } from 'node:https';
import { CosmosClient, type Container, type Database } from '@azure/cosmos';
import { EMULATOR_KEY } from 'azure-local/kit/emulator-connections';
import { openCosmos, statusOf, type Cosmos } from 'azure-local/testing/cosmos-fixture';
import { describeOfficial } from '../support/official-emulators';

interface Stored {
  readonly id: string;
  readonly orderId: string;
  readonly n: number;
}

const stored = (orderId: string, id: string, n: number): Stored => ({ id, orderId, n });

/** Declares the facts about whatever `container` gives. */
function facts(container: () => Container): void {
  const orderId = (): string => randomUUID();

  test('a document is read as it was written, with an etag', async () => {
    const order = orderId();
    await container().items.create(stored(order, 'a', 1));
    const { resource } = await container().item('a', order).read<Stored>();
    expect(resource).toMatchObject(stored(order, 'a', 1));
    expect(resource?._etag).toMatch(/\S/);
  });

  test('a second document with the id is a 409, one in another partition is not, and none is a 404', async () => {
    const [order, other] = [orderId(), orderId()];
    await container().items.create(stored(order, 'a', 1));
    expect(await statusOf(container().items.create(stored(order, 'a', 2)))).toBe(409);
    expect(await statusOf(container().items.create(stored(other, 'a', 2)))).toBe(201);
    expect(await statusOf(container().item('b', order).read())).toBe(404);
  });

  test('a write under an old etag is a 412 and changes nothing', async () => {
    const order = orderId();
    const { etag } = await container().items.create(stored(order, 'a', 1));
    const under = { accessCondition: { type: 'IfMatch', condition: etag } };
    expect(
      await statusOf(
        container()
          .item('a', order)
          .replace(stored(order, 'a', 2), under),
      ),
    ).toBe(200);
    expect(
      await statusOf(
        container()
          .item('a', order)
          .replace(stored(order, 'a', 3), under),
      ),
    ).toBe(412);
    expect((await container().item('a', order).read<Stored>()).resource?.n).toBe(2);
  });

  test('a batch is written whole or not at all, with the status of each operation', async () => {
    const order = orderId();
    const create = (id: string, n: number) => ({
      operationType: 'Create' as const,
      resourceBody: { ...stored(order, id, n) },
    });
    const whole = await container().items.batch([create('a', 1), create('b', 2)], order);
    expect(whole.result?.map(({ statusCode }) => statusCode)).toEqual([201, 201]);
    const refused = await container().items.batch([create('c', 3), create('a', 4)], order);
    expect(refused.result?.map(({ statusCode }) => statusCode)).toEqual([424, 409]);
    expect(await statusOf(container().item('c', order).read())).toBe(404);
  });

  test('a query of a partition answers with its documents, sorted', async () => {
    const [order, other] = [orderId(), orderId()];
    for (const n of [2, 3, 1]) await container().items.create(stored(order, `d${n}`, n));
    await container().items.create(stored(other, 'd9', 9));
    const { resources } = await container()
      .items.query<number>('SELECT VALUE c.n FROM c WHERE c.n > 1 ORDER BY c.n DESC', { partitionKey: order })
      .fetchAll();
    expect(resources).toEqual([3, 2]);
  });
}

describe('the look-alike of Cosmos DB', () => {
  let cosmos: Cosmos;
  let container: Container;
  beforeAll(async () => {
    cosmos = await openCosmos();
    container = await cosmos.container('/orderId');
  });
  afterAll(() => cosmos.close());
  facts(() => container);
});

describeOfficial('the emulator of Cosmos DB', () => {
  // Its certificate is of its own making.
  const agent = new Agent({ rejectUnauthorized: false });
  const client = new CosmosClient({ endpoint: 'https://127.0.0.1:8081', key: EMULATOR_KEY, agent });
  let database: Database;
  let container: Container;
  beforeAll(async () => {
    ({ database } = await client.databases.create({ id: `conformance-${randomUUID()}` }));
    ({ container } = await database.containers.create({ id: 'orders', partitionKey: '/orderId' }));
  });
  afterAll(async () => {
    await database.delete();
    client.dispose();
  });
  facts(() => container);
});

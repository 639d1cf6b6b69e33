import type { Container, OperationInput } from '@azure/cosmos';
import { cosmosLookAlikeOnly } from '../../testing/contract-target';
import { type Cosmos } from '../../testing/cosmos-fixture';
import { openCosmosTarget } from '../../testing/cosmos-target';

let cosmos: Cosmos;
let orders: Container;

beforeAll(async () => {
  cosmos = await openCosmosTarget();
  orders = await cosmos.container('/orderId');
});

afterAll(() => cosmos.close());

const document = (id: string, orderId: string, more: object = {}): { id: string } & Record<string, never> =>
  ({ id, orderId, ...more }) as never;

const idsOf = async (orderId: string): Promise<readonly string[]> =>
  (await orders.items.query<string>('SELECT VALUE c.id FROM c', { partitionKey: orderId }).fetchAll())
    .resources;

describe('a transactional batch', () => {
  test('does every kind of operation, in order, and answers each with its status, charge, etag and document', async () => {
    await orders.items.create(document('old', 'o1', { n: 1 }));
    await orders.items.create(document('gone', 'o1'));
    const { code, result, headers } = await orders.items.batch(
      [
        { operationType: 'Create', resourceBody: document('new', 'o1') },
        { operationType: 'Upsert', resourceBody: document('new', 'o1', { again: true }) },
        { operationType: 'Replace', id: 'old', resourceBody: document('old', 'o1', { n: 2 }) },
        { operationType: 'Patch', id: 'old', resourceBody: [{ op: 'incr', path: '/n', value: 5 }] },
        { operationType: 'Read', id: 'old' },
        { operationType: 'Delete', id: 'gone' },
      ],
      'o1',
    );
    expect(code).toBe(200);
    expect((result ?? []).map(({ statusCode }) => statusCode)).toEqual([201, 200, 200, 200, 200, 204]);
    const [, , , patched, read] = result ?? [];
    expect(read?.resourceBody).toMatchObject({ id: 'old', n: 7, _etag: patched?.eTag });
    const charges = (result ?? []).map(({ requestCharge }) => requestCharge);
    expect(Number(headers['x-ms-request-charge'])).toBe(charges.reduce((sum, charge) => sum + charge, 0));
    expect(await idsOf('o1')).toEqual(['old', 'new']);
  });

  test('with a stale etag on a patch keeps nothing: 207, 412 for the patch and 424 for the others', async () => {
    const { etag } = await orders.items.create(document('head', 'o2', { n: 1 }));
    await orders.item('head', 'o2').patch([{ op: 'set', path: '/n', value: 2 }]);
    const { code, result } = await orders.items.batch(
      [
        { operationType: 'Create', resourceBody: document('event', 'o2') },
        {
          operationType: 'Patch',
          id: 'head',
          ifMatch: etag,
          resourceBody: [{ op: 'set', path: '/n', value: 3 }],
        },
        { operationType: 'Create', resourceBody: document('event-2', 'o2') },
      ],
      'o2',
    );
    expect(code).toBe(207);
    expect(result?.map(({ statusCode }) => statusCode)).toEqual([424, 412, 424]);
    expect(await idsOf('o2')).toEqual(['head']);
    expect((await orders.item('head', 'o2').read<{ n: number }>()).resource?.n).toBe(2);
  });

  test.each<[string, OperationInput, number]>([
    ['a create of what exists', { operationType: 'Create', resourceBody: document('there', 'o3') }, 409],
    ['a read of what does not', { operationType: 'Read', id: 'nobody' }, 404],
    ['a delete of what does not', { operationType: 'Delete', id: 'nobody' }, 404],
    [
      'a document of another partition',
      { operationType: 'Create', resourceBody: document('x', 'other') },
      400,
    ],
    [
      'a patch that cannot be applied',
      { operationType: 'Patch', id: 'there', resourceBody: [{ op: 'remove', path: '/no' }] },
      400,
    ],
  ])('with %s keeps nothing', async (_, refused, status) => {
    await orders.items.upsert(document('there', 'o3'));
    const { code, result } = await orders.items.batch(
      [{ operationType: 'Create', resourceBody: document('first', 'o3') }, refused],
      'o3',
    );
    expect([code, result?.map(({ statusCode }) => statusCode)]).toEqual([207, [424, status]]);
    expect(await idsOf('o3')).toEqual(['there']);
  });

  test('is applied whole by one of two writers that share an etag', async () => {
    const { etag } = await orders.items.create(document('head', 'o4'));
    const append = (n: number): Promise<number | undefined> =>
      orders.items
        .batch(
          [
            { operationType: 'Create', resourceBody: document(`event-${n}`, 'o4') },
            {
              operationType: 'Replace',
              id: 'head',
              ifMatch: etag,
              resourceBody: document('head', 'o4', { n }),
            },
          ],
          'o4',
        )
        .then(({ code }) => code);
    expect((await Promise.all([append(1), append(2)])).sort()).toEqual([200, 207]);
    expect(await idsOf('o4')).toHaveLength(2);
  });

  test('may have 100 operations and 2 MB, and not more', async () => {
    const link = orders.url.replaceAll(/^\/|\/$/g, '');
    const send = async (operations: readonly unknown[]): Promise<number> => {
      const { status } = await cosmos.raw(
        'POST',
        `/${link}/docs`,
        { type: 'docs', link },
        {
          headers: {
            'x-ms-documentdb-partitionkey': '["o5"]',
            'x-ms-cosmos-is-batch-request': 'True',
            'x-ms-cosmos-batch-atomic': 'True',
          },
          body: JSON.stringify(operations),
        },
      );
      return status;
    };
    const creates = (count: number, more: object = {}): unknown[] =>
      Array.from({ length: count }, (_, n) => ({
        operationType: 'Create',
        resourceBody: document(`${count}-${n}`, 'o5', more),
      }));
    expect(await send(creates(100))).toBe(200);
    expect(await send(creates(101))).toBe(400);
    expect(await send(creates(3, { text: 'x'.repeat(700 * 1024) }))).toBe(413);
    expect(await idsOf('o5')).toHaveLength(100);
  });

  test('leaves the documents out of the answer when the client wants none', async () => {
    const { result } = await orders.items.batch(
      [
        { operationType: 'Create', resourceBody: document('quiet', 'o6') },
        { operationType: 'Read', id: 'quiet' },
      ],
      'o6',
      { contentResponseOnWriteEnabled: false },
    );
    expect(result?.map(({ resourceBody }) => resourceBody !== undefined)).toEqual([false, true]);
  });

  cosmosLookAlikeOnly('refusals')('that is not atomic (bulk) is refused by name', async () => {
    const link = orders.url.replaceAll(/^\/|\/$/g, '');
    const { status, text } = await cosmos.raw(
      'POST',
      `/${link}/docs`,
      { type: 'docs', link },
      {
        headers: { 'x-ms-cosmos-is-batch-request': 'True', 'x-ms-cosmos-batch-atomic': 'False' },
        body: '[]',
      },
    );
    expect([status, text]).toEqual([501, expect.stringContaining('does not simulate bulk requests')]);
  });
});

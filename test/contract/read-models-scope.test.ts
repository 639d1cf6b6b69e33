// The read models of several tenants and customers on the Cosmos DB look-alike: each scope sees its own (S19).
import { createCosmosOrderIds } from '../../src/adapters/cosmos-read-models';
import type { EventEnvelope } from '../../src/domain/event-envelope';
import type { OrderFact } from '../../src/domain/order-events';
import { ALL_TENANTS, type Reach } from '../../src/domain/scope';
import { fold } from '../../src/domain/order';
import type { Rebuildable, Rebuilt } from '../../src/projections/rebuild';
import type { OrderView } from '../../src/queries/order-view';
import { openAppDatabase } from '../support/app-database';
import { asChange, envelopes } from '../support/memory-read-models';
import { completedOrder, created } from '../support/orders';
import { newId, openReadModels, type ReadModels } from './read-models-fixture';
import { openCosmos, type Cosmos } from 'azure-local/testing/cosmos-fixture';

let cosmos: Cosmos;
let system: ReadModels;
const [OURS, THEIRS] = [{ tenantId: 'default' }, { tenantId: 'other' }] as const;
const [ours, theirs, second] = [
  streamFor('default', 'cust-1'),
  streamFor('other', 'cust-1'),
  streamFor('default', 'cust-2'),
];

function streamFor(tenantId: string, customerId: string): readonly EventEnvelope[] {
  const first: OrderFact = { ...created, data: { ...created.data, tenantId, customerId } };
  return envelopes(newId(), [first, ...completedOrder]).map((event) => ({ ...event, tenantId }));
}

const idOf = ([first]: readonly EventEnvelope[]): string => first?.orderId ?? '';

beforeAll(async () => {
  cosmos = await openCosmos();
  system = openReadModels(cosmos);
  for (const stream of [ours, theirs, second]) {
    const order = fold(idOf(stream), stream);
    if (order !== undefined) await system.orders.create({ tenantId: order.tenantId }, order, stream);
  }
  await system.host()(...[ours, theirs, second].flat().map(asChange));
});
afterAll(() => cosmos.close());

const listedBy = async (caller: object, customerId: string): Promise<string[]> =>
  ((await system.listAs(caller as never, customerId)).jsonBody as OrderView[]).map(({ id }) => id);

describe('S19: outside its scope', () => {
  test('a tenant sees no order of a customer who has the same name in another tenant', async () => {
    expect(await listedBy(OURS, 'cust-1')).toEqual([idOf(ours)]);
    expect(await listedBy(THEIRS, 'cust-1')).toEqual([idOf(theirs)]);
    expect(await listedBy(THEIRS, 'cust-2')).toEqual([]);
  });

  test('a customer sees an empty list of another customer, as of one that there is not', async () => {
    const caller = { ...OURS, customerId: 'cust-1' };
    expect(await listedBy(caller, 'cust-1')).toEqual([idOf(ours)]);
    expect(await system.listAs(caller, 'cust-2')).toEqual(await system.listAs(caller, 'nobody'));
  });

  test('a list entry can neither be read nor written, nor taken away', async () => {
    const { customerOrders } = system;
    const own = { ...OURS, customerId: 'cust-1' };
    const stored = await customerOrders.read(own, idOf(ours));
    if (stored === undefined) throw new Error('nothing was projected');
    for (const scope of [
      { ...THEIRS, customerId: 'cust-1' },
      { ...OURS, customerId: 'cust-2' },
    ]) {
      expect(await customerOrders.read(scope, idOf(ours))).toBeUndefined();
      const changes = { version: 99, changedAt: stored.order.changedAt };
      expect(await customerOrders.change(scope, idOf(ours), stored.etag, changes)).toBeUndefined();
      await customerOrders.remove(scope, idOf(ours));
      for (const write of [
        () => customerOrders.create(scope, stored.order),
        () => customerOrders.replace(scope, stored.order, stored.etag),
      ])
        await expect(write()).rejects.toMatchObject({ code: 'OUT_OF_SCOPE' });
    }
    expect(await customerOrders.read(own, idOf(ours))).toEqual(stored);
  });

  test('statistics are those of the tenant, and a customer has none', async () => {
    const counted = async (scope: object): Promise<unknown[]> =>
      (await system.dailyStats.days(scope as never, '2026-01-01', '2026-01-01')).map(({ created: n }) => n);
    expect(await counted(OURS)).toEqual([2]);
    expect(await counted(THEIRS)).toEqual([1]);
    expect(await counted({ tenantId: 'third' })).toEqual([]);
    expect(await counted({ ...OURS, customerId: 'cust-1' })).toEqual([]);
    const { counts, sagas } = (await system.sagas()).jsonBody;
    expect([counts.completed, sagas.map(({ orderId }) => orderId).sort()]).toEqual([
      2,
      [idOf(ours), idOf(second)].sort(),
    ]);
  });

  test('what a rebuild goes through is the tenant, and all of them for the app itself', async () => {
    const orderIds = createCosmosOrderIds(openAppDatabase(cosmos.url, { name: system.name }).orders);
    const { customerOrders, dailyStats } = system;
    const pages = async <T>(all: AsyncIterable<readonly T[]>): Promise<T[]> => {
      const found: T[] = [];
      for await (const page of all) found.push(...page);
      return found;
    };
    const sizes = async (reach: Reach): Promise<number[]> => [
      (await pages(orderIds.all(reach))).length,
      (await pages(customerOrders.places(reach))).length,
      (await pages(dailyStats.places(reach))).length,
    ];
    expect(await sizes(OURS)).toEqual([2, 2, 1]);
    expect(await sizes(THEIRS)).toEqual([1, 1, 1]);
    expect(await sizes(ALL_TENANTS)).toEqual([3, 3, 2]);
  });

  test('S19: a rebuild by one tenant reads the orders of that tenant only', async () => {
    const rebuiltBy = async (tenant: Reach): Promise<unknown[]> => {
      const own = (projection: Rebuildable): Promise<Rebuilt> =>
        system.rebuilt(projection, undefined, {}, tenant);
      return [(await own('customer-orders')).orders, (await own('daily-stats')).orders];
    };
    expect(await rebuiltBy(THEIRS)).toEqual([1, 1]);
    expect(await rebuiltBy(OURS)).toEqual([2, 2]);
    expect(await listedBy(THEIRS, 'cust-1')).toEqual([idOf(theirs)]);
    const [day] = await system.dailyStats.days(THEIRS, '2026-01-01', '2026-01-01');
    expect(day).toMatchObject({ created: 1, completed: 1 });
  });

  test('a rebuild leaves every tenant with its own', async () => {
    for (const projection of ['customer-orders', 'daily-stats'] as const) await system.rebuilt(projection);
    expect(await listedBy(THEIRS, 'cust-1')).toEqual([idOf(theirs)]);
    const [day] = await system.dailyStats.days(THEIRS, '2026-01-01', '2026-01-01');
    expect(day).toMatchObject({ created: 1, completed: 1 });
  });
});

// Lists, counts and search for operators on the Cosmos DB look-alike, among ten thousand orders.
import { createCosmosOrderSearch } from '../../src/adapters/cosmos-order-search';
import { createCosmosCustomerOrders } from '../../src/adapters/cosmos-read-models';
import { createCosmosOrderStore } from '../../src/adapters/cosmos-order-store';
import { listTenantOrders } from '../../src/projections/customer-orders';
import { toIso } from '../../src/ports/clock';
import { shown } from '../../src/queries/list-presets';
import { openCosmos, type Cosmos } from 'azure-local/testing/cosmos-fixture';
import { openAppDatabase } from '../support/app-database';
import { FIRST_PLACED_MS, listedId, seedListedOrders } from '../support/many-orders';
import { facts, orderAfter, SCOPE, started } from '../support/orders';
import { newOrder } from './order-store-fixture';

const MANY = 10_000;
const STRANGER = { tenantId: 'other' };
let cosmos: Cosmos;
let database: ReturnType<typeof openAppDatabase>;
const search = () =>
  createCosmosOrderSearch({
    orders: database.orders,
    customerOrders: database.container('customer-orders'),
  });

beforeAll(async () => {
  cosmos = await openCosmos();
  database = openAppDatabase(cosmos.url);
});
afterAll(() => cosmos.close());

describe('of ten thousand orders', () => {
  beforeAll(async () => {
    const container = await database.container('customer-orders')();
    // Every thousandth is at work, every second of those has to be approved.
    const statusOf = (n: number) =>
      n % 1_000 !== 0 ? 'completed' : n % 2_000 === 0 ? 'awaitingApproval' : 'processing';
    await seedListedOrders(container, { count: MANY, statusOf });
  });

  test('the list shows pages that hold each order once, newest first', async () => {
    const store = createCosmosCustomerOrders(database.container('customer-orders'));
    const limit = 100;
    const first = await listTenantOrders(store, SCOPE, { limit });
    const second = await listTenantOrders(store, SCOPE, { limit, after: first.at(-1) });
    expect([...first, ...second].map(({ id }) => id)).toEqual(
      Array.from({ length: 2 * limit }, (_, index) => listedId(MANY - 1 - index)),
    );
  });

  test('those at work, and those at work to which nothing happens though nobody is asked, are counted', async () => {
    const soon = FIRST_PLACED_MS + MANY * 1_000;
    const count = (preset: 'inFlight' | 'stuck' | 'needsPerson', quietSinceMs: number) =>
      search().count(SCOPE, shown(preset, toIso(quietSinceMs)));
    expect(await count('inFlight', soon)).toBe(10);
    expect(await count('stuck', soon)).toBe(5);
    // The newest at work was placed a thousand seconds before.
    expect(await count('stuck', soon - 1_100_000)).toBe(4);
    expect(await count('needsPerson', soon)).toBe(0);
    expect(await search().count(STRANGER, shown('inFlight', toIso(soon)))).toBe(0);
  });
});

test.each([
  ['order', '$id'],
  ['customer', 'finds-me'],
  ['tracking', 'trk_9'],
  ['transaction', 'txn_1'],
  ['correlation', 'corr-9'],
  ['message', '$event'],
])('an order is found by its %s', async (by, given) => {
  const { payments } = orderAfter(started, facts.stockReserved, facts.paymentProcessed);
  const { order, events } = newOrder({
    ...{ customerId: 'finds-me', trackingId: 'trk_9', correlationId: 'corr-9', payments },
  });
  const store = createCosmosOrderStore(database.orders);
  await store.create(SCOPE, order, events);
  const id = given.replace('$id', order.orderId).replace('$event', events[0]?.eventId ?? '');
  const found = await search().find(SCOPE, id, 20);
  expect(found).toContainEqual(expect.objectContaining({ orderId: order.orderId, by }));
  expect(new Set(found.map((one) => one.by))).toEqual(new Set([by]));
  expect(await search().find(STRANGER, id, 20)).toEqual([]);
  expect(await search().find(SCOPE, `${id}-not`, 20)).toEqual([]);
});

test('the message of a failed order leads to it', async () => {
  const { order, events } = newOrder();
  await createCosmosOrderStore(database.orders).create(SCOPE, order, events);
  expect(await search().find(SCOPE, `${order.orderId}:failed`, 20)).toEqual([
    { orderId: order.orderId, customerId: order.customerId, by: 'order' },
  ]);
});

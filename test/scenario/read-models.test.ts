// The read models of the whole system: lists and figures follow the orders, and a rebuild gives what the feed gave.
import { createSystemClient, isEnded, poll, type SystemClient } from '../../local/demo/system-client';
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { until } from 'azure-local/kit/until';
import { isDeepStrictEqual } from 'node:util';
import { CosmosClient } from '@azure/cosmos';
import { EMULATOR_KEY } from 'azure-local/kit/emulator-connections';
import type { Statistics as StatisticsView } from '../../src/projections/statistics';
import type { DailyStatsView } from '../../src/projections/daily-stats';
import type { OrderView } from '../../src/queries/order-view';

const TOKEN = 'an-operator-of-this-test';
const ORDERS = 1_000;
const AT_ONCE = 32;
const CUSTOMERS = 20;

let system: RunningSystem;
let client: SystemClient;

beforeAll(async () => {
  system = await startSystem({ settings: { 'OrderProcessing:OperatorToken': TOKEN } });
  client = createSystemClient(system.urls);
});
afterAll(() => system.stop());

const get = (path: string): Promise<Response> => fetch(`${system.urls.api}/api/${path}`);

async function figures(): Promise<DailyStatsView> {
  const from = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  const days = (await (await get(`analytics/daily?from=${from}`)).json()) as DailyStatsView[];
  // Yesterday too, and both as one: the test may run over midnight.
  return days.reduce((a, b) => ({
    ...b,
    created: a.created + b.created,
    completed: a.completed + b.completed,
    failed: a.failed + b.failed,
    cancelled: a.cancelled + b.cancelled,
  }));
}

/** Every list in full, and the figures, as the API gives them. */
async function shown(): Promise<string> {
  const lists = Array.from({ length: CUSTOMERS }, (_, index) => [
    `cust-${index}`,
    `declined-${index}`,
  ]).flat();
  const pages = await Promise.all(
    lists.map(async (customer) => (await get(`orders/customer/${customer}?limit=100`)).text()),
  );
  return [...pages, await (await get('analytics/daily')).text()].join('\n');
}

/** What is counted of failed orders takes another way than what is counted of the others. */
interface Recounted {
  readonly sagas: Readonly<Record<string, number>>;
  readonly released: number;
  readonly declined: number;
}

async function statistics(): Promise<Recounted> {
  const { sagas, compensations, failures } = (await (await get('ops/statistics')).json()) as StatisticsView;
  const of = (counts: readonly { readonly count: number }[]): number =>
    counts.reduce((sum, { count }) => sum + count, 0);
  return { sagas: { ...sagas }, released: of(compensations.done), declined: of(failures) };
}

/** Every event of every stream, read from the store itself. */
async function recount(): Promise<Recounted> {
  const store = new CosmosClient({ endpoint: system.urls.cosmos, key: EMULATOR_KEY });
  const { resources } = await store
    .database('orders-db')
    .container('orders')
    .items.query<string>("SELECT VALUE c.type FROM c WHERE c.kind = 'event'", { maxItemCount: 1_000 })
    .fetchAll();
  store.dispose();
  const of = (type: string): number => resources.filter((other) => other === type).length;
  const [completed, failed, cancelled] = [of('OrderCompleted'), of('OrderFailed'), of('OrderCancelled')];
  const running = of('OrderCreated') - completed - failed - cancelled;
  return {
    sagas: { running, compensating: 0, completed, failed, cancelled },
    released: of('StockReleased'),
    declined: failed,
  };
}

async function rebuild(projection: string, token = TOKEN): Promise<{ status: number; orders: number }> {
  const response = await fetch(`${system.urls.api}/api/ops/projections/${projection}/rebuild`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  });
  const { orders } = (await response.json()) as { orders: number };
  return { status: response.status, orders };
}

async function place(index: number): Promise<string> {
  const kind = index % 10 === 0 ? 'declined' : 'cust';
  const items = [{ productId: 'lamp', productName: 'Desk lamp', quantity: 1, unitPrice: 49.99 }];
  return (await client.place({ customerId: `${kind}-${index % CUSTOMERS}`, items })).id;
}

test('the list shows an order that was just placed, when asked for its version', async () => {
  const id = await place(1);
  const { version } = (await poll(() => client.order(id), isEnded)) as unknown as { version: number };
  const answer = await get(`orders/customer/cust-1?minVersion=${id}:${version}`);
  const order = (await (await get(`orders/${id}`)).json()) as OrderView;
  expect([order]).toMatchObject((await answer.json()) as object[]);
  // The list may be newer than the time it gives, never older; the time follows.
  await until('the list is as of the end of the order', async () => {
    const { headers } = await get('orders/customer/cust-1');
    return Date.parse(headers.get('x-as-of') ?? '') >= Date.parse(order.completedAt ?? '');
  });
});

test('a version that does not come is a 503 that says when to ask again', async () => {
  const answer = await get('orders/customer/cust-1?minVersion=00000000-0000-4000-8000-000000000000:1');
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
  expect(await answer.json()).toMatchObject({ code: 'READ_MODEL_BEHIND' });
});

test('over 1,000 orders with failures a rebuild equals what the feed gave, while orders go on', async () => {
  let next = 0;
  const workers = Array.from({ length: AT_ONCE }, async () => {
    while (next < ORDERS) await place(next++);
  });
  await Promise.all(workers);
  const before = (await figures()).created;
  expect(before).toBeLessThanOrEqual(ORDERS + 1);
  const settled = await until('every order has ended and is counted', async () => {
    const { created, completed, failed } = await figures();
    return completed + failed === ORDERS + 1 && { created, failed };
  });
  expect(settled).toEqual({ created: ORDERS + 1, failed: ORDERS / 10 });
  await until('the statistics equal a recount of all streams', async () =>
    isDeepStrictEqual(await statistics(), await recount()),
  );
  const live = await shown();
  expect(await rebuild('customer-orders')).toEqual({ status: 200, orders: ORDERS + 1 });
  expect(await rebuild('daily-stats')).toEqual({ status: 200, orders: ORDERS + 1 });
  expect(await shown()).toBe(live);

  const rebuilding = rebuild('daily-stats');
  const late = await place(1);
  expect((await rebuilding).status).toBe(200);
  await poll(() => client.order(late), isEnded);
  await until('the late order is counted', async () => (await figures()).completed === ORDERS * 0.9 + 2);
});

test('only operators rebuild, and only what there is', async () => {
  expect((await rebuild('daily-stats', 'a guess')).status).toBe(401);
  expect((await rebuild('no-such-thing')).status).toBe(404);
});

// The read models on the Cosmos DB look-alike, through the official SDK: from what the change feed brings to what the
// queries show.
import { dailyAnalytics } from '../../src/functions/analytics.http';
import { listOrders } from '../../src/functions/customer-orders.http';
import { fold } from '../../src/domain/order';
import { SAGA_STANDINGS } from '../../src/projections/statistics';
import { ROUTES } from '../../src/functions/routes/routes';
import type { OrderView } from '../../src/queries/order-view';
import { asChange, envelopes, viewOf } from '../support/memory-read-models';
import { callTo } from '../support/route-calls';
import { SCOPE, created } from '../support/orders';
import { openCosmos, type Cosmos } from 'azure-local/testing/cosmos-fixture';
import { DECLINED, HAPPY, newId, openReadModels, type ReadModels } from './read-models-fixture';

let cosmos: Cosmos;
beforeAll(async () => {
  cosmos = await openCosmos();
});
afterAll(() => cosmos.close());
const open = (): ReadModels => openReadModels(cosmos);

/** The query of the next page. */
const nextOf = ({ headers }: Awaited<ReturnType<ReadModels['list']>>): string | undefined =>
  /(\?.+)>; rel="next"/.exec(headers?.['Link'] ?? '')?.[1];

/** The ids on every page, from the first on; `between` runs after each page that has a next one. */
async function pagesOf(
  list: ReadModels['list'],
  query?: string,
  between: () => Promise<unknown> = () => Promise.resolve(),
): Promise<string[][]> {
  const answer = await list('cust-1', query);
  const page = (answer.jsonBody as OrderView[]).map(({ id }) => id);
  const next = nextOf(answer);
  if (next === undefined) return [page];
  await between();
  return [page, ...(await pagesOf(list, next, between))];
}

describe('the list of a customer', () => {
  test('shows the orders as they are, newest first, from the read model alone', async () => {
    const { host, list } = open();
    const streams = [HAPPY, DECLINED, HAPPY].map((facts_, hour) =>
      envelopes(newId(), facts_, Date.UTC(2026, 0, 1, hour)),
    );
    const project = host();
    for (const stream of streams) await project(...stream.map(asChange));
    // The container of the orders is empty: nothing can have come from there.
    const answer = await list('cust-1');
    expect(answer.jsonBody).toEqual(streams.map(viewOf).reverse());
    expect(answer.headers).toEqual({ 'X-As-Of': streams[2]?.at(-1)?.occurredAt, 'X-Cache': 'miss' });
  });

  test('gives no moment by the clock of a host that was a year ahead', async () => {
    const { host, list, daily } = open();
    const project = host();
    const ahead = envelopes(newId(), HAPPY, Date.UTC(2027, 0, 1));
    const now = envelopes(newId(), HAPPY, Date.UTC(2026, 0, 1));
    await project(...now.map(asChange));
    await project(...ahead.map(asChange));
    const answer = await list('cust-1');
    expect(answer.jsonBody).toEqual([viewOf(ahead), viewOf(now)]);
    expect(answer.headers).toEqual({ 'X-As-Of': now.at(-1)?.occurredAt, 'X-Cache': 'miss' });
    expect((await daily('?from=2027-01-01&to=2027-01-01')).headers).toEqual({});
  });

  test('comes in pages that are disjoint and complete, filtered by status and time', async () => {
    const { host, list } = open();
    const streams = Array.from({ length: 5 }, (_, hour) =>
      envelopes(newId(), hour % 2 === 0 ? HAPPY : DECLINED, Date.UTC(2026, 0, 1, hour)),
    );
    await host()(...streams.flat().map(asChange));
    const pages = await pagesOf(list, '?limit=2');
    expect(pages.map((page) => page.length)).toEqual([2, 2, 1]);
    expect(pages.flat()).toEqual(streams.map(([first]) => first?.orderId).reverse());
    expect((await pagesOf(list, '?limit=2&status=completed')).flat()).toHaveLength(3);
    expect((await list('cust-1', '?status=failed')).jsonBody).toHaveLength(2);
    expect((await list('cust-1', '?from=2026-01-01T03:00:00Z')).jsonBody).toHaveLength(2);
    expect((await list('cust-1', '?to=2026-01-01T03:00:00Z')).jsonBody).toHaveLength(3);
  });

  test('shows no order twice and leaves none out when orders come while it is read, at one time too', async () => {
    const { host, list } = open();
    const project = host();
    const noon = Date.UTC(2026, 0, 1, 12);
    const place = async (atMs: number): Promise<string | undefined> => {
      const stream = envelopes(newId(), HAPPY, atMs);
      await project(...stream.map(asChange));
      return stream[0]?.orderId;
    };
    const placed: (string | undefined)[] = [];
    for (let n = 0; n < 6; n++) placed.push(await place(noon + (n % 2)));
    const shown = (await pagesOf(list, '?limit=2', () => place(noon + 1_000))).flat();
    expect([...shown].sort()).toEqual([...placed].sort());
    expect((await pagesOf(list)).flat()).toHaveLength(6 + 2);
  });

  test.each([
    ['of another customer', 'cust-2', ''],
    ['of another filter', 'cust-1', '&status=completed'],
    ['of another time', 'cust-1', '&from=2026-01-01T00:00:00Z'],
  ])('refuses a cursor %s', async (_, customerId, more) => {
    const { host, list } = open();
    const streams = [1, 2].map((hour) => envelopes(newId(), HAPPY, Date.UTC(2026, 0, 1, hour)));
    await host()(...streams.flat().map(asChange));
    const next = nextOf(await list('cust-1', '?limit=1'));
    await expect(list(customerId, `${next ?? ''}${more}`)).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      errors: [{ path: 'cursor' }],
    });
    expect((await list('cust-1', (next ?? '').replace('limit=1', 'limit=2'))).jsonBody).toHaveLength(1);
  });

  test.each(['cursor=', 'cursor=1', 'cursor=%00', `cursor=${'x'.repeat(2_000)}`, 'page=2'])(
    'refuses %s, naming the parameter',
    async (query) => {
      const path = query.split('=')[0];
      await expect(open().list('cust-1', `?${query}`)).rejects.toMatchObject({ errors: [{ path }] });
    },
  );

  test('of a customer without orders is empty, and a limit over the cap is refused', async () => {
    const { list } = open();
    expect((await list('nobody')).jsonBody).toEqual([]);
    await expect(list('nobody', '?limit=101')).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    await expect(list('nobody', '?minVersion=7')).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  test('with minVersion waits until the version is shown', async () => {
    const { host, list } = open();
    const stream = envelopes(newId(), HAPPY);
    const project = host();
    await project(...stream.slice(0, 2).map(asChange));
    const asked = list('cust-1', `?minVersion=${stream[0]?.orderId ?? ''}:7`);
    await project(...stream.slice(2).map(asChange));
    expect((await asked).jsonBody).toEqual([viewOf(stream)]);
  });

  test('with minVersion says that it is behind when the version does not come', async () => {
    const { host, list } = open();
    const stream = envelopes(newId(), HAPPY.slice(0, 2));
    await host()(...stream.map(asChange));
    await expect(list('cust-1', `?minVersion=${stream[0]?.orderId ?? ''}:3`)).rejects.toMatchObject({
      code: 'READ_MODEL_BEHIND',
      headers: { 'Retry-After': '1', 'X-As-Of': stream[1]?.occurredAt },
    });
  });
});

test('customer-orders.C1: a document is made once, and written over only by whoever has seen it last', async () => {
  const { customerOrders, host } = open();
  const stream = envelopes(newId(), HAPPY);
  const id = stream[0]?.orderId ?? '';
  const project = host();
  await project(...stream.slice(0, 3).map(asChange));
  const own = { ...SCOPE, customerId: 'cust-1' };
  const seen = await customerOrders.read(own, id);
  if (seen === undefined) throw new Error('nothing was projected');
  await project(...stream.slice(3).map(asChange));
  const { order, etag } = seen;
  expect(await customerOrders.create(own, order)).toBeUndefined();
  expect(
    await customerOrders.change(own, id, etag, { version: 4, changedAt: order.changedAt }),
  ).toBeUndefined();
  expect(await customerOrders.replace(own, order, etag)).toBeUndefined();
  expect((await customerOrders.read(own, id))?.order.version).toBe(7);
});

describe('daily analytics', () => {
  test('count and sum what happened; what two hosts take again counts once', async () => {
    const { host, daily } = open();
    const streams = [HAPPY, HAPPY, DECLINED].map((stream) => envelopes(newId(), stream));
    const changes = streams.flat().map(asChange);
    const one = host();
    const other = host();
    await Promise.all([one(...changes), other(...changes)]);
    await one(...changes);
    await other(...changes.slice(5));
    const answer = await daily('?from=2025-12-31&to=2026-01-01');
    expect(answer.jsonBody).toEqual([
      expect.objectContaining({ day: '2025-12-31', created: 0, successRate: null }),
      {
        day: '2026-01-01',
        created: 3,
        completed: 2,
        failed: 1,
        cancelled: 0,
        createdAmount: { USD: 449.79 },
        completedAmount: { USD: 299.86 },
        successRate: 2 / 3,
        meanDurationMs: 6_000,
      },
    ]);
  });

  test('an event counts once for two days; then its mark is gone', async () => {
    const { host, daily, container } = open();
    const changes = envelopes(newId(), [created]).map(asChange);
    const createdOn = async (): Promise<unknown> =>
      ((await daily('?from=2026-01-01&to=2026-01-01')).jsonBody as readonly { created: number }[])[0]
        ?.created;
    await host()(...changes);
    cosmos.clock.advance(47 * 3_600_000);
    await host()(...changes);
    expect(await createdOn()).toBe(1);
    cosmos.clock.advance(2 * 3_600_000);
    const marks = container('daily-stats').items.query("SELECT * FROM c WHERE STARTSWITH(c.id, 'counted:')");
    expect((await marks.fetchAll()).resources).toEqual([]);
  });

  test.each([
    '?from=yesterday',
    '?from=2026-02-30',
    '?from=2026-01-02&to=2026-01-01',
    '?from=2024-01-01&to=2026-01-01',
  ])('asked for %s are refused, naming the parameter', async (query) => {
    const { daily } = open();
    await expect(daily(query)).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      errors: [expect.objectContaining({ path: 'from' })],
    });
  });

  test('without parameters are those of today, in UTC', async () => {
    const { daily } = open();
    expect((await daily('')).jsonBody).toEqual([expect.objectContaining({ day: '2026-01-02' })]);
  });
});

describe('statistics', () => {
  test('come from counts that are kept by name, and a rebuild gives the same', async () => {
    const { host, orders, rebuilt, statistics } = open();
    const streams = [HAPPY, DECLINED, DECLINED.slice(0, -1)].map((of) => envelopes(newId(), of));
    for (const stream of streams) {
      const order = fold(stream[0]?.orderId ?? '', stream);
      if (order !== undefined) await orders.create(SCOPE, order, stream);
    }
    for (const change of streams.flat().map(asChange)) await host()(change);
    const { jsonBody } = await statistics();
    expect(jsonBody).toMatchObject({
      sagas: { running: 0, compensating: 1, completed: 1, failed: 1, cancelled: 0 },
      failures: [{ code: 'PAYMENT_FAILED', detailCode: 'CARD_DECLINED', count: 1 }],
      compensations: { done: [{ name: 'StockReleased', count: 2 }], failed: [] },
      durations: { meanMs: 6_000, p95AtMostMs: 10_000 },
    });
    await rebuilt('daily-stats');
    expect((await statistics()).jsonBody).toEqual(jsonBody);
  });

  test('add up to the pages of the sagas, state by state', async () => {
    const { host, sagas } = open();
    const courses = [HAPPY, HAPPY, DECLINED, DECLINED.slice(0, -1), HAPPY.slice(0, 3)];
    await host()(...courses.flatMap((course) => envelopes(newId(), course)).map(asChange));
    for (const status of SAGA_STANDINGS) {
      const { jsonBody } = await sagas(`?status=${status}`);
      expect([status, jsonBody.sagas.length]).toEqual([status, jsonBody.counts[status]]);
      expect(jsonBody.sagas.every((saga) => saga.status === status)).toBe(true);
    }
    const first = await sagas('?limit=3');
    expect(first.jsonBody.sagas).toHaveLength(3);
    const [, next = ''] = /sagas(\?.+)>; rel="next"/.exec(first.headers?.['Link'] ?? '') ?? [];
    expect((await sagas(next)).jsonBody.sagas).toHaveLength(2);
  });

  test('of a range that ends before it begins are refused', async () => {
    await expect(open().statistics('?from=2026-01-02&to=2026-01-01')).rejects.toMatchObject({
      errors: [{ path: 'from' }],
    });
  });
});

test('queries write nothing, and need nothing that could', async () => {
  const { cache, customerOrders, dailyStats, host } = open();
  await host()(...envelopes(newId(), HAPPY).map(asChange));
  const refuse = (): never => {
    throw new Error('a query has written');
  };
  const clock = { nowMs: () => 0 };
  cosmos.server.resetCounters();
  await listOrders(
    {
      customerOrders: { ...customerOrders, ...{ create: refuse, change: refuse, replace: refuse } },
      ...{ cache, clock, aheadMs: 0 },
    },
    SCOPE,
    await callTo(ROUTES.GetOrdersByCustomer, { params: { customerId: 'cust-1' } }),
  );
  await dailyAnalytics(
    { dailyStats: { ...dailyStats, ...{ count: refuse } }, clock, aheadMs: 0 },
    SCOPE,
    await callTo(ROUTES.GetDailyAnalytics, { query: '?from=2026-01-01&to=2026-01-02' }),
  );
  expect(Object.keys(cosmos.server.counters()).sort()).toEqual(['query', 'queryPlan']);
});

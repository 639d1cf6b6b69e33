// The feed of all orders over the change feed of a Cosmos DB look-alike, through the official SDK.
import { createCosmosOrderFeed } from '../../src/adapters/cosmos-order-feed';
import { ALL_TENANTS, type Reach } from '../../src/domain/scope';
import { feedAnswer } from '../../src/functions/live-events.http';
import { ROUTES } from '../../src/functions/routes/routes';
import type { FeedStart, OrderFeed } from '../../src/ports/order-feed';
import { openAppDatabase } from '../support/app-database';
import { callTo } from '../support/route-calls';
import { parseSentEvents, type SentEvents } from '../support/sent-events';
import { openCosmos, type Cosmos } from 'azure-local/testing/cosmos-fixture';
import { newOrder, storeOn } from './order-store-fixture';

let cosmos: Cosmos;
beforeAll(async () => {
  cosmos = await openCosmos();
});
afterAll(() => cosmos.close());

/** As another instance has it. */
const feed = (): OrderFeed => createCosmosOrderFeed(openAppDatabase(cosmos.url).orders);

async function place(tenantId = 'default', totalMinor = 14_993): Promise<string> {
  const { order, events } = newOrder({ tenantId, totalMinor });
  await storeOn(cosmos).create(
    { tenantId },
    order,
    events.map((event) => ({ ...event, tenantId })),
  );
  return order.orderId;
}

const idsOf = (events: readonly unknown[]): unknown[] =>
  events.map((event) => (event as { eventId: string }).eventId);

async function read(
  start: FeedStart,
  reach: Reach = ALL_TENANTS,
): Promise<{ ids: unknown[]; token: string }> {
  const reader = await feed().open(reach, start);
  const page = await reader?.next();
  if (page === undefined) throw new Error('no continuation of this feed');
  return { ids: idsOf(page.events), token: page.continuation };
}

test('a continuation goes on where its reader stopped, on another instance, with nothing twice', async () => {
  await place();
  const { token, ids } = await read({ kind: 'now' });
  expect(ids).toEqual([]);
  const [first, second] = [await place(), await place()];
  const page = await read({ kind: 'continuation', token });
  expect(page.ids.sort()).toEqual([`${first}:1`, `${first}:2`, `${second}:1`, `${second}:2`].sort());
  expect(page.ids.indexOf(`${first}:1`)).toBeLessThan(page.ids.indexOf(`${first}:2`));
  const third = await place();
  expect((await read({ kind: 'continuation', token: page.token })).ids).toEqual([`${third}:1`, `${third}:2`]);
});

test('S19: a reader sees the events of its tenant only', async () => {
  const { token } = await read({ kind: 'now' });
  const [own, other] = [await place('acme'), await place('umbrella')];
  const { ids } = await read({ kind: 'continuation', token }, { tenantId: 'acme' });
  expect(ids).toEqual([`${own}:1`, `${own}:2`]);
  expect(ids).not.toContain(`${other}:1`);
});

test('a moment begins with what happened from then on', async () => {
  await place();
  cosmos.clock.advance(60_000);
  const iso = new Date(cosmos.clock.now() - 1_000).toISOString();
  const id = await place();
  expect((await read({ kind: 'moment', iso })).ids).toEqual([`${id}:1`, `${id}:2`]);
});

describe('the route', () => {
  const ask = async (query: string, lastId?: string): Promise<SentEvents> => {
    const headers = lastId === undefined ? {} : { 'last-event-id': lastId };
    const call = await callTo(ROUTES.WatchOrders, { query, headers });
    return parseSentEvents((await feedAnswer(feed(), call)).body);
  };

  test('gives an id at once, and after it every event', async () => {
    const { lastId, events } = await ask('?wait=0');
    expect(events).toEqual([]);
    const id = await place();
    const next = await ask('', lastId);
    expect(idsOf(next.events.map(({ data }) => data))).toEqual([`${id}:1`, `${id}:2`]);
    expect((await ask('?wait=0', next.lastId)).events).toEqual([]);
  });

  test('gives only the events of the type that was asked for', async () => {
    const { lastId } = await ask('?wait=0');
    const id = await place();
    const { events } = await ask('?type=SagaStarted', lastId);
    expect(idsOf(events.map(({ data }) => data))).toEqual([`${id}:2`]);
  });

  test('from a moment on gives the history and then what happens, without a gap', async () => {
    await place();
    cosmos.clock.advance(60_000);
    const from = new Date(cosmos.clock.now() - 1_000).toISOString();
    const before = [await place(), await place()];
    const first = await ask(`?wait=0&from=${from}`);
    const after = await place();
    // The page behind the history may be an empty one: a reader asks on.
    const next = await ask('', first.lastId);
    expect(idsOf([...first.events, ...next.events].map(({ data }) => data)).sort()).toEqual(
      [...before, after].flatMap((id) => [`${id}:1`, `${id}:2`]).sort(),
    );
  });

  test('gives a subscription what it selects, in its form, and others the events as they are', async () => {
    const { lastId } = await ask('?wait=0');
    const [large, small] = [await place('default', 10_001), await place('default', 10_000)];
    const { events } = await ask('?subscription=large-orders', lastId);
    expect(events.map(({ data }) => data)).toEqual([
      expect.objectContaining({ orderId: large, amount: 100.01, currency: 'USD' }),
    ]);
    const others = (await ask('?type=OrderCreated', lastId)).events.map(({ data }) => data);
    expect(others).toMatchObject([
      { orderId: large, data: { totalMinor: 10_001 } },
      { orderId: small, data: { totalMinor: 10_000 } },
    ]);
    expect(JSON.stringify(others)).not.toContain('amount":');
  });

  test.each(['x', 'WyJ7IiwiIl0', '12'])('refuses the last id %s, which it has not given', async (lastId) => {
    await expect(ask('?wait=0', lastId)).rejects.toMatchObject({ errors: [{ path: 'Last-Event-ID' }] });
  });

  test('refuses an id of a container that was there before', async () => {
    const { lastId } = await ask('?wait=0');
    const other = await openCosmos();
    try {
      await storeOn(other).ping();
      await openAppDatabase(other.url).container('parking')();
      const call = await callTo(ROUTES.WatchOrders, {
        query: '?wait=0',
        headers: { 'last-event-id': lastId ?? '' },
      });
      const elsewhere = createCosmosOrderFeed(openAppDatabase(other.url).container('parking'));
      await expect(feedAnswer(elsewhere, call)).rejects.toMatchObject({
        errors: [{ path: 'Last-Event-ID' }],
      });
    } finally {
      await other.close();
    }
  });
});

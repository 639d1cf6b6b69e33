// The export of old orders on the Cosmos DB look-alike through the official SDK, into files of a folder: what leaves the store is
// still read as before, wherever a run ends.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openCosmos, type Cosmos } from 'azure-local/testing/cosmos-fixture';
import { createCosmosOrderStore } from '../../src/adapters/cosmos-order-store';
import type { EventEnvelope } from '../../src/domain/event-envelope';
import type { OrderFact } from '../../src/domain/order-events';
import type { Reach } from '../../src/domain/scope';
import type { ExportPorts } from '../../src/operations/export-old';
import type { EventFilter, OrderStore } from '../../src/ports/order-store';
import { AT, completedOrder, facts, SCOPE, started } from '../support/orders';
import { envelope } from './order-store-fixture';
import { DAY, DAY_MS, idOf, openExport, recordOf } from './export-old-fixture';

const DELIVERED: OrderFact = {
  type: 'OrderDelivered',
  data: { trackingId: 'trk-1', carrierEventId: 'news-1', deliveredAt: AT },
};

let cosmos: Cosmos;
let folder: string;
beforeAll(async () => {
  cosmos = await openCosmos();
  folder = await mkdtemp(path.join(tmpdir(), 'order-saga-export-'));
});
afterAll(async () => {
  await cosmos.close();
  await rm(folder, { recursive: true, force: true });
});

const open = () => openExport(cosmos, folder);

test('events and histories of orders that ended long ago are in files of their day, and not in the store', async () => {
  const app = open();
  const streams = [await app.place(1, ...completedOrder), await app.place(2, ...completedOrder)];
  expect(await app.run()).toEqual({ orders: 2, finished: true });
  expect(await app.lines('events')).toEqual(streams.flat());
  expect(await app.lines('histories')).toEqual([recordOf(idOf(1)), recordOf(idOf(2))]);
  // The first event of each stays: every look at an order reads its lines.
  expect([await app.stored('event'), await app.stored('order'), await app.stored('exported')]).toEqual([
    2, 2, 2,
  ]);
  expect(await app.ports().sources.history(idOf(1))).toBeUndefined();
  expect(await app.run()).toEqual({ orders: 0, finished: true });
});

test('an exported order is read as before: all of it, from a sequence, some of it, up to a moment', async () => {
  const app = open();
  const events = await app.place(1, ...completedOrder);
  const { store } = app;
  const read = async () => [
    await store().eventsAfter(SCOPE, idOf(1), 0),
    await store().eventsAfter(SCOPE, idOf(1), 3),
    await store().eventsAfter(SCOPE, idOf(1), 1, { limit: 2 }),
    await store().eventsAfter(SCOPE, idOf(1), 0, { untilIso: '2025-12-31T00:00:00.000Z' }),
    await store().eventsAfter({ tenantId: 'other' }, idOf(1), 0),
    await store().eventsAfter({ ...SCOPE, customerId: 'somebody-else' }, idOf(1), 0),
  ];
  const before = await read();
  await app.run();
  expect(await read()).toEqual(before);
  expect(before[0]).toEqual(events);
});

test('orders stay that changed later, have not ended, or need an operator', async () => {
  const app = open();
  app.pass(-2 * DAY_MS);
  await app.place(1, ...completedOrder);
  expect(await app.run()).toEqual({ orders: 0, finished: true });
  app.pass(2 * DAY_MS);
  await app.place(2, started, facts.stockReserved);
  expect(await app.run()).toEqual({ orders: 1, finished: true });
  expect(await app.stored('exported')).toBe(1);
});

test('orders stay that the purge of histories has not passed', async () => {
  const app = open();
  await app.place(1, ...completedOrder);
  await app.purged('2025-12-31T23:59:59.999Z');
  expect(await app.run()).toEqual({ orders: 0, finished: true });
  await app.purged(AT);
  expect(await app.run()).toEqual({ orders: 1, finished: true });
  expect(await app.lines('histories')).toEqual([recordOf(idOf(1))]);
});

test('an age of less than a day takes orders of today too, and of whole days it does not', async () => {
  const app = open();
  app.pass(-91 * DAY_MS + 3_600_000);
  await app.place(1, ...completedOrder);
  expect(await app.run(app.ports(), DAY_MS)).toEqual({ orders: 0, finished: true });
  expect(await app.run(app.ports(), 3_600_001)).toEqual({ orders: 0, finished: true });
  expect(await app.run(app.ports(), 3_599_999)).toEqual({ orders: 1, finished: true });
});

test('what happens to an order after its export is read behind what was exported, and follows it', async () => {
  const app = open();
  const events = await app.place(1, ...completedOrder);
  await app.run();
  const before = await app.store().read(SCOPE, idOf(1));
  if (before === undefined) throw new Error('the order is gone');
  const sequence = events.length + 1;
  const delivered = {
    ...envelope(before.order, DELIVERED, sequence),
    occurredAt: '2026-04-02T00:00:00.000Z',
  };
  const after = { ...before.order, version: sequence, updatedAt: delivered.occurredAt };
  await app.store().append(SCOPE, before.order, before.etag, after, [delivered]);
  expect(await app.store().eventsAfter(SCOPE, idOf(1), 0)).toEqual([...events, delivered]);
  await app.purged(delivered.occurredAt);
  app.pass(200 * DAY_MS);
  expect(await app.run()).toEqual({ orders: 1, finished: true });
  expect([await app.stored('event'), await app.stored('exported')]).toEqual([1, 2]);
  expect(await app.store().eventsAfter(SCOPE, idOf(1), 0)).toEqual([...events, delivered]);
});

test('a run that dies after any of its calls loses nothing, and the next one ends the work', async () => {
  for (let deadly = 1; ; deadly += 1) {
    const app = open();
    const streams = [await app.place(1, ...completedOrder), await app.place(2, ...completedOrder)];
    const died = await app.run(dyingAfter(app.ports(), deadly)).then(
      () => false,
      () => true,
    );
    expect(await app.store().eventsAfter(SCOPE, idOf(2), 0)).toEqual(streams[1]);
    // What has become old meanwhile does not change the files that the first run has begun.
    streams.push(await app.place(3, ...completedOrder));
    await app.run();
    expect(await app.stored('event')).toBe(3);
    for (const [index, stream] of streams.entries())
      expect(await app.store().eventsAfter(SCOPE, idOf(index + 1), 0)).toEqual(stream);
    expect(await app.lines('events')).toEqual(streams.flat());
    expect(await app.lines('histories')).toEqual([1, 2, 3].map((number) => recordOf(idOf(number))));
    if (!died) {
      expect(deadly).toBeGreaterThan(12);
      return;
    }
  }
});

/** The ports of a run whose process dies once it has made `count` calls, the last of which has acted. */
function dyingAfter(ports: ExportPorts, count: number): ExportPorts {
  let calls = 0;
  const dying = <T extends object>(port: T): T =>
    new Proxy(port, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return async (...args: unknown[]): Promise<unknown> => {
          if (calls >= count) throw new Error('killed');
          const answer: unknown = await Reflect.apply(method, target, args);
          calls += 1;
          if (calls >= count) throw new Error('killed');
          return answer;
        };
      },
    });
  return { ...ports, sources: dying(ports.sources), files: dying(ports.files), marks: dying(ports.marks) };
}

test('of two runs at once one ends, and what was exported is in one place', async () => {
  const app = open();
  const streams = [await app.place(1, ...completedOrder), await app.place(2, ...completedOrder)];
  await Promise.all([app.run(), app.run()]);
  await app.run();
  expect([await app.stored('event'), await app.stored('exported')]).toEqual([2, 2]);
  expect(await app.lines('events')).toEqual(streams.flat());
  for (const [index, stream] of streams.entries())
    expect(await app.store().eventsAfter(SCOPE, idOf(index + 1), 0)).toEqual(stream);
});

/** What a scan of the events of all orders gives. */
async function scanned(
  store: OrderStore,
  filter: Partial<EventFilter> = {},
  reach: Reach = SCOPE,
): Promise<readonly EventEnvelope[]> {
  const found: EventEnvelope[] = [];
  for await (const page of store.scanEvents(reach, { untilIso: '2027-01-01T00:00:00.000Z', ...filter }))
    found.push(...page);
  return found.sort((a, b) =>
    a.orderId < b.orderId ? -1 : a.orderId > b.orderId ? 1 : a.sequence - b.sequence,
  );
}

test('a scan of all events gives exported ones too, each once, by type, time and tenant', async () => {
  const app = open();
  const streams = [await app.place(1, ...completedOrder), await app.place(2, ...completedOrder)];
  const scans = async () => [
    await scanned(app.store()),
    await scanned(app.store(), { type: 'StockReserved' }),
    await scanned(app.store(), { type: 'OrderCreated' }),
    await scanned(app.store(), { fromIso: AT }),
    await scanned(app.store(), { fromIso: '2026-01-02T00:00:00.000Z' }),
    await scanned(app.store(), { untilIso: '2025-12-31T00:00:00.000Z' }),
    await scanned(app.store(), {}, { tenantId: 'other' }),
  ];
  const before = await scans();
  expect(before.map(({ length }) => length)).toEqual([14, 2, 2, 14, 0, 0, 0]);
  await app.run();
  expect(await app.stored('event')).toBe(2);
  expect(await scans()).toEqual(before);
  expect(before[0]).toEqual(streams.flat());
});

test('without the setting an exported order, and a scan over it, say which days are in the export', async () => {
  const app = open();
  await app.place(1, ...completedOrder);
  await app.run();
  const store = createCosmosOrderStore(app.database.orders);
  const refusal = `events of orders that changed last on ${DAY} are in the export, and OrderProcessing:ExportUrl is not set`;
  await expect(store.eventsAfter(SCOPE, idOf(1), 0)).rejects.toThrow(refusal);
  const pages = store.scanEvents(SCOPE, { untilIso: AT })[Symbol.asyncIterator]();
  await expect(pages.next()).rejects.toMatchObject({ message: refusal, code: 'STORE_UNAVAILABLE' });
  expect(await scanned(store, {}, { tenantId: 'other' })).toEqual([]);
});

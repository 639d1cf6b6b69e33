// One suite for every order store: the one in memory, and the one on Cosmos DB through the official SDK.
import { evolve, type Order } from '../../src/domain/order';
import type { OrderFact } from '../../src/domain/order-events';
import { ALL_TENANTS } from '../../src/domain/scope';
import { isWhole } from '../../src/events/snapshots';
import type { OrderStore } from '../../src/ports/order-store';
import { minute, storeLongStream } from '../support/long-streams';
import { facts, orderAfter, SCOPE } from '../support/orders';
import { envelope, line, newOrder, storeOn, stores, type Opened } from './order-store-fixture';
import { openCosmos } from 'azure-local/testing/cosmos-fixture';

describe.each(Object.entries(stores))('an order store %s', (_, open) => {
  let opened: Opened;
  let store: OrderStore;
  beforeAll(async () => {
    opened = await open();
    store = opened.store;
  });
  afterAll(() => opened.close());

  test('tells what never changes of an order, whoever has stored it and however many lines it has', async () => {
    const long = Array.from({ length: 30 }, (_, at) => ({ ...line, productId: `prod-${at}` }));
    for (const lines of [[line], long]) {
      const { order, events } = newOrder({ lines });
      await store.create(SCOPE, order, events);
      for (const teller of [store, opened.another?.() ?? store])
        expect(await teller.placed(SCOPE, order.orderId)).toMatchObject({
          customerId: order.customerId,
          lines,
        });
    }
    expect(await store.placed(SCOPE, 'nobody')).toBeUndefined();
  });

  test('gives back what was created, document and events', async () => {
    const { order, events } = newOrder();
    const result = await store.create(SCOPE, order, events);
    expect(result.kind).toBe('created');
    expect(await store.read(SCOPE, order.orderId)).toEqual({ order, etag: result.etag });
    expect(await store.eventsAfter(SCOPE, order.orderId, 0)).toEqual(events);
    expect(await store.eventsAfter(SCOPE, order.orderId, 1)).toEqual(events.slice(1));
  });

  test('knows nothing of an order that was not created', async () => {
    expect(await store.read(SCOPE, '00000000-0000-4000-8000-999999999999')).toBeUndefined();
    expect(await store.eventsAfter(SCOPE, '00000000-0000-4000-8000-999999999999', 0)).toEqual([]);
  });

  test('S6: creates one of 50 equal orders and gives the others the one that is there', async () => {
    const { order, events } = newOrder();
    const results = await Promise.all(Array.from({ length: 50 }, () => store.create(SCOPE, order, events)));
    expect(results.filter(({ kind }) => kind === 'created')).toHaveLength(1);
    expect(results.every((result) => result.order.orderId === order.orderId)).toBe(true);
    expect(await store.eventsAfter(SCOPE, order.orderId, 0)).toHaveLength(2);
  });

  test('S5: an append brings document and stream forward together', async () => {
    const { order, events } = newOrder();
    const { etag } = await store.create(SCOPE, order, events);
    const next = envelope(order, facts.stockReserved, 3);
    const after = evolve(order, next);
    const result = await store.append(SCOPE, order, etag, after, [next]);
    expect(result.kind).toBe('appended');
    expect((await store.read(SCOPE, order.orderId))?.order).toEqual(after);
    expect(await store.eventsAfter(SCOPE, order.orderId, 2)).toEqual([next]);
  });

  test('S5: of two writers with one etag one wins, and the other changes nothing', async () => {
    const { order, events } = newOrder();
    const { etag } = await store.create(SCOPE, order, events);
    const append = (fact: OrderFact) => {
      const next = envelope(order, fact, 3);
      return store.append(SCOPE, order, etag, evolve(order, next), [next]);
    };
    const kinds = (await Promise.all([append(facts.stockReserved), append(facts.cancelRequested)])).map(
      ({ kind }) => kind,
    );
    expect(kinds.sort()).toEqual(['appended', 'conflict']);
    expect(await store.eventsAfter(SCOPE, order.orderId, 0)).toHaveLength(3);
  });

  test('finds what is unfinished, has not moved and waits for nobody, oldest first', async () => {
    const at = (minute: number): string => new Date(Date.UTC(2020, 0, 1, 0, minute)).toISOString();
    const quiet = [newOrder({ updatedAt: at(2) }), newOrder({ updatedAt: at(1) })];
    const moved = newOrder({ updatedAt: at(9) });
    const ended = newOrder({ updatedAt: at(1), ended: true });
    const waiting = newOrder({ updatedAt: at(1), notBefore: at(9) });
    const given = newOrder({ updatedAt: at(1), saga: { ...orderAfter().saga, needsIntervention: true } });
    for (const { order, events } of [...quiet, moved, ended, waiting, given])
      await store.create(SCOPE, order, events);
    const found = await store.unfinished(ALL_TENANTS, at(5), 10);
    expect(found.map(({ orderId }) => orderId)).toEqual([quiet[1]?.order.orderId, quiet[0]?.order.orderId]);
    expect(await store.unfinished(ALL_TENANTS, at(5), 1)).toHaveLength(1);
    const later = await store.unfinished(ALL_TENANTS, at(5), 10, at(2));
    expect(later.map(({ orderId }) => orderId)).toEqual([quiet[0]?.order.orderId]);
  });

  test('S7: finds what is to be cancelled while it waits for its time', async () => {
    const at = (minute: number): string => new Date(Date.UTC(2019, 0, 1, 0, minute)).toISOString();
    const { order, events } = newOrder({ updatedAt: at(1), notBefore: at(9), cancelRequestedAt: at(1) });
    await store.create(SCOPE, order, events);
    const found = await store.unfinished(ALL_TENANTS, at(5), 10);
    expect(found).toEqual([
      {
        orderId: order.orderId,
        tenantId: 'default',
        updatedAt: at(1),
        notBefore: at(9),
        cancelRequestedAt: at(1),
      },
    ]);
  });

  test('finds what is being compensated also while an operator is asked about a part of it', async () => {
    const at = (minute: number): string => new Date(Date.UTC(2018, 0, 1, 0, minute)).toISOString();
    const saga = { ...orderAfter().saga, needsIntervention: true };
    const { order, events } = newOrder({ updatedAt: at(1), status: 'compensating', saga });
    await store.create(SCOPE, order, events);
    expect((await store.unfinished(ALL_TENANTS, at(5), 10)).map(({ orderId }) => orderId)).toEqual([
      order.orderId,
    ]);
  });

  test('finds what failed or was cancelled between two moments, oldest first', async () => {
    const at = (minute: number): string => new Date(Date.UTC(2017, 0, 1, 0, minute)).toISOString();
    const ended = (minute: number, status: Order['status']) =>
      newOrder({ updatedAt: at(minute), ended: status !== 'compensating', status });
    const found = [ended(3, 'cancelled'), ended(2, 'failed')];
    const others = [ended(1, 'failed'), ended(5, 'failed'), ended(3, 'completed'), ended(3, 'compensating')];
    for (const { order, events } of [...found, ...others]) await store.create(SCOPE, order, events);
    expect(await store.unsuccessful(ALL_TENANTS, at(2), at(5), 10)).toEqual([
      { orderId: found[1]?.order.orderId, tenantId: 'default', updatedAt: at(2) },
      { orderId: found[0]?.order.orderId, tenantId: 'default', updatedAt: at(3) },
    ]);
    expect(await store.unsuccessful(ALL_TENANTS, at(2), at(5), 1)).toHaveLength(1);
  });

  test('gives a part of a stream: at most so many events, none after a time', async () => {
    const orderId = newOrder().order.orderId;
    await storeLongStream(store, { orderId, length: 5 });
    const sequences = async (...range: [number, object?]): Promise<number[]> =>
      (await store.eventsAfter(SCOPE, orderId, ...range)).map(({ sequence }) => sequence);
    expect(await sequences(1, { limit: 2 })).toEqual([2, 3]);
    expect(await sequences(0, { untilIso: minute(3) })).toEqual([1, 2, 3]);
    expect(await sequences(1, { untilIso: minute(3), limit: 1 })).toEqual([2]);
  });

  test('keeps a snapshot with every hundredth event and finds the newest up to a place or a time', async () => {
    const orderId = newOrder().order.orderId;
    const { lines, ...head } = await storeLongStream(store, { orderId, length: 200, atOnce: 9 });
    const found = async (...until: [number, string?]): Promise<number | undefined> =>
      (await store.snapshotBefore(SCOPE, orderId, ...until))?.sequence;
    expect(await found(99)).toBeUndefined();
    expect(await found(199)).toBe(100);
    expect(await found(999, minute(199))).toBe(100);
    expect(await found(999, minute(99))).toBeUndefined();
    const newest = await store.snapshotBefore(SCOPE, orderId, 200);
    expect(newest).toMatchObject({ orderId, sequence: 200, updatedAt: minute(200), head });
    expect(newest && isWhole(newest)).toBe(true);
    expect(await store.eventsAfter(SCOPE, orderId, 198)).toHaveLength(2);
    expect((await store.read(SCOPE, orderId))?.order).toEqual(head);
  });

  test('gives the events of all orders by type and time, page by page, each once and in sequence', async () => {
    const orderIds = [newOrder().order.orderId, newOrder().order.orderId];
    for (const orderId of orderIds) await storeLongStream(store, { orderId, length: 130 });
    const scanned = async (type: string | undefined, from: number, until: number): Promise<string[]> => {
      const ids: string[] = [];
      const filter = { type, fromIso: minute(from), untilIso: minute(until) };
      for await (const page of store.scanEvents(ALL_TENANTS, filter))
        ids.push(...page.map(({ eventId }) => eventId));
      return ids.filter((id) => orderIds.some((orderId) => id.startsWith(orderId)));
    };
    expect(await scanned('OrderCreated', 1, 200)).toHaveLength(2);
    const ids = await scanned('InterventionOpened', 3, 128);
    expect(ids).toHaveLength(2 * 126);
    const expected = Array.from({ length: 126 }, (_, index) => index + 3);
    for (const orderId of orderIds) {
      const own = ids.filter((id) => id.startsWith(orderId));
      expect(own).toEqual(expected.map((sequence) => `${orderId}:${sequence}`));
    }
    expect(await scanned(undefined, 131, 200)).toEqual([]);
  });

  test('answers when asked whether it is there', async () => {
    await expect(store.ping()).resolves.toBeUndefined();
  });
});

describe('an order store on a Cosmos DB that is away', () => {
  test('says so as an outage instead of losing the order in silence', async () => {
    const cosmos = await openCosmos();
    const store = storeOn(cosmos);
    await store.ping();
    await cosmos.close();
    const { order, events } = newOrder();
    await expect(store.create(SCOPE, order, events)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      details: { outage: true },
    });
  });

  test('a batch that it refuses as a whole is refused for good, not waited for', async () => {
    const cosmos = await openCosmos();
    const store = storeOn(cosmos);
    const { order, events } = newOrder();
    const { etag } = await store.create(SCOPE, order, events);
    const reason = 'x'.repeat(3_000_000);
    const fact: OrderFact = { type: 'CancelRequested', data: { requestedBy: 'customer', reason } };
    const event = envelope(order, fact, 3);
    const after = evolve(order, event);
    await expect(store.append(SCOPE, order, etag, after, [event])).rejects.toMatchObject({
      code: 'STORE_REFUSED',
      message: expect.stringContaining('413') as string,
    });
    expect((await store.read(SCOPE, order.orderId))?.etag).toBe(etag);
    await cosmos.close();
  });

  test('a store that asks to slow down is asked again by the SDK and loses nothing', async () => {
    const cosmos = await openCosmos();
    const store = storeOn(cosmos);
    await store.ping();
    cosmos.server.throttle({ count: 3, retryAfterMs: 1 });
    const { order, events } = newOrder();
    expect((await store.create(SCOPE, order, events)).kind).toBe('created');
    await cosmos.close();
  });
});

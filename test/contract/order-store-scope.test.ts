// What an order store gives and takes outside the scope of its caller (S19): in memory, and on Cosmos DB.
import { evolve } from '../../src/domain/order';
import { ALL_TENANTS, type Reach, type Scope } from '../../src/domain/scope';
import type { OrderStore } from '../../src/ports/order-store';
import { storeLongStream } from '../support/long-streams';
import { facts, SCOPE } from '../support/orders';
import { envelope, newOrder, stores, type Opened } from './order-store-fixture';

describe.each(Object.entries(stores))('an order store %s', (_, open) => {
  let opened: Opened;
  let store: OrderStore;
  beforeAll(async () => {
    opened = await open();
    store = opened.store;
  });
  afterAll(() => opened.close());

  describe('S19: outside its scope', () => {
    const [STRANGER, OTHER, OWNER] = [
      { tenantId: 'other' },
      { ...SCOPE, customerId: 'cust-2' },
      { ...SCOPE, customerId: 'cust-1' },
    ] as const;

    test.each<[string, Scope]>([
      ['another tenant', STRANGER],
      ['the customer of that name in another tenant', { ...STRANGER, customerId: 'cust-1' }],
      ['another customer', OTHER],
    ])('%s finds nothing of an order', async (_who, scope) => {
      const orderId = newOrder().order.orderId;
      const { lines } = await storeLongStream(store, { orderId, length: 101, atOnce: 50 });
      for (const teller of [store, opened.another?.() ?? store]) {
        expect(await teller.read(scope, orderId)).toBeUndefined();
        expect(await teller.placed(scope, orderId)).toBeUndefined();
        expect(await teller.eventsAfter(scope, orderId, 0)).toEqual([]);
        expect(await teller.snapshotBefore(scope, orderId, 101)).toBeUndefined();
        for (const own of [SCOPE, OWNER]) {
          expect((await teller.read(own, orderId))?.order.orderId).toBe(orderId);
          expect((await teller.placed(own, orderId))?.lines).toEqual(lines);
          expect(await teller.eventsAfter(own, orderId, 99)).toHaveLength(2);
          expect((await teller.snapshotBefore(own, orderId, 101))?.sequence).toBe(100);
        }
      }
    });

    test('nothing can be written, and nothing is', async () => {
      const { order, events } = newOrder();
      for (const scope of [STRANGER, OTHER])
        await expect(store.create(scope, order, events)).rejects.toMatchObject({ code: 'OUT_OF_SCOPE' });
      expect(await store.read(SCOPE, order.orderId)).toBeUndefined();
      const { etag } = await store.create(OWNER, order, events);
      const next = envelope(order, facts.stockReserved, 3);
      for (const scope of [STRANGER, OTHER])
        await expect(store.append(scope, order, etag, evolve(order, next), [next])).rejects.toMatchObject({
          code: 'OUT_OF_SCOPE',
        });
      expect((await store.read(SCOPE, order.orderId))?.etag).toBe(etag);
    });

    test('the lists and the scan of a tenant hold its own orders only, and those of the app all', async () => {
      const updatedAt = '1999-06-01T00:00:00.000Z';
      const [own, foreign] = [newOrder({ updatedAt }), newOrder({ updatedAt, tenantId: 'other' })];
      const ended = { updatedAt, ended: true, status: 'failed' } as const;
      const [failed, foreignFailed] = [newOrder(ended), newOrder({ ...ended, tenantId: 'other' })];
      for (const { order, events } of [own, foreign, failed, foreignFailed]) {
        const { tenantId } = order;
        await store.create(
          { tenantId },
          order,
          events.map((event) => ({ ...event, tenantId, occurredAt: updatedAt })),
        );
      }
      const listed = async (reach: Reach): Promise<string[]> => {
        const until = '1999-07-01T00:00:00.000Z';
        const scanned: string[] = [];
        for await (const page of store.scanEvents(reach, { type: 'OrderCreated', untilIso: until }))
          scanned.push(...page.map(({ orderId, tenantId }) => `${tenantId} ${orderId}`));
        return [
          ...(await store.unfinished(reach, until, 10)).map(
            ({ orderId, tenantId }) => `${tenantId} ${orderId}`,
          ),
          ...(await store.unsuccessful(reach, '', until, 10)).map(
            ({ orderId, tenantId }) => `${tenantId} ${orderId}`,
          ),
          ...scanned,
        ].sort();
      };
      const named = (...orders: readonly ReturnType<typeof newOrder>[]): string[] =>
        orders
          .flatMap(({ order: { tenantId, orderId } }) => Array<string>(2).fill(`${tenantId} ${orderId}`))
          .sort();
      expect(await listed(SCOPE)).toEqual(named(own, failed));
      expect(await listed(STRANGER)).toEqual(named(foreign, foreignFailed));
      expect(await listed(ALL_TENANTS)).toEqual(named(own, failed, foreign, foreignFailed));
    });
  });
});

// What a carrier's news of a parcel does to the stream of its order.
import fc from 'fast-check';
import { createParcelFollower } from '../../../src/consumers/follow-parcels';
import type { Taken } from '../../../src/consumers/consumer';
import { createOrder, evolve, type Order, type OrderHead } from '../../../src/domain/order';
import type { OrderFact } from '../../../src/domain/order-events';
import { TransientError } from '../../../src/errors';
import { toEnvelope } from '../../../src/events/envelope';
import { cloudEvent, eventGrid, inventoryEvent, rememberingLog } from '../../support/inventory-event-input';
import { createMemoryOrderStore, type MemoryOrderStore } from '../../support/memory-order-store';
import { AT, completedOrder, created, facts, ORDER_ID, SCOPE, started } from '../../support/orders';

const AHEAD_MS = 5 * 60_000;
const NOW = '2026-01-01T12:00:00.000Z';
const clock = { nowMs: () => Date.parse(NOW) };

interface Parked {
  readonly document: unknown;
  readonly reason: string;
}

interface World {
  readonly orders: MemoryOrderStore;
  readonly parked: Parked[];
  readonly tell: (json: unknown) => Promise<Taken>;
  readonly order: () => Promise<OrderHead | undefined>;
  readonly types: () => Promise<readonly string[]>;
}

/** An order to which `done` has happened. */
async function world(done: readonly OrderFact[], creation = created): Promise<World> {
  const orders = createMemoryOrderStore();
  const parked: Parked[] = [];
  const parking = {
    park: (_: string, document: unknown, reason: string) =>
      Promise.resolve(void parked.push({ document, reason })),
  };
  let order: Order = createOrder(ORDER_ID, { ...creation, sequence: 1, occurredAt: AT });
  const provenance = { actor: 'saga', occurredAt: AT, key: null };
  const events = [creation, ...done].map((fact, index) => toEnvelope(order, fact, index + 1, provenance));
  for (const event of events.slice(1)) order = evolve(order, event);
  const { lines: _, ...head } = order;
  await orders.create(SCOPE, head, events);
  const follower = createParcelFollower({ orders, parking, clock }, AHEAD_MS);
  return {
    orders,
    parked,
    tell: (json) => follower.take(json, rememberingLog().log),
    order: async () => (await orders.read(SCOPE, ORDER_ID))?.order,
    types: async () => (await orders.eventsAfter(SCOPE, ORDER_ID, 0)).map(({ type }) => type),
  };
}

const news = (type: string, more: object = {}, time = '2026-01-01T11:00:00Z') =>
  inventoryEvent({
    id: `${type}-trk_1`,
    type: `Shipping.${type}`,
    time,
    data: { orderId: ORDER_ID, trackingId: 'trk_1', ...more },
  });
const DISPATCHED = news('ParcelDispatched');
const DELIVERED = news('ParcelDelivered', {}, '2026-01-01T11:30:00Z');
const shipped = completedOrder.slice(0, 4);

describe('news of a parcel', () => {
  test.each([
    ['the Event Grid schema', eventGrid],
    ['CloudEvents', cloudEvent],
  ])('in %s makes a completed order delivered, at the times that the carrier gives', async (_, as) => {
    const { tell, order, types } = await world(completedOrder);
    expect([await tell(as(DISPATCHED)), await tell(as(DELIVERED))]).toEqual(['handled', 'handled']);
    expect(await order()).toMatchObject({
      ...{ status: 'delivered', ended: true },
      ...{ dispatchedAt: '2026-01-01T11:00:00.000Z', deliveredAt: '2026-01-01T11:30:00.000Z' },
    });
    expect((await types()).slice(-2)).toEqual(['ShipmentDispatched', 'OrderDelivered']);
  });

  test('of a dispatch that comes after the delivery is left out', async () => {
    const { tell, order, types } = await world(completedOrder);
    await tell(eventGrid(DELIVERED));
    expect(await tell(eventGrid(DISPATCHED))).toBe('handled');
    expect(await order()).toMatchObject({ status: 'delivered', dispatchedAt: null });
    expect((await types()).at(-1)).toBe('OrderDelivered');
  });

  test('of a dispatch is taken as soon as the shipment is in the stream, and leaves the status as it is', async () => {
    const { tell, order } = await world(shipped);
    await tell(eventGrid(DISPATCHED));
    expect(await order()).toMatchObject({ status: 'shipped', ended: false });
    expect((await order())?.dispatchedAt).not.toBeNull();
  });

  test('is given back while the order is not as far, so that it comes again', async () => {
    const early = await world(completedOrder.slice(0, 3));
    await expect(early.tell(eventGrid(DISPATCHED))).rejects.toThrow(TransientError);
    const open = await world(shipped);
    await expect(open.tell(eventGrid(DELIVERED))).rejects.toThrow(TransientError);
    expect([early.parked, open.parked]).toEqual([[], []]);
    expect((await open.types()).at(-1)).toBe('ShipmentCreated');
  });

  test.each<[string, readonly OrderFact[], object]>([
    ['there is no order', completedOrder, news('ParcelDelivered', { orderId: 'nobody' })],
    ['has the parcel trk_1, not trk_2', completedOrder, news('ParcelDelivered', { trackingId: 'trk_2' })],
    [
      'called back',
      [
        started,
        facts.stockReserved,
        facts.paymentFailed,
        facts.compensationStarted,
        facts.stockReleased,
        facts.failed,
      ],
      DELIVERED,
    ],
    ['ahead of our clock', completedOrder, news('ParcelDelivered', {}, '2026-01-01T12:06:00Z')],
    ['data.trackingId', completedOrder, news('ParcelDelivered', { trackingId: '' })],
  ])('is parked as it came, with the reason: %s', async (why, done, told) => {
    const { tell, parked, types } = await world(done);
    const before = await types();
    const json = eventGrid(told as ReturnType<typeof news>);
    expect(await tell(json)).toBe('invalid');
    expect(parked).toEqual([{ document: json, reason: expect.stringContaining(why) as string }]);
    expect(await types()).toEqual(before);
  });

  test('of an order with nothing to ship is parked', async () => {
    const lines = created.data.lines.map((line) => ({ ...line, kind: 'digital' as const }));
    const digital = { ...created, data: { ...created.data, lines } };
    const { tell, parked } = await world([started], digital);
    await tell(eventGrid(DISPATCHED));
    expect(parked[0]?.reason).toContain('nothing that is shipped');
  });

  test('of another tenant’s order finds none', async () => {
    const { tell, parked } = await world(completedOrder);
    await tell(eventGrid(news('ParcelDelivered', { tenantId: 'other' })));
    expect(parked[0]?.reason).toContain('there is no order');
  });
});

/** Steps of the saga and deliveries of news, in some order; news that is given back is told again at the end, as Event Grid does. */
const happenings = fc.array(fc.constantFrom('step', DISPATCHED, DELIVERED), { maxLength: 12 });

test('news in any order, as often as it comes and however far the saga is, leads to the same end', async () => {
  await fc.assert(
    fc.asyncProperty(happenings, async (course) => {
      const { orders, tell, order, types, parked } = await world(completedOrder.slice(0, 2));
      const left = completedOrder.slice(2);
      const again: unknown[] = [];
      const step = async (): Promise<void> => {
        const fact = left.shift();
        const stored = await orders.read(SCOPE, ORDER_ID);
        if (fact === undefined || stored === undefined) return;
        const provenance = { actor: 'saga', occurredAt: AT, key: null };
        const event = toEnvelope(stored.order, fact, stored.order.version + 1, provenance);
        await orders.append(SCOPE, stored.order, stored.etag, evolve(stored.order, event), [event]);
      };
      const deliver = (json: unknown): Promise<unknown> =>
        tell(json).catch((error: unknown) => {
          expect(error).toBeInstanceOf(TransientError);
          again.push(json);
        });
      for (const what of [...course, DELIVERED]) {
        if (typeof what === 'string') await step();
        else await deliver(eventGrid(what));
      }
      while (left.length > 0) await step();
      for (const json of again.splice(0)) await deliver(json);
      expect(again).toEqual([]);
      expect(parked).toEqual([]);
      expect(await order()).toMatchObject({ status: 'delivered', deliveredAt: '2026-01-01T11:30:00.000Z' });
      const told = (await types()).filter(
        (type) => type === 'ShipmentDispatched' || type === 'OrderDelivered',
      );
      expect([['ShipmentDispatched', 'OrderDelivered'], ['OrderDelivered']]).toContainEqual(told);
    }),
  );
});

// Two instances of the app over one store whose replicas are behind: what one has written, and what the other then sees.
import { createCosmosInventoryView } from '../../src/adapters/cosmos-inventory-view';
import { createCosmosOrderStore } from '../../src/adapters/cosmos-order-store';
import { evolve, headOf, type OrderHead } from '../../src/domain/order';
import type { EventEnvelope } from '../../src/domain/event-envelope';
import { toEnvelope } from '../../src/events/envelope';
import type { OrderStore } from '../../src/ports/order-store';
import { openAppDatabase } from '../support/app-database';
import { SCOPE, AT, created, facts, orderAfter, started, streamOf } from '../support/orders';
import { openCosmos, type Cosmos } from 'azure-local/testing/cosmos-fixture';

let cosmos: Cosmos;
let here: OrderStore;
let there: OrderStore;

const storeOn = ({ url }: Cosmos): OrderStore => createCosmosOrderStore(openAppDatabase(url).orders);

let ids = 0;
function newOrder(): { readonly order: OrderHead; readonly events: readonly EventEnvelope[] } {
  const orderId = `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`;
  const order = headOf({ ...orderAfter(started), orderId });
  const events = streamOf(created, started).map((event) =>
    toEnvelope(order, event, event.sequence, { actor: 'test', occurredAt: AT, key: null }),
  );
  return { order, events };
}

/** The next event of the order, appended by `store` over what it has read. */
async function advance(store: OrderStore, orderId: string): Promise<'appended' | 'conflict'> {
  const seen = await store.read(SCOPE, orderId);
  if (seen === undefined) throw new Error('no order');
  const { order, etag } = seen;
  const fact = facts.stockReserved;
  const event = toEnvelope(order, fact, order.version + 1, { actor: 'test', occurredAt: AT, key: null });
  return (await store.append(SCOPE, order, etag, evolve(order, event), [event])).kind;
}

beforeAll(async () => {
  cosmos = await openCosmos();
  here = storeOn(cosmos);
  there = storeOn(cosmos);
  await there.read(SCOPE, newOrder().order.orderId);
  await cosmos.ask('replica', 'PUT', { lagMs: 5_000 });
});
afterAll(() => cosmos.close());

test('a replica is behind for whoever shows no session token', async () => {
  const { order, events } = newOrder();
  await here.create(SCOPE, order, events);
  const stranger = cosmos.client.database('orders-db').container('orders');
  const read = async (): Promise<number> =>
    (await stranger.item(order.orderId, order.orderId).read()).statusCode;
  expect(await read()).toBe(404);
  cosmos.clock.advance(5_000);
  expect(await read()).toBe(200);
});

test('an instance sees at once what it has written itself', async () => {
  const { order, events } = newOrder();
  await here.create(SCOPE, order, events);
  expect((await here.read(SCOPE, order.orderId))?.order.version).toBe(2);
  expect(await advance(here, order.orderId)).toBe('appended');
  expect((await here.read(SCOPE, order.orderId))?.order.version).toBe(3);
});

test('an order that was acknowledged by one instance exists for the other at once', async () => {
  const { order, events } = newOrder();
  await here.create(SCOPE, order, events);
  expect((await there.read(SCOPE, order.orderId))?.order).toEqual(order);
});

test('an order that was created by one instance is created anew by none: the other gives it back', async () => {
  const { order, events } = newOrder();
  await here.create(SCOPE, order, events);
  expect(await there.create(SCOPE, order, events)).toMatchObject({ kind: 'exists', order });
});

test('an order that nobody has created is absent, at the cost of one request more', async () => {
  const { order } = newOrder();
  await cosmos.ask('counters', 'DELETE');
  expect(await there.read(SCOPE, order.orderId)).toBeUndefined();
  expect((await cosmos.ask('counters')).json).toMatchObject({
    read: { requests: 1 },
    patch: { requests: 1 },
  });
});

test('an order may be older through another instance, which then cannot write over it and sees it by that', async () => {
  const { order, events } = newOrder();
  await here.create(SCOPE, order, events);
  const before = await there.read(SCOPE, order.orderId);
  expect(await advance(here, order.orderId)).toBe('appended');
  expect(await there.read(SCOPE, order.orderId)).toEqual(before);
  expect(await advance(there, order.orderId)).toBe('conflict');
  expect((await there.read(SCOPE, order.orderId))?.order.version).toBe(3);
});

test('the inventory view of a product that another instance has written is refused over, and then seen', async () => {
  const viewOn = () =>
    createCosmosInventoryView(openAppDatabase(cosmos.url).container('inventory'), {
      nowMs: () => cosmos.clock.now(),
    });
  const [one, other] = [viewOn(), viewOn()];
  await other.read('p');
  const stock = { onHand: 1, reserved: 0, at: AT, eventId: 'e' };
  const product = { productId: 'p', price: null, lowStock: null, stock };
  await one.write(product, undefined);
  expect((await other.read('p')).product).toBeUndefined();
  expect(await other.write(product, undefined)).toBe('conflict');
  expect((await other.read('p')).product).toEqual(product);
});

test.each(['{"lagMs":-1}', '{"lagMs":"5"}', '{"lag":5}', 'no JSON'])(
  'the lag %s is refused',
  async (body) => {
    const answer = await fetch(`${cosmos.url}_lookalike/replica`, { method: 'PUT', body });
    expect(answer.status).toBe(400);
  },
);

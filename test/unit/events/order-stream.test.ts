import { headOf } from '../../../src/domain/order';
import type { OrderFact } from '../../../src/domain/order-events';
import type { EventEnvelope } from '../../../src/domain/event-envelope';
import { toEnvelope } from '../../../src/events/envelope';
import { openStream } from '../../../src/events/order-stream';
import { createMemoryOrderStore, type MemoryOrderStore } from '../../support/memory-order-store';
import { SCOPE, AT, created, facts, orderAfter, started, streamOf } from '../../support/orders';

const clock = { nowMs: () => Date.parse(AT) };

function seeded(...more: OrderFact[]): {
  orders: MemoryOrderStore;
  seen: ReturnType<MemoryOrderStore['seed']>;
} {
  const orders = createMemoryOrderStore();
  const order = orderAfter(...more);
  const events = streamOf(created, ...more).map((event) =>
    toEnvelope(order, event, event.sequence, { actor: 'test', occurredAt: AT, key: null }),
  );
  return { orders, seen: orders.seed(order, events) };
}

const append = (fact: OrderFact, key: string | null = null) => ({ actor: 'test', key, facts: () => [fact] });

describe('appending to a stream', () => {
  test('S5: is one request, and the document is the fold', async () => {
    const { orders, seen } = seeded(started);
    const stream = openStream({ orders, clock }, seen);
    expect(await stream.append(append(facts.stockReserved))).toBe('appended');
    expect(orders.requests).toEqual({ create: 0, read: 0, append: 1, eventsAfter: 0 });
    const { order } = (await orders.read(SCOPE, seen.order.orderId)) ?? {};
    expect(order).toEqual(headOf(orderAfter(started, facts.stockReserved)));
  });

  test('S5: after a conflict it takes in what came between and appends behind it', async () => {
    const { orders, seen } = seeded(started);
    const other = openStream({ orders, clock }, seen);
    const stream = openStream({ orders, clock }, seen);
    await other.append(append(facts.cancelRequested));
    expect(await stream.append(append(facts.stockReserved))).toBe('appended');
    expect(stream.events().map(({ type, sequence }) => [type, sequence])).toEqual([
      ['CancelRequested', 3],
      ['StockReserved', 4],
    ]);
    expect(stream.order().cancelRequestedAt).toBe(AT);
  });

  test('S5: what stands under its key already is not appended again', async () => {
    const { orders, seen } = seeded(started);
    await openStream({ orders, clock }, seen).append(append(facts.stockReserved, 'o:ReserveInventory'));
    const again = openStream({ orders, clock }, seen);
    expect(await again.append(append(facts.stockReserved, 'o:ReserveInventory'))).toBe('already');
    expect(await orders.eventsAfter(SCOPE, seen.order.orderId, 0)).toHaveLength(3);
    expect(again.order().status).toBe('inventoryReserved');
  });

  test('S5: a key that came in with an earlier conflict is not appended again either', async () => {
    const { orders, seen } = seeded(started);
    const before = openStream({ orders, clock }, seen);
    await before.append(append(facts.cancelRequested, 'o:ReserveInventory:decided'));
    await before.append(append(facts.stockReserved, 'o:ReserveInventory'));
    const again = openStream({ orders, clock }, seen);
    expect(await again.append(append(facts.cancelRequested, 'o:ReserveInventory:decided'))).toBe('already');
    expect(await again.append(append(facts.stockReserved, 'o:ReserveInventory'))).toBe('already');
    expect(await orders.eventsAfter(SCOPE, seen.order.orderId, 0)).toHaveLength(4);
  });

  test('catching up takes in what others wrote, and is one read when that is nothing', async () => {
    const { orders, seen } = seeded(started);
    const stream = openStream({ orders, clock }, seen);
    expect(await stream.catchUp()).toBe(true);
    expect(orders.requests).toEqual({ create: 0, read: 1, append: 0, eventsAfter: 0 });
    await openStream({ orders, clock }, seen).append(append(facts.stockReserved));
    expect(await stream.catchUp()).toBe(true);
    expect(stream.events().map(({ type }) => type)).toEqual(['StockReserved']);
    expect(stream.order().status).toBe('inventoryReserved');
  });

  test('S21: nothing is appended over what only a newer release can read, and the view stays as it is', async () => {
    const { orders, seen } = seeded(started);
    const told = { actor: 'test', occurredAt: AT, key: null };
    const screened = { ...toEnvelope(seen.order, facts.stockReserved, 3, told), type: 'CustomerScreened' };
    const after = { ...seen.order, version: 3 };
    await orders.append(SCOPE, seen.order, seen.etag, after, [screened as EventEnvelope]);
    const stream = openStream({ orders, clock }, seen);
    await expect(stream.append(append(facts.stockReserved))).rejects.toMatchObject({ code: 'EVENT_NEWER' });
    expect([stream.order().version, stream.etag(), stream.events()]).toEqual([2, seen.etag, []]);
  });

  test('five writers at once lose nothing and leave no gap', async () => {
    const { orders, seen } = seeded(started);
    const fact: OrderFact = {
      type: 'InterventionOpened',
      data: { step: 's', attempts: 1, lastError: null, code: 'C', detailCode: 'D', reason: 'r' },
    };
    const writers = Array.from({ length: 5 }, () => openStream({ orders, clock }, seen).append(append(fact)));
    expect(await Promise.all(writers)).toEqual(Array(5).fill('appended'));
    const sequences = (await orders.eventsAfter(SCOPE, seen.order.orderId, 0)).map(
      ({ sequence }) => sequence,
    );
    expect(sequences).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  test('S5: nothing is appended to a stream that has lost what this writer saw', async () => {
    const { orders, seen } = seeded(started);
    const ahead = { order: orderAfter(started, facts.stockReserved), etag: 'of a version that is gone' };
    const stream = openStream({ orders, clock }, ahead);
    await expect(stream.append(append(facts.paymentProcessed))).rejects.toMatchObject({
      code: 'ORDER_WENT_BACK',
    });
    expect(await orders.eventsAfter(SCOPE, seen.order.orderId, 0)).toHaveLength(2);
    expect(stream.order().version).toBe(3);
  });

  test('S5: a writer that loses eight races in a row gives up, and has written nothing', async () => {
    const { orders, seen } = seeded(started);
    const opened: OrderFact = {
      type: 'InterventionOpened',
      data: { step: 's', attempts: 1, lastError: null, code: 'C', detailCode: 'D', reason: 'r' },
    };
    orders.beforeAppend = async () => {
      orders.beforeAppend = () => Promise.resolve();
      const now = await orders.read(SCOPE, seen.order.orderId);
      if (now !== undefined) await openStream({ orders, clock }, now).append(append(opened));
      orders.beforeAppend = race;
    };
    const race = orders.beforeAppend;
    const lost = openStream({ orders, clock }, seen).append(append(facts.stockReserved));
    await expect(lost).rejects.toMatchObject({ code: 'APPEND_CONFLICTS' });
    const types = (await orders.eventsAfter(SCOPE, seen.order.orderId, 2)).map(({ type }) => type);
    expect(types).toEqual(Array(8).fill('InterventionOpened'));
  });

  test('a fact that may not follow is refused and nothing is written', async () => {
    const { orders, seen } = seeded(started);
    const stream = openStream({ orders, clock }, seen);
    await expect(stream.append(append(facts.shipmentCreated))).rejects.toMatchObject({
      code: 'ILLEGAL_MOVE',
    });
    expect(orders.requests.append).toBe(0);
  });

  test('every event names the one before it as its cause', async () => {
    const { orders, seen } = seeded(started);
    await openStream({ orders, clock }, seen).append(append(facts.stockReserved));
    const events = await orders.eventsAfter(SCOPE, seen.order.orderId, 0);
    events.forEach(({ causationId }, index) => expect(causationId).toBe(events[index - 1]?.eventId ?? null));
    expect(new Set(events.map(({ correlationId }) => correlationId))).toEqual(new Set(['corr-1']));
  });
});

// Orders as they were: rebuilt from their streams, with snapshots and without.
import fc from 'fast-check';
import { fold, headOf, type OrderHead } from '../../../src/domain/order';
import { toEnvelope } from '../../../src/events/envelope';
import { openStream } from '../../../src/events/order-stream';
import { isWhole, snapshotsDue } from '../../../src/events/snapshots';
import type { HttpProblem } from '../../../src/functions/http';
import { eventsAnswer, orderAnswer } from '../../../src/functions/order-history.http';
import { ROUTES } from '../../../src/functions/routes/routes';
import type { OrderStore, Snapshot } from '../../../src/ports/order-store';
import { orderAsOf, rebuild, type AuditedEvent } from '../../../src/queries/order-history';
import { minute, storeLongStream } from '../../support/long-streams';
import { createMemoryOrderStore } from '../../support/memory-order-store';
import { sharedCipher } from '../../support/field-cipher';
import { callTo } from '../../support/route-calls';
import { SCOPE, created, facts, ORDER_ID, orderAfter, started, streamOf } from '../../support/orders';

/** A store that counts what is read of streams, and may hold damaged snapshots. */
function counted(damaged: readonly number[] = []): {
  store: OrderStore;
  events: number;
  snapshots: number[];
} {
  const memory = createMemoryOrderStore();
  const read = { store: memory as OrderStore, events: 0, snapshots: [] as number[] };
  read.store = {
    ...memory,
    eventsAfter: async (...query) => {
      const events = await memory.eventsAfter(...query);
      read.events += events.length;
      return events;
    },
    snapshotBefore: async (...query) => {
      const snapshot = await memory.snapshotBefore(...query);
      if (snapshot === undefined) return undefined;
      read.snapshots.push(snapshot.sequence);
      return damaged.includes(snapshot.sequence) ? damage(snapshot) : snapshot;
    },
  };
  return read;
}

const damage = (snapshot: Snapshot): Snapshot => ({
  ...snapshot,
  head: { ...snapshot.head, totalMinor: snapshot.head.totalMinor + 1 },
});

describe('a stream of 250 events', () => {
  const whole = async (store: OrderStore): Promise<OrderHead | undefined> => {
    const folded = fold(ORDER_ID, await store.eventsAfter(SCOPE, ORDER_ID, 0));
    return folded && headOf(folded);
  };

  test.each([1, 7])(
    'is rebuilt from the snapshot at 200 and 50 events, appended %i at a time',
    async (atOnce) => {
      const read = counted();
      const order = headOf(await storeLongStream(read.store, { orderId: ORDER_ID, length: 250, atOnce }));
      expect(await rebuild(read.store, order, { sequence: 250 })).toEqual(order);
      expect(read).toMatchObject({ events: 50, snapshots: [200] });
      expect(await whole(read.store)).toEqual(order);
    },
  );

  test.each([
    [[200], [200, 100], 150],
    [[200, 100], [200, 100], 250],
  ])('is rebuilt all the same when the snapshots at %j are damaged', async (damaged, snapshots, events) => {
    const read = counted(damaged);
    const order = headOf(await storeLongStream(read.store, { orderId: ORDER_ID, length: 250 }));
    expect(await rebuild(read.store, order, { sequence: 250 })).toEqual(order);
    expect(read).toMatchObject({ events, snapshots });
  });

  test('is as of any minute what folding the events until then gives', async () => {
    const read = counted();
    const order = headOf(await storeLongStream(read.store, { orderId: ORDER_ID, length: 250 }));
    const events = await read.store.eventsAfter(SCOPE, ORDER_ID, 0);
    for (const sequence of [1, 2, 99, 100, 101, 199, 200, 249, 250]) {
      const then = await orderAsOf(read.store, order, minute(sequence));
      const folded = fold(ORDER_ID, events.slice(0, sequence));
      expect(then).toEqual(folded && headOf(folded));
    }
    expect(await orderAsOf(read.store, order, minute(0))).toBeUndefined();
    expect(await orderAsOf(read.store, order, minute(999))).toBe(order);
  });
});

test('time never runs backwards in a stream, whatever the clock of its writer says', async () => {
  const store = createMemoryOrderStore();
  await storeLongStream(store, { orderId: ORDER_ID, length: 3 });
  const stored = await store.read(SCOPE, ORDER_ID);
  if (stored === undefined) throw new Error('not stored');
  const late = { orders: store, clock: { nowMs: () => Date.parse(minute(1)) } };
  await openStream(late, stored).append({
    actor: 'customer',
    key: null,
    facts: () => [facts.cancelRequested],
  });
  expect((await store.eventsAfter(SCOPE, ORDER_ID, 3)).map(({ occurredAt }) => occurredAt)).toEqual([
    minute(3),
  ]);
});

describe('a snapshot', () => {
  const order = orderAfter(started);

  test('is due at every multiple of a hundred that an append reaches, and holds no lines', () => {
    const at = (version: number): OrderHead => ({ ...order, version });
    const events = (from: number, count: number) =>
      Array.from({ length: count }, (_, index) =>
        toEnvelope(order, facts.stockReserved, from + index, {
          actor: 'saga',
          occurredAt: minute(1),
          key: null,
        }),
      );
    expect(snapshotsDue(at(97), events(98, 2))).toEqual([]);
    const due = snapshotsDue(at(98), events(99, 103));
    expect(due.map(({ sequence }) => sequence)).toEqual([100, 200]);
    expect(due[0]?.head).not.toHaveProperty('lines');
    expect(snapshotsDue(at(100), events(101, 1))).toEqual([]);
  });

  test('is whole in any order of its keys, and not when anything in it is changed', () => {
    const events = [
      toEnvelope(order, facts.stockReserved, 100, { actor: 'saga', occurredAt: minute(1), key: null }),
    ];
    const [snapshot] = snapshotsDue({ ...order, version: 99 }, events);
    if (snapshot === undefined) throw new Error('none is due');
    const entries = Object.entries(snapshot.head);
    fc.assert(
      fc.property(fc.shuffledSubarray(entries, { minLength: entries.length }), (shuffled) => {
        expect(isWhole({ ...snapshot, head: Object.fromEntries(shuffled) as never })).toBe(true);
      }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(snapshot.head)), (key) => {
        expect(isWhole({ ...snapshot, head: { ...snapshot.head, [key]: 'changed' } })).toBe(false);
      }),
    );
    expect(isWhole({ ...snapshot, sequence: 200 })).toBe(false);
    expect(isWhole({ ...snapshot, head: undefined } as never)).toBe(false);
  });
});

const orderAt = async (orders: OrderStore, query: string) =>
  orderAnswer(
    { orders, cipher: sharedCipher },
    await callTo(ROUTES.GetOrderById, { params: { id: ORDER_ID }, query: `?${query}` }),
  );
const eventsOf = async (orders: OrderStore, query: string, id = ORDER_ID) =>
  eventsAnswer(orders, await callTo(ROUTES.GetOrderEvents, { params: { id }, query: `?${query}` }));

const problemOf = (answer: Promise<unknown>): Promise<unknown> =>
  answer.then(
    () => undefined,
    (error: unknown) => (error as HttpProblem).code,
  );

describe('GET /api/orders/{id}?asOf=', () => {
  const store = createMemoryOrderStore();
  beforeAll(() => storeLongStream(store, { orderId: ORDER_ID, length: 5 }));

  test('answers the order as it was at that time, whatever the time zone', async () => {
    const answer = await orderAt(store, 'asOf=2026-01-01T01:02:30%2B01:00');
    expect(answer.jsonBody).toMatchObject({ id: ORDER_ID, version: 3 });
    expect((await orderAt(store, '')).jsonBody).toMatchObject({ version: 5 });
  });

  test.each([
    ['before the order was created', 'asOf=2025-12-31T23:59:59Z', 'NOT_FOUND'],
    ['that is none', 'asOf=yesterday', 'VALIDATION_FAILED'],
    ['without a zone', 'asOf=2026-01-01T00:00:00', 'VALIDATION_FAILED'],
  ])('answers a time %s with a problem', async (_, query, code) => {
    expect(await problemOf(orderAt(store, query))).toBe(code);
  });
});

describe('GET /api/orders/{id}/events', () => {
  const store = createMemoryOrderStore();
  beforeAll(() => storeLongStream(store, { orderId: ORDER_ID, length: 250 }));

  test('gives every event once, page by page, and a link while there are more', async () => {
    const sequences: number[] = [];
    let query = 'limit=90';
    for (let pages = 1; ; pages++) {
      const answer = await eventsOf(store, query);
      sequences.push(...(answer.jsonBody as AuditedEvent[]).map(({ sequence }) => sequence));
      const link = answer.headers?.['Link'];
      if (link === undefined) break;
      expect(pages).toBeLessThan(3);
      query = /\?(.+)>/.exec(link)?.[1] ?? '';
    }
    expect(sequences).toEqual(Array.from({ length: 250 }, (_, index) => index + 1));
  });

  test('leads on by a cursor that no other order takes', async () => {
    const answer = await eventsOf(store, 'after=100&limit=90');
    const next = /\?(.+)>/.exec(answer.headers?.['Link'] ?? '')?.[1] ?? '';
    const [first] = (await eventsOf(store, next)).jsonBody as AuditedEvent[];
    expect(first?.sequence).toBe(191);
    const elsewhere = '00000000-0000-4000-8000-000000000999';
    expect(await problemOf(eventsOf(store, next, elsewhere))).toBe('VALIDATION_FAILED');
    expect(await problemOf(eventsOf(store, `${next}&after=1`))).toBe('VALIDATION_FAILED');
    expect(await problemOf(eventsOf(store, 'cursor=garbage'))).toBe('VALIDATION_FAILED');
  });

  test.each(['after=-1', 'after=x', 'limit=0', 'limit=1001', 'limit=1.5'])('refuses %s', async (query) => {
    expect(await problemOf(eventsOf(store, query))).toBe('VALIDATION_FAILED');
  });

  test('says who did what when, and what became of the order, on every page', async () => {
    const audited = createMemoryOrderStore();
    const stream = [created, started, facts.cancelRequested, facts.cancelled];
    const actors = ['saga', 'saga', 'operator:ann', 'reconciler'];
    const order = orderAfter(...stream.slice(1));
    const events = streamOf(...stream).map((event, index) =>
      toEnvelope(order, event, event.sequence, {
        ...{ actor: actors[index] ?? '', occurredAt: minute(event.sequence), key: null },
      }),
    );
    audited.seed(order, events);
    const page = async (query: string): Promise<unknown[]> =>
      ((await eventsOf(audited, query)).jsonBody as AuditedEvent[]).map((event) => [
        ...[event.actorKind, event.action, event.statusBefore, event.statusAfter, event.occurredAt],
      ]);
    const all = [
      ['user', 'order created', null, 'pending', minute(1)],
      ['system', 'saga started', 'pending', 'processing', minute(2)],
      ['operator', 'cancel requested', 'processing', 'processing', minute(3)],
      ['system', 'order cancelled', 'processing', 'cancelled', minute(4)],
    ];
    expect(await page('')).toEqual(all);
    expect(await page('after=2')).toEqual(all.slice(2));
    expect(await page('after=4')).toEqual([]);
  });

  test('answers NOT_FOUND for an order that is not there', async () => {
    const elsewhere = '00000000-0000-4000-8000-000000000999';
    expect(await problemOf(eventsOf(store, '', elsewhere))).toBe('NOT_FOUND');
  });
});

import fc from 'fast-check';
import type { EventEnvelope } from '../../../src/domain/event-envelope';
import type { OrderFact } from '../../../src/domain/order-events';
import type { Scope } from '../../../src/domain/scope';
import {
  createDailyStats,
  dayShardOf,
  listDailyStats,
  type DailyStatsView,
} from '../../../src/projections/daily-stats';
import type { Projection } from '../../../src/projections/projection';
import { createOrderStreams } from '../../../src/projections/order-streams';
import { createMemoryDailyStats, envelopes, type MemoryDailyStats } from '../../support/memory-read-models';
import { SCOPE, created, facts, started } from '../../support/orders';

const HOUR = 3_600_000;
const BEGIN = Date.UTC(2026, 0, 1);
const FROM = '2026-01-01';
const TO = '2026-01-04';

const ENDS = { completed: facts.completed, failed: facts.failed, cancelled: facts.cancelled, none: started };
type End = keyof typeof ENDS;

interface Given {
  readonly currency: string;
  readonly totalMinor: number;
  readonly end: End;
  readonly atMs: number;
  readonly tookMs: number;
}

function streamOf({ currency, totalMinor, end, atMs, tookMs }: Given, index: number): EventEnvelope[] {
  const first: OrderFact = { ...created, data: { ...created.data, currency, totalMinor } };
  return envelopes(`order-${index}`, [first, ENDS[end]], atMs, tookMs);
}

const anyOrder = fc.record({
  currency: fc.constantFrom('USD', 'EUR', 'JPY'),
  totalMinor: fc.integer({ min: 0, max: 1_000_000 }),
  end: fc.constantFrom<End>('completed', 'failed', 'cancelled', 'none'),
  atMs: fc.integer({ min: 0, max: 47 }).map((hours) => BEGIN + hours * HOUR),
  tookMs: fc.integer({ min: 1, max: 30 * HOUR }),
});

function hostOver(store: MemoryDailyStats, all: readonly EventEnvelope[]): Projection {
  const eventsAfter = (_: Scope, orderId: string): Promise<readonly EventEnvelope[]> =>
    Promise.resolve(all.filter((event) => event.orderId === orderId));
  return createDailyStats(store, createOrderStreams({ eventsAfter }));
}

async function project(pages: readonly (readonly EventEnvelope[])[], all: readonly EventEnvelope[]) {
  const store = createMemoryDailyStats();
  const projection = hostOver(store, all);
  for (const page of pages) await projection.project(page);
  return (await listDailyStats(store, SCOPE, FROM, TO)).days;
}

/** `count` orders that fail on the first day, each at a time of its own. */
const failing = (count: number): EventEnvelope[] =>
  Array.from({ length: count }, (_, index) =>
    streamOf({ currency: 'USD', totalMinor: 1, end: 'failed', atMs: BEGIN + index, tookMs: 1 }, index),
  ).flat();

/** Counted again from the orders as they were given, by other means. */
function recount(
  orders: readonly Given[],
  day: string,
): Pick<DailyStatsView, 'created' | 'completed' | 'failed' | 'cancelled'> & {
  readonly minor: Record<string, number>;
} {
  const on = (ms: number): boolean => new Date(ms).toISOString().startsWith(day);
  const ended = (end: End): Given[] =>
    orders.filter((order) => order.end === end && on(order.atMs + order.tookMs));
  const minor: Record<string, number> = {};
  for (const { currency, totalMinor } of ended('completed'))
    minor[currency] = (minor[currency] ?? 0) + totalMinor;
  return {
    created: orders.filter(({ atMs }) => on(atMs)).length,
    completed: ended('completed').length,
    failed: ended('failed').length,
    cancelled: ended('cancelled').length,
    minor,
  };
}

describe('daily statistics', () => {
  test('count each event on its own day: created before midnight, completed after it', async () => {
    const given = {
      currency: 'USD',
      totalMinor: 14_993,
      end: 'completed',
      atMs: BEGIN + 23 * HOUR,
      tookMs: 2 * HOUR,
    } as const;
    const stream = streamOf(given, 1);
    const [first, second, third] = await project([stream], stream);
    expect(first).toEqual({
      day: '2026-01-01',
      created: 1,
      completed: 0,
      failed: 0,
      cancelled: 0,
      createdAmount: { USD: 149.93 },
      completedAmount: {},
      successRate: null,
      meanDurationMs: null,
    });
    expect(second).toMatchObject({
      created: 0,
      completed: 1,
      completedAmount: { USD: 149.93 },
      successRate: 1,
      meanDurationMs: 2 * HOUR,
    });
    expect(third).toMatchObject({ day: '2026-01-03', created: 0, completed: 0 });
  });

  test('daily-stats.D1: equal a recount, in any order of delivery and with repetitions', async () => {
    const delivery = fc.array(anyOrder, { minLength: 1, maxLength: 15 }).chain((orders) => {
      const all = orders.flatMap(streamOf);
      return fc.record({
        orders: fc.constant(orders),
        all: fc.constant(all),
        pages: fc.array(fc.shuffledSubarray(all), { maxLength: 5 }),
        rest: fc.shuffledSubarray(all, { minLength: all.length }),
      });
    });
    await fc.assert(
      fc.asyncProperty(delivery, async ({ orders, all, pages, rest }) => {
        const days = await project([...pages, rest], all);
        for (const { day, ...counted } of days) {
          const { minor, ...counts } = recount(orders, day);
          expect(counted).toMatchObject(counts);
          for (const [currency, sum] of Object.entries(minor))
            expect(counted.completedAmount[currency]).toBe(currency === 'JPY' ? sum : sum / 100);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('daily-stats.D1: count once what hosts take in pages of any cut, side by side and after one another', async () => {
    const all = failing(12);
    const cut = fc.record({
      from: fc.nat(all.length - 1),
      length: fc.nat(all.length),
      host: fc.nat(2),
      isAwaited: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(cut, { maxLength: 12 }), async (cuts) => {
        const store = createMemoryDailyStats();
        const hosts = [0, 1, 2].map(() => hostOver(store, all));
        const running: Promise<void>[] = [];
        for (const { from, length, host, isAwaited } of cuts) {
          const taken = hosts[host]?.project(all.slice(from, from + length)) ?? Promise.resolve();
          running.push(taken);
          if (isAwaited) await taken;
        }
        await Promise.all(running);
        for (const host of hosts) await host.project(all);
        const [day] = (await listDailyStats(store, SCOPE, FROM, TO)).days;
        expect(day).toMatchObject({ created: 12, failed: 12 });
        expect(store.marks.flatMap(({ eventIds }) => eventIds).sort()).toEqual(
          all.map(({ eventId }) => eventId).sort(),
        );
      }),
      { numRuns: 100 },
    );
  });

  test('cost one write and one mark a page and part of a day, once it is known who has counted', async () => {
    const store = createMemoryDailyStats();
    const all = failing(40);
    const own = all.filter((event) => dayShardOf(event) === dayShardOf(all[0] as EventEnvelope));
    const host = hostOver(store, all);
    await host.project(own.slice(0, 2));
    store.requests = 0;
    await host.project(own.slice(2, 6));
    await host.project(own.slice(6));
    expect([store.requests, store.marks.length]).toEqual([2, 3]);
  });

  test('are asked anew for what was counted before an event that is older than what is known', async () => {
    const store = createMemoryDailyStats();
    const all = failing(40);
    const own = all.filter((event) => dayShardOf(event) === dayShardOf(all[0] as EventEnvelope));
    for (const event of own) await hostOver(store, all).project([event]);
    const other = hostOver(store, all);
    await other.project(own.slice(-1));
    await other.project(own.slice(0, 1));
    expect(store.marks).toHaveLength(own.length);
  });

  test('are given up for another try by a host that loses every race', async () => {
    const store = createMemoryDailyStats();
    const count = (): Promise<undefined> => Promise.resolve(undefined);
    await expect(hostOver({ ...store, count }, failing(1)).project(failing(1))).rejects.toMatchObject({
      code: 'STORE_BEHIND',
    });
  });

  test('count more events than are remembered', async () => {
    const orders = failing(600);
    const [day] = await project([orders, orders], orders);
    expect(day).toMatchObject({ created: 600, failed: 600, successRate: 0, createdAmount: { USD: 6 } });
  });
});

import fc from 'fast-check';
import type { EventEnvelope } from '../../../src/domain/event-envelope';
import type { OrderFact } from '../../../src/domain/order-events';
import type { Scope } from '../../../src/domain/scope';
import { createDailyStats, listDailyStats, type DailyStatsView } from '../../../src/projections/daily-stats';
import { createOrderStreams } from '../../../src/projections/order-streams';
import { createMemoryDailyStats, envelopes } from '../../support/memory-read-models';
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

async function project(pages: readonly (readonly EventEnvelope[])[], all: readonly EventEnvelope[]) {
  const store = createMemoryDailyStats();
  const eventsAfter = (_: Scope, orderId: string): Promise<readonly EventEnvelope[]> =>
    Promise.resolve(all.filter((event) => event.orderId === orderId));
  const projection = createDailyStats(store, createOrderStreams({ eventsAfter }));
  for (const page of pages) await projection.project(page);
  return (await listDailyStats(store, SCOPE, FROM, TO)).days;
}

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

  test('count more events than fit into one write', async () => {
    const orders = Array.from({ length: 150 }, (_, index) =>
      streamOf({ currency: 'USD', totalMinor: 1, end: 'failed', atMs: BEGIN, tookMs: 1 }, index),
    ).flat();
    const [day] = await project([orders], orders);
    expect(day).toMatchObject({ created: 150, failed: 150, successRate: 0, createdAmount: { USD: 1.5 } });
  });
});

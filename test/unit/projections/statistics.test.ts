// Statistics against a recount: what the feed brought, in any order and again and again, is what the streams hold.
import fc from 'fast-check';
import type { EventEnvelope } from '../../../src/domain/event-envelope';
import { fold, type Order } from '../../../src/domain/order';
import type { OrderFact } from '../../../src/domain/order-events';
import { takenFacts } from '../../../src/domain/order-rules';
import type { Scope } from '../../../src/domain/scope';
import { createDailyStats } from '../../../src/projections/daily-stats';
import { createOrderStreams } from '../../../src/projections/order-streams';
import { countAll, standingOf, toStatistics, type Statistics } from '../../../src/projections/statistics';
import { createMemoryDailyStats, envelopes } from '../../support/memory-read-models';
import {
  completedOrder,
  created,
  failedOrder,
  facts,
  orderAfter,
  SCOPE,
  started,
} from '../../support/orders';

const record = { attempts: 1, lastError: null };
const more = {
  refundFailed: {
    type: 'CompensationFailed',
    data: {
      ...record,
      ...{ step: 'RefundPayment', undoes: 'ProcessPayment', reason: 'no answer', transactionId: 'txn_1' },
    },
  },
  intervention: {
    type: 'InterventionOpened',
    data: {
      ...record,
      ...{ step: 'ConfirmInventory', code: 'SAGA_LOST', detailCode: 'SAGA_GONE', reason: 'gone' },
    },
  },
  outOfStock: {
    type: 'OrderFailed',
    data: {
      ...{ kind: 'failed', code: 'INVENTORY_ERROR', detailCode: 'what a service/made up' },
      ...{ reason: 'none', failedStep: 'ReserveInventory' },
    },
  },
} as const satisfies Record<string, OrderFact>;

/** What may follow one another, whatever is left out. */
const COURSES: readonly (readonly OrderFact[])[] = [
  completedOrder,
  failedOrder,
  [started, more.outOfStock],
  [
    ...[started, facts.stockReserved, facts.paymentProcessed, facts.cancelRequested],
    { ...facts.compensationStarted, data: { ...facts.compensationStarted.data, kind: 'cancelled' } },
    ...[facts.paymentRefunded, facts.stockReleased, facts.cancelled],
  ],
  [
    ...[started, facts.stockReserved, facts.paymentProcessed, facts.compensationStarted],
    ...[more.refundFailed, facts.stockReleased, facts.failed, facts.paymentRefunded],
  ],
  [started, facts.stockReserved, facts.paymentProcessed, facts.shipmentCreated, more.intervention],
];

/** A course up to some event, each a while after the one before. */
const anyOrder = fc.record({
  course: fc.constantFrom(...COURSES),
  length: fc.nat(9),
  atMs: fc.integer({ min: 0, max: 40 }).map((hours) => Date.UTC(2026, 0, 1, hours)),
  everyMs: fc.constantFrom(30, 1_000, 3_600_000),
});

function streamOf(
  {
    course,
    length,
    atMs,
    everyMs,
  }: { course: readonly OrderFact[]; length: number; atMs: number; everyMs: number },
  index: number,
): EventEnvelope[] {
  const taken = takenFacts(orderAfter(), course).slice(0, length);
  return envelopes(`order-${index}`, [created, ...taken], atMs, everyMs);
}

async function project(
  pages: readonly (readonly EventEnvelope[])[],
  all: readonly EventEnvelope[],
  range: { from?: string; to?: string } = {},
): Promise<Statistics> {
  const store = createMemoryDailyStats();
  const eventsAfter = (_: Scope, orderId: string): Promise<readonly EventEnvelope[]> =>
    Promise.resolve(all.filter((event) => event.orderId === orderId));
  // Two instances share the feed: what one has seen the other has to read.
  const instances = [1, 2].map(() => {
    const streams = createOrderStreams({ eventsAfter });
    return { streams, projection: createDailyStats(store, streams) };
  });
  for (const [index, page] of pages.entries()) {
    const instance = instances[index % 2];
    instance?.streams.remember(page);
    await instance?.projection.project(page);
  }
  return toStatistics(await countAll(store, SCOPE, range), range);
}

/** By other means: each order folded as the write side folds it. */
function recount(streams: readonly (readonly EventEnvelope[])[]) {
  const orders = streams.flatMap((stream) => fold(stream[0]?.orderId ?? '', stream) ?? []);
  const standing = (of: string): number => orders.filter(({ status }) => standingOf(status) === of).length;
  const events = streams.flat();
  const typed = (type: string): number => events.filter((event) => event.type === type).length;
  const took = (order: Order): number => Date.parse(order.completedAt ?? '') - Date.parse(order.createdAt);
  const completed = orders.filter(({ status }) => status === 'completed');
  return {
    sagas: {
      ...{ running: standing('running'), compensating: standing('compensating') },
      ...{ completed: completed.length, failed: standing('failed'), cancelled: standing('cancelled') },
    },
    ...{ placed: orders.length, completed: completed.length },
    ...{ failed: standing('failed'), cancelled: standing('cancelled') },
    meanMs:
      completed.length === 0
        ? null
        : completed.reduce((sum, order) => sum + took(order), 0) / completed.length,
    codes: orders
      .filter(({ status }) => status === 'failed')
      .map(({ failureCode }) => failureCode)
      .sort(),
    released: typed('StockReleased'),
    refunded: typed('PaymentRefunded'),
    refundsFailed: typed('CompensationFailed'),
    interventions: typed('InterventionOpened'),
    within: completed.filter((order) => took(order) <= 250).length,
  };
}

const countOf = (counts: readonly { name: string; count: number }[], name: string): number =>
  counts.find((counted) => counted.name === name)?.count ?? 0;

function asRecounted(statistics: Statistics): ReturnType<typeof recount> {
  const { sagas, placed, completed, failed, cancelled, durations, failures, compensations } = statistics;
  return {
    ...{ sagas, placed, completed, failed, cancelled, meanMs: durations.meanMs },
    codes: failures.flatMap(({ code, count }) => Array.from({ length: count }, () => code)).sort(),
    released: countOf(compensations.done, 'StockReleased'),
    refunded: countOf(compensations.done, 'PaymentRefunded'),
    refundsFailed: countOf(compensations.failed, 'RefundPayment'),
    interventions: statistics.interventions,
    within: durations.buckets
      .filter(({ upToMs }) => upToMs !== null && upToMs <= 250)
      .reduce((sum, { count }) => sum + count, 0),
  };
}

test('equal a recount of all streams, in any order of delivery, with repetitions, over two instances', async () => {
  const delivery = fc.array(anyOrder, { minLength: 1, maxLength: 12 }).chain((orders) => {
    const streams = orders.map(streamOf);
    return fc.record({
      streams: fc.constant(streams),
      pages: fc.array(fc.shuffledSubarray(streams.flat()), { maxLength: 4 }),
    });
  });
  await fc.assert(
    fc.asyncProperty(delivery, async ({ streams, pages }) => {
      const all = streams.flat();
      expect(asRecounted(await project([...pages, all], all))).toEqual(recount(streams));
    }),
    { numRuns: 100 },
  );
});

test('a range of days has what happened on them; how the sagas stand is of all days', async () => {
  const midnight = Date.UTC(2026, 0, 2);
  const yesterday = envelopes('order-1', [created, ...completedOrder], midnight - 3_600_000);
  const overnight = envelopes('order-2', [created, ...failedOrder], midnight - 3_000);
  const all = [...yesterday, ...overnight];
  expect(await project([all], all, { from: '2026-01-02' })).toMatchObject({
    ...{ from: '2026-01-02', to: null, placed: 0, completed: 0, failed: 1, successRate: 0 },
    sagas: { running: 0, compensating: 0, completed: 1, failed: 1, cancelled: 0 },
    failures: [{ code: 'PAYMENT_FAILED', detailCode: 'CARD_DECLINED', count: 1 }],
  });
  expect(await project([all], all, { to: '2026-01-01' })).toMatchObject({
    ...{ placed: 2, completed: 1, failed: 0, successRate: 1, placedAmount: { USD: 299.86 } },
    durations: { meanMs: 6_000, p50AtMostMs: 10_000, p95AtMostMs: 10_000 },
  });
});

test('a reason that is no code is counted as another', async () => {
  const stream = envelopes('order-1', [created, started, more.outOfStock]);
  expect((await project([stream], stream)).failures).toEqual([
    { code: 'INVENTORY_ERROR', detailCode: 'OTHER', count: 1 },
  ]);
});

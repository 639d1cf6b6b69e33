// The meter and its text, and what counts for it.
import { measuredActivities } from '../../../src/telemetry/measured-activities';
import { measuredOrders } from '../../../src/telemetry/measured-orders';
import { createFeedLag } from '../../../src/telemetry/feed-lag';
import { createMetrics, type Metrics } from '../../../src/telemetry/metrics';
import { evolve, fold } from '../../../src/domain/order';
import { rememberingLog } from '../../support/inventory-event-input';
import { createMemoryOrderStore } from '../../support/memory-order-store';
import { envelopes } from '../../support/memory-read-models';
import { completedOrder, created, failedOrder, ORDER_ID, SCOPE } from '../../support/orders';
import { seriesIn } from '../../support/prometheus';

const series = (metrics: Metrics): Record<string, number> => seriesIn(metrics.text('a'));

test('each series has its labels and the instance, and a text that a label cannot break', () => {
  const metrics = createMetrics();
  metrics.add('order_saga_events_written_total', { type: 'a"\n\\' });
  metrics.add('order_saga_events_written_total', { type: 'b' }, 2);
  metrics.observe('order_saga_dead_letters', { queue: 'orders' }, () => 3);
  expect(metrics.text('host-1')).toBe(
    [
      '# HELP order_saga_events_written_total Events that were appended to the streams of orders',
      '# TYPE order_saga_events_written_total counter',
      'order_saga_events_written_total{instance="host-1",type="a\\"\\n\\\\"} 1',
      'order_saga_events_written_total{instance="host-1",type="b"} 2',
      '# HELP order_saga_dead_letters Dead letters of a queue, at most 100',
      '# TYPE order_saga_dead_letters gauge',
      'order_saga_dead_letters{instance="host-1",queue="orders"} 3',
      '',
    ].join('\n'),
  );
});

test('buckets of a histogram are cumulative', () => {
  const metrics = createMetrics();
  for (const value of [0.003, 0.03, 0.04, 60])
    metrics.record('order_saga_step_duration_seconds', { step: 's', outcome: 'done' }, value);
  const found = series(metrics);
  const of = (suffix: string, le?: string): number | undefined =>
    found[
      `order_saga_step_duration_seconds${suffix}{instance="a",step="s",outcome="done"${le === undefined ? '' : `,le="${le}"`}}`
    ];
  expect([of('_bucket', '0.005'), of('_bucket', '0.05'), of('_bucket', '30'), of('_bucket', '+Inf')]).toEqual(
    [1, 3, 3, 4],
  );
  expect([of('_count'), of('_sum')]).toEqual([4, 60.073]);
});

test('a reading is what the text says, and does not go on counting', () => {
  const metrics = createMetrics();
  const step = { step: 's', outcome: 'done' };
  for (const value of [0.003, 60]) metrics.record('order_saga_step_duration_seconds', step, value);
  metrics.add('order_saga_orders_total', { outcome: 'placed' }, 2);
  const reading = metrics.read();
  metrics.record('order_saga_step_duration_seconds', step, 1);
  metrics.add('order_saga_orders_total', { outcome: 'placed' });
  expect(reading).toMatchObject([
    {
      ...{ name: 'order_saga_orders_total', kind: 'counter' },
      points: [{ labels: { outcome: 'placed' }, value: 2 }],
    },
    {
      ...{ name: 'order_saga_step_duration_seconds', kind: 'histogram' },
      points: [
        { labels: step, value: { sum: 60.003, count: 2, counts: [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1] } },
      ],
    },
  ]);
});

test('a label that outsiders choose makes no series without end', () => {
  const metrics = createMetrics();
  for (let index = 0; index < 5_000; index++)
    metrics.add('order_saga_events_written_total', { type: String(index) });
  expect(Object.keys(series(metrics))).toHaveLength(2_000);
});

test('what the store accepted is counted once: not an order that is there already, nor a conflict', async () => {
  const metrics = createMetrics();
  const store = measuredOrders(createMemoryOrderStore(), metrics);
  for (const [number, facts] of [completedOrder, failedOrder].entries()) {
    const id = ORDER_ID.replace(/1$/, String(number + 1));
    const [first, ...rest] = envelopes(id, [created, ...facts]);
    const begun = first && fold(id, [first]);
    if (first === undefined || begun === undefined) throw new Error('no order');
    const { etag } = await store.create(SCOPE, begun, [first]);
    await store.create(SCOPE, begun, [first]);
    const after = rest.reduce(evolve, begun);
    await store.append(SCOPE, begun, etag, after, rest);
    expect(await store.append(SCOPE, begun, etag, after, rest)).toEqual({ kind: 'conflict' });
  }
  const found = series(metrics);
  expect(found).toMatchObject({
    'order_saga_orders_total{instance="a",outcome="placed"}': 2,
    'order_saga_orders_total{instance="a",outcome="completed"}': 1,
    'order_saga_orders_total{instance="a",outcome="failed"}': 1,
    'order_saga_events_written_total{instance="a",type="StockReserved"}': 2,
    'order_saga_compensations_total{instance="a",step="CompensateInventory",outcome="done"}': 1,
  });
});

test('attempts after the first are retries, and entries of one step are one series', async () => {
  const metrics = createMetrics();
  const activities = measuredActivities(
    {
      ProcessPayment: (input: object) =>
        Promise.resolve({ ...input, outcome: { kind: 'done' }, spentMs: 20 }),
    },
    metrics,
  );
  await activities.ProcessPayment({ step: 'ProcessPayment:1', attempt: 1 });
  await activities.ProcessPayment({ step: 'ProcessPayment:2', attempt: 3 });
  expect(series(metrics)).toMatchObject({
    'order_saga_step_duration_seconds_count{instance="a",step="ProcessPayment",outcome="done"}': 2,
    'order_saga_step_retries_total{instance="a",step="ProcessPayment"}': 1,
  });
});

describe('the lag of a feed', () => {
  const LAG = 'order_saga_feed_lag_seconds{instance="a",function="RelayEvents"}';
  const event = { kind: 'event', occurredAt: new Date(0).toISOString() };

  test('grows while a page fails, is told in the log, and is none when the page is finished', async () => {
    const metrics = createMetrics();
    let nowMs = 10_000;
    const lag = createFeedLag(metrics, 'RelayEvents', () => nowMs);
    const { log, lines } = rememberingLog();
    expect(series(metrics)[LAG]).toBe(0);
    const away = (): Promise<void> => Promise.reject(new Error('away'));
    await expect(lag.during([event, { kind: 'order' }], log, away)).rejects.toThrow('away');
    expect(series(metrics)[LAG]).toBe(10);
    expect(lines).toEqual([]);
    nowMs = 90_000;
    expect(series(metrics)[LAG]).toBe(90);
    await lag.during([event], log, () => Promise.resolve());
    expect(lines).toMatchObject([
      { event: 'feed is behind', fields: { function: 'RelayEvents', lagMs: 90_000 } },
    ]);
    expect(series(metrics)[LAG]).toBe(0);
  });

  test('is none for a page without events', async () => {
    const metrics = createMetrics();
    const lag = createFeedLag(metrics, 'RelayEvents', () => 1e9);
    const { log, lines } = rememberingLog();
    await lag.during([{ kind: 'order' }, null], log, () => Promise.resolve());
    expect([series(metrics)[LAG], lines]).toEqual([0, []]);
  });
});

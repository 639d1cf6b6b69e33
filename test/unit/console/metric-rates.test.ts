// Rates that the charts draw, from the text of the metrics endpoint of several instances.
import {
  greatest,
  heard,
  parseMetrics,
  quantiles,
  summed,
  type Instances,
} from '../../../src/console/metric-rates';

const ORDERS = 'order_saga_orders_total';
const orders = (instance: string, completed: number): string =>
  `# TYPE ${ORDERS} counter\n${ORDERS}{instance="${instance}",outcome="completed"} ${completed}\n`;
const after = (...answers: readonly (readonly [atMs: number, text: string])[]): Instances =>
  answers.reduce<Instances>((known, [atMs, text]) => heard(known, parseMetrics(text), atMs), new Map());

test('two hosts that answer in turn are summed', () => {
  const known = after(
    [0, orders('a', 10)],
    [1_000, orders('b', 5)],
    [2_000, orders('a', 30)],
    [3_000, orders('b', 9)],
  );
  expect(summed(known, 'values', ORDERS, 'outcome')).toEqual(new Map([['completed', 39]]));
  expect(summed(known, 'rates', ORDERS, 'outcome')).toEqual(new Map([['completed', 12]]));
});

test('a counter that began anew counts from nothing, and a silent host no more', () => {
  expect(
    summed(after([0, orders('a', 90)], [1_000, orders('a', 4)]), 'rates', ORDERS, 'outcome').get('completed'),
  ).toBe(4);
  const known = after([0, orders('a', 90)], [61_000, orders('b', 1)]);
  expect(summed(known, 'values', ORDERS, 'outcome').get('completed')).toBe(1);
});

test('of a lag the greatest counts', () => {
  const lag = (instance: string, value: number): string =>
    `order_saga_feed_lag_seconds{instance="${instance}",function="Relay"} ${value}`;
  expect(
    greatest(after([0, lag('a', 2)], [1, lag('b', 7)]), 'order_saga_feed_lag_seconds', 'function'),
  ).toEqual(new Map([['Relay', 7]]));
});

test('a quantile is the bound of its bucket, over all hosts', () => {
  const buckets = (instance: string, ...counts: readonly number[]): string =>
    ['0.1', '1', '+Inf']
      .map((le, index) => `t_bucket{instance="${instance}",step="Pay",le="${le}"} ${counts[index]}`)
      .join('\n');
  const known = after([0, buckets('a', 9, 10, 10)], [1, buckets('b', 0, 0, 10)]);
  expect(quantiles(known, 't', 'step', 0.45).get('Pay')).toBe(0.1);
  expect(quantiles(known, 't', 'step', 0.95).get('Pay')).toBe(Infinity);
});

// What is sent to a target that adds up: the changes between readings, which together are what was counted.
import fc from 'fast-check';
import { changesSince } from '../../../src/exporters/metric-changes';
import type { Reading } from '../../../src/telemetry/metric-export/reading';
import { createMetrics } from '../../../src/telemetry/metrics';

const STEP = { step: 'ProcessPayment', outcome: 'done' };

test('a series that did not change is left out; gauges are as they are', () => {
  const metrics = createMetrics();
  metrics.add('order_saga_orders_total', { outcome: 'placed' }, 2);
  metrics.add('order_saga_orders_total', { outcome: 'failed' });
  metrics.record('order_saga_step_duration_seconds', STEP, 0.03);
  metrics.observe('order_saga_dead_letters', { queue: 'orders' }, () => 3);
  const before = metrics.read();
  metrics.add('order_saga_orders_total', { outcome: 'placed' }, 5);
  expect(changesSince(before, metrics.read())).toMatchObject([
    { name: 'order_saga_orders_total', points: [{ labels: { outcome: 'placed' }, value: 5 }] },
    { name: 'order_saga_dead_letters', points: [{ labels: { queue: 'orders' }, value: 3 }] },
  ]);
});

test('a histogram changes by the values between: bucket by bucket, in sum and count', () => {
  const metrics = createMetrics();
  metrics.record('order_saga_step_duration_seconds', STEP, 0.25);
  const before = metrics.read();
  for (const value of [0.25, 0.5, 60]) metrics.record('order_saga_step_duration_seconds', STEP, value);
  const [change] = changesSince(before, metrics.read());
  const [point] = change?.kind === 'histogram' ? change.points : [];
  expect(point).toMatchObject({
    labels: STEP,
    value: { sum: 60.75, count: 3, counts: [0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 1] },
  });
});

test('the changes of all exports that were taken add up to what was counted, whichever were refused', () => {
  const turn = fc.record({ add: fc.integer({ min: 0, max: 9 }), isTaken: fc.boolean() });
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 20 }), (turns) => {
      const metrics = createMetrics();
      let taken: readonly Reading[] = [];
      let sum = 0;
      let counted = 0;
      for (const { add, isTaken } of [...turns, { add: 1, isTaken: true }]) {
        metrics.add('order_saga_orders_total', { outcome: 'placed' }, add);
        counted += add;
        const now = metrics.read();
        const [change] = changesSince(taken, now);
        if (!isTaken) continue;
        if (change?.kind === 'counter') sum += change.points[0]?.value ?? 0;
        taken = now;
      }
      expect(sum).toBe(counted);
    }),
  );
});

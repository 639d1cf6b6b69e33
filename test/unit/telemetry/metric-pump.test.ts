// The pump of metrics, under fake timers: one reading at a time, and no exporter's business is the app's.
import { createMetricPump, type MetricPump } from '../../../src/telemetry/metric-export/metric-pump';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

interface Opened {
  readonly pump: MetricPump;
  /** What was counted when each export was called. */
  readonly exported: number[];
  readonly counts: Readonly<Record<string, number>>;
  readonly add: () => void;
}

const never = (): Promise<void> => new Promise(() => undefined);

function open(exporting: () => Promise<void>, refresh = (): Promise<void> => Promise.resolve()): Opened {
  const exported: number[] = [];
  const counts: Record<string, number> = {};
  let counted = 0;
  const pump = createMetricPump({
    exporter: {
      name: 'otlp',
      export: ([reading]) => {
        exported.push(reading?.kind === 'counter' ? (reading.points[0]?.value ?? NaN) : NaN);
        return exporting();
      },
    },
    read: () => [{ name: 'orders', meaning: '', kind: 'counter', points: [{ labels: {}, value: counted }] }],
    ...{ startMs: 0, nowMs: () => Date.now() },
    count: (result) => void (counts[result] = (counts[result] ?? 0) + 1),
  });
  const add = (): void => {
    counted++;
  };
  pump.start(60_000, refresh);
  return { pump, exported, counts, add };
}

test('what stands at the end of each interval goes out, and nothing before', async () => {
  const { add, exported, counts } = open(() => Promise.resolve());
  add();
  await jest.advanceTimersByTimeAsync(59_999);
  expect(exported).toEqual([]);
  await jest.advanceTimersByTimeAsync(1);
  add();
  await jest.advanceTimersByTimeAsync(60_000);
  expect([exported, counts]).toEqual([[1, 2], { exported: 2 }]);
});

test('metric-pump.P1: behind an exporter that hangs no second reading waits; the turns are counted', async () => {
  const { exported, counts } = open(never);
  await jest.advanceTimersByTimeAsync(600_000);
  expect([exported, counts]).toEqual([[0], { skipped: 9 }]);
});

test('metric-pump.P2: an export that fails is counted, and the next one holds what it held', async () => {
  const failures = [new Error('refused')];
  const { add, exported, counts } = open(() => {
    const failure = failures.pop();
    return failure === undefined ? Promise.resolve() : Promise.reject(failure);
  });
  add();
  await jest.advanceTimersByTimeAsync(120_000);
  expect([exported, counts]).toEqual([[1, 1], { failed: 1, exported: 1 }]);
});

test('metric-pump.P3: its timers keep no process alive', () => {
  const started = jest.spyOn(globalThis, 'setInterval');
  open(never);
  const timer = started.mock.results[0]?.value as NodeJS.Timeout;
  expect(timer.hasRef()).toBe(false);
});

test.each<[string, () => Promise<void>]>([
  ['do not answer', never],
  ['fail', () => Promise.reject(new Error('away'))],
])('gauges of others that %s keep no reading back', async (_what, refresh) => {
  const { exported } = open(() => Promise.resolve(), refresh);
  await jest.advanceTimersByTimeAsync(65_000);
  expect(exported).toEqual([0]);
});

test('metric-pump.P4: a flush sends what was counted since, and ends the turns', async () => {
  const { pump, add, exported } = open(() => Promise.resolve());
  add();
  await pump.flush();
  expect(exported).toEqual([1]);
  await jest.advanceTimersByTimeAsync(120_000);
  expect(exported).toEqual([1]);
});

test('metric-pump.P4: a flush behind an exporter that hangs ends within five seconds', async () => {
  const { pump } = open(never);
  await jest.advanceTimersByTimeAsync(60_000);
  const flushed = jest.fn();
  void pump.flush().then(flushed);
  await jest.advanceTimersByTimeAsync(5_000);
  expect(flushed).toHaveBeenCalledTimes(1);
});

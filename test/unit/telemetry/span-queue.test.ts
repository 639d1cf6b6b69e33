// The queue before an exporter, under fake timers: bounded, and no exporter's business is the app's.
import type { Span } from '../../../src/telemetry/traces/span';
import { createSpanQueue, type SpanQueue } from '../../../src/telemetry/traces/span-queue';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const span: Span = {
  context: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), isSampled: true },
  ...{ parentSpanId: undefined, name: 'step', kind: 'internal', startMs: 1, endMs: 2 },
  ...{ attributes: {}, error: undefined, links: [] },
};

interface Opened {
  readonly queue: SpanQueue;
  readonly batches: number[];
  readonly counts: Readonly<Record<string, number>>;
  readonly add: (spans: number) => void;
}

function open(exporting: () => Promise<void>): Opened {
  const batches: number[] = [];
  const counts: Record<string, number> = {};
  const queue = createSpanQueue(
    {
      export: (spans) => {
        batches.push(spans.length);
        return exporting();
      },
    },
    (result, spans) => void (counts[result] = (counts[result] ?? 0) + spans),
  );
  const add = (spans: number): void => {
    for (let count = 0; count < spans; count++) queue.add(span);
  };
  return { queue, batches, counts, add };
}

/** Exports that end when the test says so. */
function held() {
  const ends: (() => void)[] = [];
  return {
    begin: () => new Promise<void>((resolve) => void ends.push(resolve)),
    end: () => ends.splice(0).forEach((end) => end()),
  };
}

const never = (): Promise<void> => new Promise(() => undefined);

test('spans go out together, within a second', async () => {
  const { add, batches, counts } = open(() => Promise.resolve());
  add(3);
  expect(batches).toEqual([]);
  await jest.advanceTimersByTimeAsync(1_000);
  expect([batches, counts]).toEqual([[3], { exported: 3 }]);
});

test('a batch holds at most 512 spans, and goes out at once when it is full', async () => {
  const { add, queue, batches } = open(() => Promise.resolve());
  add(1_100);
  await queue.flush();
  expect(batches).toEqual([512, 512, 76]);
});

test('span-queue.Q4: a hundred orders in five seconds are seven requests, though each takes a while', async () => {
  const exporting = held();
  const { add, batches, counts } = open(exporting.begin);
  for (let order = 0; order < 100; order++) {
    if (order % 4 === 0) exporting.end();
    for (let few = 0; few < 9; few++) {
      add(3);
      await jest.advanceTimersByTimeAsync(5);
    }
    await jest.advanceTimersByTimeAsync(5);
  }
  exporting.end();
  await jest.advanceTimersByTimeAsync(1_000);
  exporting.end();
  await jest.advanceTimersByTimeAsync(0);
  expect(counts).toEqual({ exported: 2_700 });
  expect(batches.length).toBeLessThanOrEqual(7);
});

test('span-queue.Q4: what comes while a batch is exported goes out a second after it came', async () => {
  const exporting = held();
  const { add, batches } = open(exporting.begin);
  add(512);
  add(3);
  await jest.advanceTimersByTimeAsync(100);
  exporting.end();
  await jest.advanceTimersByTimeAsync(899);
  expect(batches).toEqual([512]);
  await jest.advanceTimersByTimeAsync(1);
  expect(batches).toEqual([512, 3]);
});

test('behind an exporter that hangs at most 2,048 spans wait; the others are dropped and counted', async () => {
  const { add, batches, counts } = open(never);
  add(512);
  add(3_000);
  await jest.advanceTimersByTimeAsync(5_000);
  expect([batches, counts]).toEqual([[512], { dropped: 952 }]);
});

test('an export that takes longer than ten seconds counts as failed, and the next one begins', async () => {
  const { add, batches, counts } = open(never);
  add(600);
  await jest.advanceTimersByTimeAsync(10_000);
  expect([batches, counts]).toEqual([[512, 88], { failed: 512 }]);
});

test.each([
  ['rejects', () => Promise.reject(new Error('refused'))],
  [
    'throws',
    () => {
      throw new Error('broken');
    },
  ],
])(
  'what an exporter that %s was given is counted as failed, and nothing is thrown',
  async (_how, exporting) => {
    const { add, queue, counts } = open(exporting);
    add(2);
    await expect(queue.flush()).resolves.toBeUndefined();
    expect(counts).toEqual({ failed: 2 });
  },
);

test('its timers keep no process alive', () => {
  jest.useRealTimers();
  const { add } = open(never);
  const timers = jest.spyOn(global, 'setTimeout');
  add(1);
  expect((timers.mock.results[0]?.value as NodeJS.Timeout).hasRef()).toBe(false);
});

// Timer triggers under a manual clock, without an app: the handler is the test's own.
import { ManualClock } from '../../src/kit/clock';
import type { Invoke, TriggerEvent } from '../../src/host/invocation';
import { createHostLogger } from '../../src/kit/log';
import { timerTrigger } from '../../src/host/timer-trigger';
import type { TriggerListener } from '../../src/host/trigger-kind';
import { createTimerStore } from '../../src/host/timer-store';
import { Journal } from '../../src/storage/journal';
import { until } from '../../src/kit/until';
import { hostedFunction, noWorker } from '../../testing/hosted-function';

const START_MS = Date.UTC(2026, 0, 1, 0, 0, 30);
const MINUTE_MS = 60_000;

interface TimerInfo {
  readonly IsPastDue: boolean;
  readonly ScheduleStatus: { readonly Last: string; readonly Next: string; readonly LastUpdated: string };
}

let journal: Journal;
let clock: ManualClock;
let runs: TimerInfo[];
let lines: string[];
let handler: () => Promise<void>;
const open: TriggerListener[] = [];

beforeEach(() => {
  journal = new Journal(':memory:');
  clock = new ManualClock(START_MS);
  runs = [];
  lines = [];
  handler = () => Promise.resolve();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((listener) => listener.close()));
  await journal.close();
});

async function start(options: object): Promise<TriggerListener> {
  const fn = hostedFunction('Tick', 'timer', { type: 'timerTrigger', ...options });
  const invoke: Invoke = async (_fn, event: TriggerEvent) => {
    runs.push(JSON.parse(event.data?.json ?? '') as TimerInfo);
    await handler();
    return {};
  };
  const log = createHostLogger({
    levels: {},
    isColoured: false,
    now: () => 0,
    sink: (text) => lines.push(text),
  });
  const listener = timerTrigger({
    timers: { status: createTimerStore(journal) },
    clock,
    log,
    timeZone: undefined,
    leaseRecoveryMs: 0,
  }).listen([fn], invoke, noWorker);
  open.push(listener);
  await listener.start();
  return listener;
}

/** Lets time pass once the timer waits for its next occurrence, and waits for the run. */
async function tick(byMs: number, expectedRuns: number): Promise<void> {
  await until('an armed timer', () => clock.nextDueMs() !== undefined);
  clock.advance(byMs);
  await until(`${expectedRuns} runs`, () => runs.length === expectedRuns);
}

test('a timer runs at each occurrence, with the status of its schedule', async () => {
  await start({ schedule: '0 * * * * *' });
  await tick(MINUTE_MS, 1);
  await tick(MINUTE_MS, 2);
  expect(runs.map((run) => run.ScheduleStatus)).toEqual([
    {
      Last: '0001-01-01T00:00:00+00:00',
      Next: '2026-01-01T00:01:00.000+00:00',
      LastUpdated: '2026-01-01T00:00:30.000+00:00',
    },
    {
      Last: '2026-01-01T00:01:00.000+00:00',
      Next: '2026-01-01T00:02:00.000+00:00',
      LastUpdated: expect.any(String) as string,
    },
  ]);
  expect(runs.some((run) => run.IsPastDue)).toBe(false);
});

test('an occurrence missed while the host was down runs once, past due, at the start', async () => {
  const first = await start({ schedule: '0 * * * * *' });
  await tick(MINUTE_MS, 1);
  await until('an armed timer', () => clock.nextDueMs() !== undefined);
  await first.close();
  clock.advance(10 * MINUTE_MS);
  await start({ schedule: '0 * * * * *' });
  await until('the run past due', () => runs.length === 2);
  expect(runs[1]?.IsPastDue).toBe(true);
  await tick(MINUTE_MS, 3);
  expect(runs[2]?.IsPastDue).toBe(false);
});

test.each([
  [
    'with useMonitor false',
    { schedule: '0 * * * * *', useMonitor: false },
    { schedule: '0 * * * * *', useMonitor: false },
  ],
  ['more often than once a minute', { schedule: '*/10 * * * * *' }, { schedule: '*/10 * * * * *' }],
  ['with another schedule than before', { schedule: '0 * * * * *' }, { schedule: '0 0 * * * *' }],
])('a timer %s is never past due', async (_, before, after) => {
  const first = await start(before);
  await tick(MINUTE_MS, 1);
  await until('an armed timer', () => clock.nextDueMs() !== undefined);
  await first.close();
  clock.advance(10 * MINUTE_MS);
  await start(after);
  expect(runs).toHaveLength(1);
  expect(clock.nextDueMs()).toBeGreaterThan(clock.now());
});

test('runOnStartup runs it once at the start, not past due', async () => {
  await start({ schedule: '0 * * * * *', runOnStartup: true });
  await until('the first run', () => runs.length === 1);
  expect(runs[0]?.IsPastDue).toBe(false);
});

test('runs never overlap: occurrences that pass during a run are skipped', async () => {
  let finish: () => void = () => undefined;
  handler = () => new Promise((resolve) => (finish = resolve));
  await start({ schedule: '0 * * * * *' });
  await tick(MINUTE_MS, 1);
  clock.advance(10 * MINUTE_MS);
  expect([runs.length, clock.nextDueMs()]).toEqual([1, undefined]);
  finish();
  handler = () => Promise.resolve();
  await until('an armed timer', () => clock.nextDueMs() !== undefined);
  expect((clock.nextDueMs() ?? 0) - clock.now()).toBeLessThanOrEqual(MINUTE_MS);
  expect(runs).toHaveLength(1);
});

test('a run by hand waits for the run that is going on', async () => {
  let finish: () => void = () => undefined;
  handler = () => new Promise((resolve) => (finish = resolve));
  const listener = await start({ schedule: '0 * * * * *' });
  await tick(MINUTE_MS, 1);
  listener.runNow?.('Tick');
  await new Promise((resolve) => setImmediate(resolve));
  expect(runs).toHaveLength(1);
  handler = () => Promise.resolve();
  finish();
  await until('the run by hand', () => runs.length === 2);
});

test('a run that throws does not end the timer', async () => {
  handler = () => Promise.reject(new Error('no'));
  await start({ schedule: '00:10:00' });
  await tick(10 * MINUTE_MS, 1);
  await tick(10 * MINUTE_MS, 2);
});

test('close waits for the run and lets no other begin', async () => {
  let finish: () => void = () => undefined;
  handler = () => new Promise((resolve) => (finish = resolve));
  const listener = await start({ schedule: '0 * * * * *' });
  await tick(MINUTE_MS, 1);
  let isClosed = false;
  const closed = listener.close().then(() => (isClosed = true));
  listener.runNow?.('Tick');
  await new Promise((resolve) => setImmediate(resolve));
  expect(isClosed).toBe(false);
  finish();
  await closed;
  expect([runs.length, clock.nextDueMs()]).toEqual([1, undefined]);
});

const DAY_MS = 24 * 60 * MINUTE_MS;

test('timer-trigger.T5: a clock that is put back during a run does not silence the timer', async () => {
  handler = () => {
    clock.advance(-DAY_MS);
    return Promise.resolve();
  };
  await start({ schedule: '0 * * * * *' });
  await tick(MINUTE_MS, 1);
  await until('an armed timer', () => clock.nextDueMs() !== undefined);
  expect((clock.nextDueMs() ?? 0) - clock.now()).toBeLessThanOrEqual(MINUTE_MS);
});

test('timer-trigger.T5: a clock that is put back while the host is down does not silence the timer', async () => {
  const first = await start({ schedule: '0 * * * * *' });
  await tick(MINUTE_MS, 1);
  await until('an armed timer', () => clock.nextDueMs() !== undefined);
  await first.close();
  clock.advance(-DAY_MS);
  await start({ schedule: '0 * * * * *' });
  expect((clock.nextDueMs() ?? 0) - clock.now()).toBeLessThanOrEqual(MINUTE_MS);
  expect(runs).toHaveLength(1);
});

test('a timer without a schedule is refused by name', async () => {
  await expect(start({})).rejects.toThrow('Function Tick is a timer without a schedule');
});

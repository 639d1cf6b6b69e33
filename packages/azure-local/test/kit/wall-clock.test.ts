// Alarms by the wall clock, when it is set and when the machine slept.
import { wallClock } from '../../src/kit/clock';

const HOUR_MS = 3_600_000;

beforeEach(() => jest.useFakeTimers());
afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});

const alarmIn = (ms: number): jest.Mock => {
  const onDue = jest.fn();
  const clock = wallClock();
  clock.alarm(clock.now() + ms, onDue);
  return onDue;
};

test('an alarm comes once, at its moment', () => {
  const onDue = alarmIn(2 * HOUR_MS);
  jest.advanceTimersByTime(2 * HOUR_MS - 1);
  expect(onDue).not.toHaveBeenCalled();
  jest.advanceTimersByTime(2 * HOUR_MS);
  expect(onDue).toHaveBeenCalledTimes(1);
});

test('a timer that ends a millisecond early is not yet an alarm', () => {
  const setTimer = globalThis.setTimeout;
  jest
    .spyOn(globalThis, 'setTimeout')
    .mockImplementation((run: () => void, ms = 0) => setTimer(run, Math.max(0, ms - 1)));
  const clock = wallClock();
  const dueMs = clock.now() + 10_000;
  const moments: number[] = [];
  clock.alarm(dueMs, () => moments.push(clock.now()));
  jest.advanceTimersByTime(20_000);
  expect(moments).toEqual([dueMs]);
});

test('an alarm whose moment passed while the machine slept comes within half a minute', () => {
  const onDue = alarmIn(HOUR_MS);
  jest.setSystemTime(Date.now() + 8 * HOUR_MS);
  jest.advanceTimersByTime(31_000);
  expect(onDue).toHaveBeenCalledTimes(1);
});

test('a clock that is put back does not keep an alarm waiting longer', () => {
  const onDue = alarmIn(HOUR_MS);
  jest.setSystemTime(Date.now() - 8 * HOUR_MS);
  jest.advanceTimersByTime(HOUR_MS);
  expect(onDue).toHaveBeenCalledTimes(1);
});

test('an alarm that is cancelled between two looks does not come', () => {
  const onDue = jest.fn();
  const clock = wallClock();
  const alarm = clock.alarm(clock.now() + HOUR_MS, onDue);
  jest.advanceTimersByTime(HOUR_MS / 2);
  alarm.cancel();
  jest.advanceTimersByTime(HOUR_MS);
  expect(onDue).not.toHaveBeenCalled();
});

// What the end of a task leads to by itself: polls, retries, stretches of long timers. durable-tasks.T1: head of tasks.ts.
import { NO_ORIGIN, followUp, type ActivityTask, type Retry, type TimerTask } from '../../src/durable/tasks';

const DAY_MS = 86_400_000;
const LONGEST_MS = 3650 * DAY_MS;
const retry: Retry = { firstIntervalMs: 100, maxAttempts: 3, backoff: 2, attempt: 1, firstAtMs: 1_000 };
const call = (more: Partial<Retry> = {}): ActivityTask => ({
  ...{ kind: 'activity', id: 4, name: 'ship', input: '1' },
  retry: { ...retry, ...more },
});
const failed = { hasFailed: true };
const timer = (more: Partial<TimerTask>): TimerTask => ({
  ...{ kind: 'timer', id: 0, fireAtMs: 10, finalMs: 10, origin: 0, createdAt: '' },
  ...more,
});

describe('a call with retry options', () => {
  test('that succeeded leads to nothing, nor does a failed one without', () => {
    const { retry: _, ...plain } = call();
    expect([followUp(call(), {}, 0), followUp(plain, failed, 0)]).toEqual([undefined, undefined]);
  });

  test('leads to a timer after which the same call is made once more', () => {
    expect(followUp(call(), failed, 5_000)).toEqual({
      ...{ kind: 'timer', dueMs: 5_100, origin: NO_ORIGIN },
      then: { kind: 'activity', name: 'ship', input: '1', isFollowUp: true, retry: { ...retry, attempt: 2 } },
    });
  });

  test('waits longer each time, and as long as it may at most', () => {
    const waits = (more: Partial<Retry>): unknown => followUp(call(more), failed, 0);
    expect(waits({ attempt: 2 })).toMatchObject({ dueMs: 200 });
    expect(waits({ attempt: 2, maxIntervalMs: 150 })).toMatchObject({ dueMs: 150 });
    expect(waits({ attempt: 900, maxAttempts: 1000 })).toMatchObject({ dueMs: LONGEST_MS });
  });

  test('durable-tasks.T1: leads to a timer after its last attempt too, and to no call', () => {
    expect(followUp(call({ attempt: 3 }), failed, 0)).toEqual({
      ...{ kind: 'timer', dueMs: 400, origin: NO_ORIGIN },
    });
  });

  test('fails for good from the moment its retry timeout is over, counted from the first attempt', () => {
    const late = call({ timeoutMs: 500 });
    expect(followUp(late, failed, 1_499)).toMatchObject({ kind: 'timer' });
    expect(followUp(late, failed, 1_500)).toMatchObject({ kind: 'timedOut', why: 'retryTimeout' });
  });
});

test('a 202 of durable HTTP is polled again after the delay, by a call that takes its sequence id at once', () => {
  const { retry: _, ...http } = call();
  expect(followUp(http, { poll: { delayMs: 30, input: '"there"' } }, 1_000)).toEqual({
    ...{ kind: 'timer', dueMs: 1_030, origin: NO_ORIGIN, isReserving: true },
    then: { kind: 'activity', name: 'ship', input: '"there"', isFollowUp: true },
  });
});

describe('a timer', () => {
  test('of the code has no follow-up, a long one is followed by its next part', () => {
    expect(followUp(timer({}), {}, 10)).toBeUndefined();
    expect(followUp(timer({ id: 5, finalMs: 30 }), {}, 10)).toEqual({ kind: 'timer', dueMs: 30, origin: 0 });
  });

  test('of the host is followed by its call, under the sequence id reserved for it', () => {
    const { id: _, ...then } = call();
    expect(followUp(timer({ origin: NO_ORIGIN, then }), {}, 10)).toEqual({ kind: 'call', call: then });
    const reserved = timer({ origin: NO_ORIGIN, then, thenId: 7 });
    expect(followUp(reserved, {}, 10)).toEqual({ kind: 'call', call: then, id: 7 });
  });
});

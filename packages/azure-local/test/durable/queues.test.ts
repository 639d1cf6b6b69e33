// What the durable engine keeps its work in: the queue of jobs, the alarms of timers, the tasks under way, the inbox.
import { ManualClock } from '../../src/kit/clock';
import { Dispatcher } from '../../src/durable/dispatcher';
import type { StartFacts } from '../../src/durable/history-events';
import { HTTP_ACTIVITY, type callHttp } from '../../src/durable/http-activity';
import { pendingInstance, type Instance, type Message } from '../../src/durable/instance';
import { gatherMessages, hasMessages, isLarge, takeInbox } from '../../src/durable/replay';
import type { ActivityTask, Task, TimerTask } from '../../src/durable/tasks';
import { TimerSet } from '../../src/durable/timer-set';
import { Outstanding, WorkQueue } from '../../src/durable/work-queue';

const FACTS: StartFacts = {
  id: 'o-1',
  executionId: 'x',
  name: 'order',
  version: null,
  input: null,
  generation: null,
};

const turn = (): Promise<void> => new Promise(setImmediate);

const timer = (id: number, fireAtMs: number): TimerTask => ({
  ...{ kind: 'timer', id, fireAtMs, finalMs: fireAtMs, origin: id, createdAt: '' },
});

/** Whether nothing is going on, as far as the count of it says. */
async function isIdle(outstanding: Outstanding): Promise<boolean> {
  let idle = false;
  void outstanding.none().then(() => (idle = true));
  await turn();
  return idle;
}

/** An instance that has begun, with these tasks open. */
function running(...tasks: Task[]): Instance {
  const instance = pendingInstance(1, FACTS, 0);
  instance.inbox.length = 0;
  for (const task of tasks) instance.open.set(task.id, task);
  return instance;
}

describe('the queue of jobs', () => {
  const ends: (() => void)[] = [];
  const begun: number[] = [];
  const run = (job: number): Promise<void> => {
    begun.push(job);
    return new Promise((resolve) => ends.push(resolve));
  };

  beforeEach(() => {
    ends.length = 0;
    begun.length = 0;
  });

  test('begins as many at a time as it may, and the next when one has ended', async () => {
    const queue = new WorkQueue(2, run, new Outstanding());
    for (const job of [1, 2, 3, 4]) queue.push(job);
    expect(begun).toEqual([1, 2]);
    ends[0]?.();
    await turn();
    expect(begun).toEqual([1, 2, 3]);
  });

  test('runs every job once and in order, however many there are', async () => {
    const outstanding = new Outstanding();
    const jobs = Array.from({ length: 2_500 }, (_, job) => job);
    const done: number[] = [];
    const queue = new WorkQueue<number>(1, (job) => Promise.resolve(void done.push(job)), outstanding);
    for (const job of jobs) queue.push(job);
    await outstanding.none();
    expect(done).toEqual(jobs);
    queue.push(-1);
    await outstanding.none();
    expect(done.slice(-2)).toEqual([2_499, -1]);
  });

  test('counts a job as going on until it has ended', async () => {
    const outstanding = new Outstanding();
    const queue = new WorkQueue(1, run, outstanding);
    queue.push(1);
    queue.push(2);
    expect(await isIdle(outstanding)).toBe(false);
    ends[0]?.();
    expect(await isIdle(outstanding)).toBe(false);
    ends[1]?.();
    expect(await isIdle(outstanding)).toBe(true);
  });

  test('drops at close the jobs that have not begun, waits for those that have, and accepts no more', async () => {
    const outstanding = new Outstanding();
    const queue = new WorkQueue(1, run, outstanding);
    for (const job of [1, 2, 3]) queue.push(job);
    ends[0]?.();
    await turn();
    queue.close();
    queue.push(4);
    expect(await isIdle(outstanding)).toBe(false);
    ends[1]?.();
    expect(await isIdle(outstanding)).toBe(true);
    expect(begun).toEqual([1, 2]);
  });
});

describe('the alarms of timers', () => {
  const instance = running();
  const fired: number[] = [];
  let clock: ManualClock;
  let outstanding: Outstanding;
  let timers: TimerSet;
  const arm = (id: number, fireAtMs: number): void =>
    timers.arm(instance, timer(id, fireAtMs), () => fired.push(id));

  beforeEach(() => {
    fired.length = 0;
    clock = new ManualClock();
    outstanding = new Outstanding();
    timers = new TimerSet(clock, outstanding);
  });

  test('a timer that is due now counts as work going on until it has fired; a later one does not', async () => {
    arm(1, clock.now() + 1);
    expect(await isIdle(outstanding)).toBe(true);
    arm(2, clock.now());
    let idle = false;
    void outstanding.none().then(() => (idle = true));
    await Promise.resolve();
    expect([idle, fired]).toEqual([false, []]);
    await turn();
    expect([idle, fired]).toEqual([true, [2]]);
  });

  test('a due timer that is cancelled is not waited for', async () => {
    arm(1, clock.now());
    timers.silence(instance, 1);
    await outstanding.none();
    await turn();
    expect(fired).toEqual([]);
  });

  test('cancelling a timer leaves all other timers as they are', () => {
    const other = running();
    arm(1, clock.now() + 1);
    arm(2, clock.now() + 1);
    timers.arm(other, timer(1, clock.now() + 1), () => fired.push(10));
    timers.silence(instance, 1);
    timers.silence(instance, 99);
    clock.advance(1);
    expect(fired).toEqual([2, 10]);
  });

  test('none fires after the end, and what was due is not waited for', async () => {
    arm(1, clock.now());
    arm(2, clock.now() + 1);
    timers.close();
    arm(3, clock.now());
    await outstanding.none();
    clock.advance(1);
    await turn();
    expect(fired).toEqual([]);
    expect(clock.nextDueMs()).toBeUndefined();
  });
});

describe('tasks under way', () => {
  const call: ActivityTask = { kind: 'activity', id: 0, name: HTTP_ACTIVITY, input: '{}' };
  const delivered: Message[] = [];
  const signals: AbortSignal[] = [];
  let answer: (end: Awaited<ReturnType<typeof callHttp>>) => void;
  let clock: ManualClock;
  let dispatcher: Dispatcher;

  beforeEach(() => {
    delivered.length = 0;
    signals.length = 0;
    clock = new ManualClock();
    dispatcher = new Dispatcher({
      clock,
      functions: { kindOf: () => 'activity', entities: () => [], invoke: () => Promise.resolve() },
      maxConcurrentActivities: 1,
      outstanding: new Outstanding(),
      callHttp: (_id, _input, _clock, signal) => {
        signals.push(signal);
        return new Promise((resolve) => (answer = resolve));
      },
      deliver: (_instance, message) => delivered.push(message),
    });
  });

  test('a durable HTTP call is given up when the engine has stopped, not when it begins to close', () => {
    dispatcher.dispatch(running(call), call);
    dispatcher.close();
    expect(signals[0]?.aborted).toBe(false);
    dispatcher.abandon();
    expect(signals[0]?.aborted).toBe(true);
  });

  test('an activity that is no longer open does not begin, and the end of such a one is dropped', async () => {
    const instance = running(call);
    dispatcher.dispatch(instance, call);
    const second: ActivityTask = { ...call, id: 1 };
    instance.open.set(1, second);
    dispatcher.dispatch(instance, second);
    instance.open.clear();
    answer({ event: '{}' });
    await turn();
    dispatcher.dispatch(instance, { ...call, id: 2 });
    await turn();
    expect([signals.length, delivered]).toEqual([1, []]);
  });

  test('no timer fires when the engine has begun to close', () => {
    const late = timer(3, clock.now() + 1);
    dispatcher.dispatch(running(late), late);
    dispatcher.close();
    clock.advance(1);
    expect(delivered).toEqual([]);
  });

  test('the end of an activity says which task it ends', async () => {
    const second: ActivityTask = { ...call, id: 7 };
    dispatcher.dispatch(running(second), second);
    answer({ event: '{"ended":1}', hasFailed: true });
    await turn();
    expect(delivered).toEqual([{ kind: 'task', taskId: 7, event: '{"ended":1}', hasFailed: true }]);
  });
});

describe('the inbox', () => {
  const retry = { firstIntervalMs: 1, maxAttempts: 3, backoff: 1, attempt: 1, firstAtMs: 0 };
  const plain: ActivityTask = { kind: 'activity', id: 0, name: 'plain' };
  const retried: ActivityTask = { kind: 'activity', id: 1, name: 'retried', retry };
  const ended = (taskId: number, hasFailed = false): Message => ({
    ...{ kind: 'task', event: `end of ${taskId}`, taskId, hasFailed },
  });
  const events = (messages: readonly Message[]): string[] => messages.map(({ event }) => event);

  test('drops the end of a task that is not open, and closes the tasks whose end it takes', () => {
    const instance = running(plain);
    instance.inbox.push(ended(5), ended(0), ended(0));
    expect(events(takeInbox(instance, 0).messages)).toEqual(['end of 0']);
    expect([instance.inbox, instance.open.size]).toEqual([[], 0]);
  });

  test('durable-tasks.T2: keeps a message with a follow-up, and all behind it, for the head of the next episode', () => {
    const instance = running(plain, retried);
    instance.inbox.push(ended(0), ended(1, true), { kind: 'raise', event: 'later' });
    expect(takeInbox(instance, 0)).toMatchObject({ followUps: [], messages: [{ taskId: 0 }] });
    expect(events(instance.inbox)).toEqual(['end of 1', 'later']);
    const next = takeInbox(instance, 0);
    expect(events(next.messages)).toEqual(['end of 1', 'later']);
    expect(next.followUps).toMatchObject([{ kind: 'timer', dueMs: 1 }]);
  });

  test('of a suspended instance hands out messages without follow-up, and keeps the rest in order', () => {
    const instance = running(plain, retried);
    instance.suspended = true;
    instance.inbox.push(ended(1, true));
    expect(hasMessages(instance, 0)).toBe(false);
    instance.inbox.push(ended(0));
    expect(hasMessages(instance, 0)).toBe(true);
    expect(events(takeInbox(instance, 0).messages)).toEqual(['end of 0']);
    expect(events(instance.inbox)).toEqual(['end of 1']);
    instance.suspended = false;
    expect(hasMessages(instance, 0)).toBe(true);
  });

  test('of an instance with a long history gathers more messages before a replay, while messages keep arriving', async () => {
    const instance = running(...Array.from({ length: 100 }, (_, id) => ({ ...plain, id })));
    instance.scheduled.push(...Array.from({ length: 99 }, () => ({ kind: 'timer' }) as const));
    expect(isLarge(instance)).toBe(false);
    instance.scheduled.push({ kind: 'timer' });
    expect(isLarge(instance)).toBe(true);
    let isComing = true;
    const come = (): void => {
      instance.inbox.push(ended(instance.inbox.length));
      if (isComing && instance.inbox.length < 100) setImmediate(come);
    };
    come();
    await gatherMessages(instance);
    isComing = false;
    expect(instance.inbox.length).toBeGreaterThanOrEqual(13);
    expect(instance.inbox.length).toBeLessThan(20);

    const silent = running(...instance.open.values());
    silent.inbox.push(ended(0));
    await gatherMessages(silent);
    expect(silent.inbox).toHaveLength(1);
  });
});

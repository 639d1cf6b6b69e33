// The durable engine through the unmodified durable-functions SDK under a manual clock: time, limits, sequence ids.
// Q… and E…: invariants at the head of engine.ts and episode.ts.
import * as df from 'durable-functions';
import { raiseEvent } from '../../src/durable/client';
import {
  cleanUp,
  countEvents,
  openHub,
  openWithHeld,
  until,
  type StatusBody,
} from '../../testing/durable-harness';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const runs = new Map<string, number>();

beforeAll(() => {
  df.app.activity('echo', { handler: (input: unknown) => input });
  df.app.activity('held', { handler: () => 'never called: a stand-in takes its place' });
  df.app.orchestration('fanOut', function* (context) {
    const width = context.df.getInput<number>();
    const tasks = Array.from({ length: width }, (_, index) => context.df.callActivity('held', index));
    return (yield context.df.Task.all(tasks)) as unknown;
  });
  df.app.orchestration('fanOutEcho', function* (context) {
    const tasks = Array.from({ length: context.df.getInput<number>() }, (_, index) =>
      context.df.callActivity('echo', index),
    );
    return (yield context.df.Task.all(tasks)) as unknown;
  });
  df.app.orchestration('approval', function* (context) {
    const deadline = context.df.createTimer(
      new Date(context.df.currentUtcDateTime.getTime() + 5 * MINUTE_MS),
    );
    const approval = context.df.waitForExternalEvent('approve');
    const winner: unknown = yield context.df.Task.any([deadline, approval]);
    if (winner !== approval) return 'timed out';
    deadline.cancel();
    return approval.result;
  });
  df.app.orchestration('cancelThenWork', function* (context) {
    const timer = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + MINUTE_MS));
    yield context.df.Task.any([timer, context.df.waitForExternalEvent('go')]);
    timer.cancel();
    return (yield context.df.callActivity('held', 'work')) as unknown;
  });
  df.app.orchestration('twoTimers', function* (context) {
    const now = context.df.currentUtcDateTime.getTime();
    const late = context.df.createTimer(new Date(now + 2 * MINUTE_MS));
    const early = context.df.createTimer(new Date(now + MINUTE_MS));
    const winner: unknown = yield context.df.Task.any([late, early]);
    late.cancel();
    yield context.df.callActivity('echo', 'after');
    return winner === early ? 'early' : 'late';
  });
  df.app.orchestration('uncancelled', function* (context) {
    const timer = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + MINUTE_MS));
    yield context.df.Task.any([timer, context.df.waitForExternalEvent('go')]);
    return 'done';
  });
  df.app.orchestration('pastTimer', function* (context) {
    yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() - MINUTE_MS));
  });
  df.app.orchestration('longTimer', function* (context) {
    yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 8 * DAY_MS));
    return (yield context.df.callActivity('echo', context.df.currentUtcDateTime.toISOString())) as unknown;
  });
  df.app.orchestration('version', function* (context) {
    yield context.df.callActivity('echo', 1);
    return (context.df as unknown as { version: unknown }).version;
  } as df.OrchestrationHandler);
  df.app.orchestration('twiceTheSameTask', function* (context) {
    const slow = context.df.callActivity('held', 'once');
    const event = context.df.waitForExternalEvent('go');
    yield context.df.Task.any([slow, event]);
    const other = context.df.waitForExternalEvent('other');
    yield context.df.Task.any([slow, other]);
    return 'done';
  });
  df.app.orchestration('changedKind', function* (context) {
    const run = (runs.get(context.df.instanceId) ?? 0) + 1;
    runs.set(context.df.instanceId, run);
    if (run > 1) yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 1));
    yield context.df.callActivity('echo', 1);
  });
});

afterEach(cleanUp);

describe('time', () => {
  test('a timeout of five minutes passes when the clock is moved, and not before', async () => {
    const { clock, engine, start, settled } = await openHub();
    const id = await start('approval');
    await engine.idle();
    clock.advance(5 * MINUTE_MS - 1);
    expect((await settled(id)).runtimeStatus).toBe('Running');
    clock.advance(1);
    expect(await settled(id)).toMatchObject({ runtimeStatus: 'Completed', output: 'timed out' });
  });

  test('a timer in the past fires at once: the engine is not idle before', async () => {
    const { engine, start } = await openHub();
    const id = await start('pastTimer');
    await engine.idle();
    expect(engine.unfinished(id)).toBeUndefined();
  });

  test('a cancelled timer is not waited for and never fires', async () => {
    const { clock, start, raise, settled } = await openHub();
    const id = await start('approval');
    await raise(id, 'approve', { by: 'Ada' });
    const status = await settled(id);
    expect(status).toMatchObject({ runtimeStatus: 'Completed', output: { by: 'Ada' } });
    expect(countEvents(status, 'TimerFired')).toBe(0);
    expect(clock.nextDueMs()).toBeUndefined();
  });

  test('of two timers in Task.any the earlier wins and the other is cancelled', async () => {
    const { clock, engine, start, settled } = await openHub();
    const id = await start('twoTimers');
    await engine.idle();
    clock.advance(MINUTE_MS);
    expect(await settled(id)).toMatchObject({ runtimeStatus: 'Completed', output: 'early' });
    expect(clock.nextDueMs()).toBeUndefined();
  });

  test('durable-episode.E3: an uncancelled timer keeps the instance Running after the code has returned', async () => {
    const { clock, start, raise, settled } = await openHub();
    const id = await start('uncancelled');
    await raise(id, 'go', 1);
    expect((await settled(id)).runtimeStatus).toBe('Running');
    clock.advance(MINUTE_MS);
    expect(await settled(id)).toMatchObject({ runtimeStatus: 'Completed', output: 'done' });
  });

  test('a timer of eight days is waited for in stretches of three and then fires once for the code', async () => {
    const { clock, engine, start, settled } = await openHub();
    const begunMs = clock.now();
    const id = await start('longTimer');
    const dueDays: number[] = [];
    for (let stretch = 0; stretch < 2; stretch += 1) {
      await engine.idle();
      dueDays.push(((clock.nextDueMs() ?? 0) - begunMs) / DAY_MS);
      clock.advance((clock.nextDueMs() ?? 0) - clock.now());
    }
    expect(dueDays).toEqual([3, 8]);
    const status = await settled(id);
    expect(status).toMatchObject({
      runtimeStatus: 'Completed',
      output: new Date(begunMs + 8 * DAY_MS).toISOString(),
    });
  });
});

describe('what crosses an episode that is running', () => {
  test('durable-engine.Q4: a timer that fired while the code was cancelling it is not in the history', async () => {
    const { clock, engine, start, settled, held } = await openWithHeld();
    const id = await start('cancelThenWork');
    await engine.idle();
    void raiseEvent(engine, id, 'go', '1');
    clock.advance(MINUTE_MS);
    await until(() => held.length === 1);
    held[0]?.end('worked');
    const status = await settled(id);
    expect(status).toMatchObject({ runtimeStatus: 'Completed', output: 'worked' });
    expect(countEvents(status, 'TimerFired')).toBe(0);
  });

  test('durable-engine.Q7: an event that arrives during the last episode changes nothing', async () => {
    const { engine, start, settled, invocations } = await openHub();
    const id = await start('approval');
    await engine.idle();
    void raiseEvent(engine, id, 'approve', '"first"');
    void raiseEvent(engine, id, 'approve', '"second"');
    const status = await settled(id);
    expect(status).toMatchObject({ runtimeStatus: 'Completed', output: 'first' });
    expect(countEvents(status, 'EventRaised')).toBe(1);
    expect(invocations).toHaveLength(2);
  });
});

describe('limits', () => {
  test('no more activities run at a time than allowed, and all run in the end', async () => {
    const { start, settled, held } = await openWithHeld({ maxConcurrentActivities: 3 });
    const id = await start('fanOut', 8);
    for (let ended = 0; ended < 8; ended += 1) {
      await until(() => held.length > ended);
      expect(held.length - ended).toBeLessThanOrEqual(3);
      held[ended]?.end(ended);
    }
    expect(await settled(id)).toMatchObject({ output: [0, 1, 2, 3, 4, 5, 6, 7] });
  });

  test('results that arrive together are one replay', async () => {
    const { start, settled, held, invocations } = await openWithHeld({ maxConcurrentOrchestrators: 1 });
    const id = await start('fanOut', 5);
    await until(() => held.length === 5);
    for (const { end } of held) end('x');
    await settled(id);
    expect(invocations.filter(({ kind }) => kind === 'orchestrator').length).toBeLessThanOrEqual(3);
  });
});

test('a fan-out of 1,000 activities completes within a few replays of its long history', async () => {
  const { start, settled, invocations } = await openHub();
  const status = await settled(await start('fanOutEcho', 1000));
  expect(status.output).toEqual(Array.from({ length: 1000 }, (_, index) => index));
  expect(countEvents(status, 'TaskCompleted')).toBe(1000);
  expect(invocations.filter(({ kind }) => kind === 'activity')).toHaveLength(1000);
  expect(invocations.filter(({ kind }) => kind === 'orchestrator').length).toBeLessThan(30);
});

describe('sequence ids', () => {
  test('durable-episode.E1: a task object passed to a second Task.any is scheduled a second time, as on the platform', async () => {
    const { call, start, raise, held } = await openWithHeld();
    const id = await start('twiceTheSameTask');
    await until(() => held.length === 1);
    await raise(id, 'go', 1);
    await until(() => held.length === 2);
    expect(held.map(({ input }) => input)).toEqual(['"once"', '"once"']);
    const { body } = await call('GET', `/instances/${id}?showHistory=true`);
    expect(countEvents(body as StatusBody, 'TaskScheduled')).toBe(2);
  });

  test('durable-episode.E2: code that asks for a timer where the history has an activity is refused by sequence number', async () => {
    const { start, settled } = await openHub();
    const status = await settled(await start('changedKind'));
    expect(status.runtimeStatus).toBe('Failed');
    expect(status.output).toMatch(
      /^Non-Deterministic workflow detected: .* sequence number 0 named 'echo', .* a CreateTimerOrchestratorAction action /,
    );
    expect(countEvents(status, 'TimerCreated')).toBe(1);
  });
});

test('the version given at the start is what the code sees', async () => {
  const { call, settled } = await openHub();
  const started = await call('POST', '/orchestrators/version/v?version=2.0');
  expect(started.status).toBe(202);
  expect((await settled('v')).output).toBe('2.0');
});

test('durable-engine.Q7: an ended instance is not in memory', async () => {
  const { engine, start, settled, raise } = await openHub();
  const id = await start('approval');
  await engine.idle();
  expect(engine.unfinished(id)).toBeDefined();
  await raise(id, 'approve', 1);
  await settled(id);
  expect(engine.unfinished(id)).toBeUndefined();
});

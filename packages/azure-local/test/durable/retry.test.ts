// Retry options of the SDK and continue-as-new beyond the recordings: races with other events, suspension, limits.
// T…: invariants at the head of tasks.ts.
import * as df from 'durable-functions';
import { raiseEvent, startInstance } from '../../src/durable/client';
import { cleanUp, countEvents, openHub, openWithHeld, until } from '../../testing/durable-harness';

const SECOND_MS = 1000;

beforeAll(() => {
  df.app.activity('echo', { handler: (input: unknown) => input });
  df.app.activity('held', { handler: () => 'never called: a stand-in takes its place' });
  const fail = (message: unknown): never => {
    throw new Error(String(message));
  };
  df.app.activity('fails', { handler: fail });
  const retry = (attempts: number, more: Partial<df.RetryOptions> = {}): df.RetryOptions =>
    Object.assign(new df.RetryOptions(SECOND_MS, attempts), more);

  df.app.orchestration('retried', function* (context) {
    return (yield context.df.callActivityWithRetry('held', retry(3), 'x')) as unknown;
  });
  df.app.orchestration('doubling', function* (context) {
    const options = retry(5, { backoffCoefficient: 2, maxRetryIntervalInMilliseconds: 3000 });
    yield context.df.callActivityWithRetry('fails', options, 'no');
  });
  df.app.orchestration('timesOut', function* (context) {
    yield context.df.callActivityWithRetry('fails', retry(9, { retryTimeoutInMilliseconds: 1500 }), 'no');
  });
  df.app.orchestration('raceThenWork', function* (context) {
    const attempt = context.df.callActivityWithRetry('held', retry(3), 'retried');
    const go = context.df.waitForExternalEvent('go');
    const winner: unknown = yield context.df.Task.any([attempt, go]);
    const work: unknown = yield context.df.callActivity('echo', 'work');
    return [winner === go, work, (yield attempt) as unknown];
  });
  df.app.orchestration('retriedChild', function* (context) {
    return (yield context.df.callSubOrchestratorWithRetry('flakyChild', retry(3), 'k', 'kid')) as unknown;
  });
  df.app.orchestration('flakyChild', function* (context) {
    return (yield context.df.callActivity('held', 'x')) as unknown;
  });
  df.app.orchestration('counts', function* (context) {
    const seen = context.df.getInput<unknown[]>();
    const next: unknown = yield context.df.waitForExternalEvent('n');
    if (next === 'end') return seen;
    context.df.continueAsNew([...seen, next]);
    return undefined;
  } as df.OrchestrationHandler);
  df.app.orchestration('continuedChild', function* (context) {
    const left = context.df.getInput<number>();
    yield context.df.callActivity('echo', left);
    if (left > 0) context.df.continueAsNew(left - 1);
    return context.df.parentInstanceId;
  });
  df.app.orchestration('parentOfContinued', function* (context) {
    return (yield context.df.callSubOrchestrator('continuedChild', 3)) as unknown;
  });
  df.app.entity<number>('tally', (context) => context.df.setState((context.df.getState(() => 0) ?? 0) + 1));
  df.app.orchestration('signals', function* (context) {
    const left = context.df.getInput<number>();
    const timer = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + SECOND_MS));
    yield context.df.Task.any([context.df.callActivity('echo', left), timer]);
    timer.cancel();
    context.df.signalEntity(new df.EntityId('tally', 'k'), 'add');
    if (left > 1) context.df.continueAsNew(left - 1);
  });
  df.app.orchestration('hurries', function* (context) {
    const left = context.df.getInput<number>();
    if (left > 0) context.df.continueAsNew(left - 1);
  } as df.OrchestrationHandler);
  df.app.orchestration('showsStatus', function* (context) {
    const round = context.df.getInput<number>();
    if (round === 0) context.df.setCustomStatus('first');
    yield context.df.waitForExternalEvent('go');
    if (round === 0) context.df.continueAsNew(1);
  });
});

afterEach(cleanUp);

const rejected = (why: string): Promise<never> => Promise.reject(new Error(why));

describe('durable-tasks.T1: retry options', () => {
  test('double the interval up to its maximum, and wait once more after the last attempt', async () => {
    const { clock, engine, start, settled } = await openHub();
    const begunMs = clock.now();
    const id = await start('doubling');
    const waits: number[] = [];
    for (;;) {
      await engine.idle();
      const due = clock.nextDueMs();
      if (due === undefined) break;
      waits.push((due - clock.now()) / SECOND_MS);
      clock.advance(due - clock.now());
    }
    expect(waits).toEqual([1, 2, 3, 3, 3]);
    expect((clock.now() - begunMs) / SECOND_MS).toBe(12);
    const status = await settled(id);
    expect(status.output).toContain("Activity function 'fails' failed: no");
    expect(countEvents(status, 'TaskFailed')).toBe(5);
  });

  test('with a timeout end the instance by name, where the platform leaves it Running for ever', async () => {
    const { clock, engine, start, settled } = await openHub();
    const id = await start('timesOut');
    for (let turn = 0; turn < 2; turn += 1) {
      await engine.idle();
      clock.advance(SECOND_MS);
    }
    const status = await settled(id);
    expect(status.runtimeStatus).toBe('Failed');
    expect(status.output).toContain('retryTimeoutInMilliseconds');
  });

  test('make no call while the instance is suspended, and go on when it is resumed', async () => {
    const { clock, engine, start, call, settled, held } = await openWithHeld();
    const id = await start('retried');
    await until(() => held.length === 1);
    await call('POST', `/instances/${id}/suspend`);
    await until(() => engine.unfinished(id)?.status === 'Suspended');
    held[0]?.end(rejected('once'));
    await engine.idle();
    clock.advance(60 * SECOND_MS);
    await engine.idle();
    expect(held).toHaveLength(1);
    await call('POST', `/instances/${id}/resume`);
    await engine.idle();
    clock.advance(SECOND_MS);
    await until(() => held.length === 2);
    held[1]?.end('twice');
    expect(await settled(id)).toMatchObject({ runtimeStatus: 'Completed', output: 'twice' });
  });

  test('durable-tasks.T2: an event in front of a failed attempt in one batch leaves every result with its own task', async () => {
    const { clock, engine, start, settled, held } = await openWithHeld({ maxConcurrentOrchestrators: 1 });
    const id = await start('raceThenWork');
    await until(() => held.length === 1);
    // The first event keeps the orchestrator busy, so that the other two messages are consumed together.
    const raised = ['noise', 'go'].map((name) => raiseEvent(engine, id, name, '1'));
    held[0]?.end(rejected('once'));
    await Promise.all(raised);
    await engine.idle();
    clock.advance(SECOND_MS);
    await until(() => held.length === 2);
    held[1]?.end('at last');
    expect(await settled(id)).toMatchObject({
      runtimeStatus: 'Completed',
      output: [true, 'work', 'at last'],
    });
  });

  test('begin a failed sub-orchestration anew under the id that was given', async () => {
    const { clock, engine, start, settled, held } = await openWithHeld();
    const id = await start('retriedChild');
    await until(() => held.length === 1);
    held[0]?.end(rejected('once'));
    await engine.idle();
    expect((await settled('kid')).runtimeStatus).toBe('Failed');
    clock.advance(SECOND_MS);
    await until(() => held.length === 2);
    held[1]?.end('twice');
    expect(await settled(id)).toMatchObject({ runtimeStatus: 'Completed', output: 'twice' });
    expect((await settled('kid')).runtimeStatus).toBe('Completed');
  });
});

describe('continue-as-new', () => {
  test('keeps the events that the code has not waited for, in their order', async () => {
    const { engine, start, settled } = await openHub();
    const id = await start('counts', []);
    await engine.idle();
    const raised = ['1', '2', '3', '"end"'].map((data) => raiseEvent(engine, id, 'n', data));
    await Promise.all(raised);
    const status = await settled(id);
    expect(status).toMatchObject({ runtimeStatus: 'Completed', output: [1, 2, 3], input: [1, 2, 3] });
    expect(countEvents(status, 'EventRaised')).toBe(1);
  });

  test('keeps a caller that waits for the end waiting until the last execution ends', async () => {
    const { engine, start, raise, settled } = await openHub();
    const id = await start('counts', []);
    await engine.idle();
    let hasEnded = false;
    void engine.ended(id).then(() => (hasEnded = true));
    await raise(id, 'n', 1);
    await engine.idle();
    expect(hasEnded).toBe(false);
    await raise(id, 'n', 'end');
    await until(() => hasEnded);
    expect((await settled(id)).output).toEqual([1]);
  });

  test('in a child goes on until the last execution answers the parent', async () => {
    const { start, settled } = await openHub();
    const id = await start('parentOfContinued');
    expect(await settled(id)).toMatchObject({ runtimeStatus: 'Completed', output: id });
  });

  test('sends what the execution sent last, and leaves no alarm of its timers behind', async () => {
    const { clock, start, call, settled } = await openHub();
    expect((await settled(await start('signals', 3))).runtimeStatus).toBe('Completed');
    expect((await call('GET', '/entities/tally/k')).body).toBe(3);
    expect(clock.nextDueMs()).toBeUndefined();
  });

  test('that waits for nothing does not block other instances', async () => {
    const { engine } = await openHub();
    let turns = 0;
    const count = (): void => {
      turns += 1;
      counting = setImmediate(count);
    };
    let counting = setImmediate(count);
    await startInstance(engine, { name: 'hurries', id: 'id', input: '1000' });
    await engine.ended('id');
    clearImmediate(counting);
    expect(turns).toBeGreaterThanOrEqual(9);
  });

  test("clears the custom status with the next execution's first episode", async () => {
    const { start, raise, settled } = await openHub();
    const id = await start('showsStatus', 0);
    expect((await settled(id)).customStatus).toBe('first');
    await raise(id, 'go', 1);
    expect(await settled(id)).toMatchObject({ runtimeStatus: 'Running', customStatus: null, input: 1 });
  });
});

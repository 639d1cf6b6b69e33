// A crash and an orderly end of the durable engine: what the next process finds and does.
// Q…: invariants at the head of engine.ts.
import path from 'node:path';
import * as df from 'durable-functions';
import { ManualClock } from '../../src/kit/clock';
import { startInstance } from '../../src/durable/client';
import { Journal } from '../../src/storage/journal';
import { diskCopy } from '../support/durable-copies';
import {
  cleanUp,
  countEvents,
  gate,
  openEngine,
  openHub,
  openWithHeld,
  temporaryFolder,
  until,
} from '../../testing/durable-harness';

const MINUTE_MS = 60_000;

beforeAll(() => {
  df.app.activity('echo', { handler: (input: unknown) => input });
  df.app.activity('held', { handler: () => 'never called: a stand-in takes its place' });
  df.app.orchestration('twoSteps', function* (context) {
    const first: unknown = yield context.df.callActivity('echo', 'one');
    const second: unknown = yield context.df.callActivity('held', 'two');
    return [first, second];
  });
  df.app.orchestration('fanOut', function* (context) {
    const width = context.df.getInput<number>();
    const tasks = Array.from({ length: width }, (_, index) => context.df.callActivity('held', index));
    return (yield context.df.Task.all(tasks)) as unknown;
  });
  df.app.orchestration('parent', function* (context) {
    return (yield context.df.callSubOrchestratorWithRetry('kid', new df.RetryOptions(1000, 1))) as unknown;
  });
  df.app.orchestration('kid', function* (context) {
    return (yield context.df.callActivity('held', 'kid')) as unknown;
  });
  df.app.orchestration('cancelThenWork', function* (context) {
    const timer = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + MINUTE_MS));
    yield context.df.Task.any([timer, context.df.waitForExternalEvent('go')]);
    timer.cancel();
    return (yield context.df.callActivity('held', 'work')) as unknown;
  });
  df.app.orchestration('twoTimers', function* (context) {
    const inMinutes = (count: number): df.TimerTask =>
      context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + count * MINUTE_MS));
    const [later, earlier] = [inMinutes(2), inMinutes(1)];
    const winner: unknown = yield context.df.Task.any([later, earlier]);
    return winner === earlier ? 'the earlier' : 'the later';
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
});

afterEach(cleanUp);

describe('a crash', () => {
  test('durable-engine.Q2: what scheduled an activity is on disk when the activity begins', async () => {
    const file = path.join(temporaryFolder(), 'durable.db');
    let copy = '';
    const held = (): Promise<unknown> => {
      copy = diskCopy(file);
      return new Promise(() => undefined);
    };
    const first = await openHub({ file, activities: { held } });
    await first.start('fanOut', 1);
    await until(() => copy !== '');

    const second = await openWithHeld({ file: copy, clock: first.clock });
    await until(() => second.held.length === 1);
    expect(second.invocations.map(({ name }) => name)).toEqual(['held']);
  });

  test('durable-engine.Q4, durable-engine.Q5: mid-activity runs the activity again, and the history has it exactly once', async () => {
    const file = path.join(temporaryFolder(), 'durable.db');
    const first = await openWithHeld({ file });
    const id = await first.start('twoSteps');
    await until(() => first.held.length === 1);

    const second = await openWithHeld({ file: diskCopy(file), clock: first.clock });
    await until(() => second.held.length === 1);
    expect(second.held[0]?.input).toBe('"two"');
    expect(second.invocations.map(({ name }) => name)).toEqual(['held']);
    second.held[0]?.end('second');
    const status = await second.settled(id);
    expect(status).toMatchObject({ runtimeStatus: 'Completed', output: ['one', 'second'] });
    expect(countEvents(status, 'TaskCompleted')).toBe(2);
    expect(countEvents(status, 'TaskScheduled')).toBe(0);
    expect(countEvents(status, 'ExecutionStarted')).toBe(1);
  });

  test('durable-engine.Q3: an acknowledged start or event is carried out by the next process', async () => {
    const file = path.join(temporaryFolder(), 'durable.db');
    const first = await openWithHeld({ file });
    const waiting = await first.start('approval');
    await first.engine.idle();
    await first.raise(waiting, 'approve', 'yes');
    const started = await first.start('fanOut', 1);
    const copy = diskCopy(file);

    const second = await openWithHeld({ file: copy, clock: first.clock });
    await until(() => second.held.length === 1);
    second.held[0]?.end('ran');
    expect(await second.settled(started)).toMatchObject({ output: ['ran'] });
    const status = await second.settled(waiting);
    expect(status).toMatchObject({ runtimeStatus: 'Completed', output: 'yes' });
    expect(countEvents(status, 'EventRaised')).toBe(1);
  });

  test('durable-engine.Q3: the answer that an id runs is given only when its start is on disk, whoever has started it', async () => {
    const file = path.join(temporaryFolder(), 'durable.db');
    const first = await openWithHeld({ file });
    const request = { name: 'approval', id: 'the-one', input: null };
    void startInstance(first.engine, request);
    expect((await startInstance(first.engine, request)).kind).toBe('running');
    const second = await openWithHeld({ file: diskCopy(file), clock: first.clock });
    expect((await second.settled('the-one')).runtimeStatus).toBe('Running');
  });

  test('the end of a child that its suspended parent has not seen is not lost', async () => {
    const file = path.join(temporaryFolder(), 'durable.db');
    const first = await openWithHeld({ file });
    const id = await first.start('parent');
    await until(() => first.held.length === 1);
    await first.call('POST', `/instances/${id}/suspend`);
    await until(() => first.engine.unfinished(id)?.status === 'Suspended');
    first.held[0]?.end(Promise.reject(new Error('no')));
    await first.engine.idle();

    const second = await openHub({ file: diskCopy(file), clock: first.clock });
    await second.call('POST', `/instances/${id}/resume`);
    await second.engine.idle();
    second.clock.advance(1000);
    expect((await second.settled(id)).runtimeStatus).toBe('Failed');
  });

  test('timers go on, and what fell due meanwhile fires at once', async () => {
    const file = path.join(temporaryFolder(), 'durable.db');
    const first = await openHub({ file });
    const id = await first.start('approval');
    await first.engine.idle();
    const copy = diskCopy(file);
    first.clock.advance(MINUTE_MS);

    const second = await openHub({ file: copy, clock: first.clock });
    expect((await second.settled(id)).runtimeStatus).toBe('Running');
    await second.close();
    second.clock.advance(10 * MINUTE_MS);
    const third = await openHub({ file: copy, clock: second.clock });
    expect(await third.settled(id)).toMatchObject({ runtimeStatus: 'Completed', output: 'timed out' });
  });

  test('of two timers that fell due meanwhile the earlier one fires first', async () => {
    const file = path.join(temporaryFolder(), 'durable.db');
    const first = await openHub({ file });
    const id = await first.start('twoTimers');
    await first.engine.idle();
    const copy = diskCopy(file);

    const second = await openHub({
      file: copy,
      clock: new ManualClock(first.clock.now() + 5 * MINUTE_MS),
    });
    expect(await second.settled(id)).toMatchObject({ output: 'the earlier' });
  });

  test('a cancelled timer stays cancelled', async () => {
    const file = path.join(temporaryFolder(), 'durable.db');
    const first = await openWithHeld({ file });
    const id = await first.start('cancelThenWork');
    await first.raise(id, 'go', 1);
    await until(() => first.held.length === 1);

    const second = await openWithHeld({ file: diskCopy(file), clock: first.clock });
    await until(() => second.held.length === 1);
    second.clock.advance(10 * MINUTE_MS);
    second.held[0]?.end('worked');
    const status = await second.settled(id);
    expect(status).toMatchObject({ runtimeStatus: 'Completed', output: 'worked' });
    expect(countEvents(status, 'TimerFired')).toBe(0);
    expect(countEvents(status, 'EventRaised')).toBe(1);
  });

  test('a suspended instance is still suspended', async () => {
    const file = path.join(temporaryFolder(), 'durable.db');
    const first = await openHub({ file });
    const id = await first.start('approval');
    await first.engine.idle();
    await first.call('POST', `/instances/${id}/suspend?reason=night`);
    await first.engine.idle();

    const second = await openHub({ file: diskCopy(file), clock: first.clock });
    await second.raise(id, 'approve', 1);
    expect((await second.settled(id)).runtimeStatus).toBe('Suspended');
    await second.call('POST', `/instances/${id}/resume?reason=day`);
    expect(await second.settled(id)).toMatchObject({ runtimeStatus: 'Completed', output: 1 });
  });
});

test('a data folder of a version before sub-orchestrations opens, and what was unfinished goes on', async () => {
  const file = path.join(temporaryFolder(), 'durable.db');
  const old = new Journal(file);
  old.schema(`
    CREATE TABLE durable_instances (
      key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, execution_id TEXT NOT NULL, name TEXT NOT NULL, version TEXT,
      generation INTEGER NOT NULL, input TEXT, status TEXT NOT NULL, ended INTEGER NOT NULL DEFAULT 0,
      custom_status TEXT, output TEXT, created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL);
    CREATE INDEX durable_unfinished ON durable_instances (key) WHERE ended = 0;
    INSERT INTO durable_instances (key, id, execution_id, name, generation, status, created_ms, updated_ms)
      VALUES (7, 'old', 'x', 'approval', 0, 'Pending', 1, 1);`);
  await old.close();
  const { raise, settled } = await openHub({ file });
  expect((await settled('old')).runtimeStatus).toBe('Running');
  await raise('old', 'approve', 'yes');
  expect(await settled('old')).toMatchObject({ runtimeStatus: 'Completed', output: 'yes' });
});

describe('closing', () => {
  test('keeps the result of an activity in flight and runs it no second time', async () => {
    const file = path.join(temporaryFolder(), 'durable.db');
    const first = await openWithHeld({ file });
    const id = await first.start('twoSteps');
    await until(() => first.held.length === 1);
    const closed = first.close();
    first.held[0]?.end('kept');
    await closed;

    const second = await openWithHeld({ file, clock: first.clock });
    expect(await second.settled(id)).toMatchObject({ runtimeStatus: 'Completed', output: ['one', 'kept'] });
    expect(second.invocations).toEqual([]);
  });

  test('starts no activity that waits for a free slot', async () => {
    const { held, start, engine } = await openWithHeld({ maxConcurrentActivities: 1 });
    await start('fanOut', 2);
    await until(() => held.length === 1);
    const closed = engine.close();
    held[0]?.end('the first');
    await closed;
    expect(held).toHaveLength(1);
  });

  test('durable-engine.Q6: does not wait for ever, and a result that comes too late writes nothing', async () => {
    const file = path.join(temporaryFolder(), 'durable.db');
    const first = await openWithHeld({ file });
    const id = await first.start('twoSteps');
    await until(() => first.held.length === 1);
    await first.close();
    await first.engine.close();
    first.held[0]?.end('too late');

    const second = await openWithHeld({ file, clock: first.clock });
    await until(() => second.held.length === 1);
    second.held[0]?.end('in time');
    expect(await second.settled(id)).toMatchObject({ output: ['one', 'in time'] });
  });

  test('durable-engine.Q6: an orchestrator that answers too late writes nothing', async () => {
    const { opened, open } = gate<unknown>();
    const { engine, start } = await openHub({ activities: { approval: () => opened } });
    const id = await start('approval');
    await engine.close();
    open({ isDone: true, actions: [[]], output: 'too late', schemaVersion: 3 });
    for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
    expect(await engine.store.status(id)).toMatchObject({ status: 'Pending', ended: 0 });
  });

  test('durable-engine.Q3: an event that could not be written is not acknowledged', async () => {
    const { journal, raise, settled, start } = await openEngine();
    const id = await start('approval');
    await settled(id);
    jest.spyOn(journal, 'write').mockRejectedValueOnce(new Error('disk full'));
    expect((await raise(id, 'approve', 'yes')).status).toBe(500);
  });

  test('a commit that fails stops the engine and tells the client', async () => {
    const { engine, journal, call, warnings } = await openEngine();
    jest.spyOn(journal, 'write').mockRejectedValueOnce(new Error('disk full'));
    expect((await call('POST', '/orchestrators/approval')).status).toBe(500);
    expect(engine.isRunning).toBe(false);
    expect(warnings[0]).toContain('could not write its journal and has stopped');
  });

  test('answers client calls with 503', async () => {
    const { engine, call } = await openHub();
    await engine.close();
    expect((await call('GET', '/instances')).status).toBe(503);
  });
});

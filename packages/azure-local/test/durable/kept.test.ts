// What the durable engine keeps of entities, of continued and of ended instances when its process ends, and what it
// tells an entity. Q…: invariants at the head of engine.ts; N…: entities.ts.
import path from 'node:path';
import * as df from 'durable-functions';
import { raiseEvent } from '../../src/durable/client';
import { diskCopy } from '../support/durable-copies';
import { registeredFunctions } from '../../testing/durable-core';
import {
  JSON_BODY,
  cleanUp,
  countEvents,
  openHub,
  openWithHeld,
  temporaryFolder,
  until,
  type HubHarness,
  type StatusBody,
} from '../../testing/durable-harness';

beforeAll(() => {
  df.app.activity('held', { handler: () => 'never called: a stand-in takes its place' });
  df.app.entity<number>('Basket', (context) => {
    const total = context.df.getState(() => 0) ?? 0;
    if (context.df.operationName === 'add') context.df.setState(total + (context.df.getInput<number>() ?? 0));
    context.df.return(total);
  });
  df.app.orchestration('fills', function* (context) {
    const basket = new df.EntityId('Basket', 'new');
    context.df.signalEntity(basket, 'add', 1);
    context.df.signalEntity(basket, 'add', 2);
    return (yield context.df.callEntity(basket, 'get')) as unknown;
  });
  df.app.orchestration('fillsTwo', function* (context) {
    for (const key of ['a', 'b']) context.df.signalEntity(new df.EntityId('Basket', key), 'add', key.length);
    return (yield context.df.callEntity(new df.EntityId('Basket', 'b'), 'get')) as unknown;
  });
  df.app.orchestration('counts', function* (context) {
    const seen = context.df.getInput<unknown[]>();
    const next: unknown = yield context.df.waitForExternalEvent('n');
    if (next === 'end') return seen;
    context.df.continueAsNew([...seen, next]);
    return undefined;
  } as df.OrchestrationHandler);
  df.app.orchestration('works', function* (context) {
    return (yield context.df.callActivity('held', 'work')) as unknown;
  });
});

afterEach(cleanUp);

const addTo = ({ call }: HubHarness, key: string, amount: number) =>
  call('POST', `/entities/Basket/${key}?op=add`, String(amount), JSON_BODY);

async function stateOf({ call, engine }: HubHarness, key: string): Promise<unknown> {
  await engine.idle();
  return (await call('GET', `/entities/Basket/${key}`)).body;
}

interface BatchGiven {
  readonly self: { readonly name: string; readonly key: string };
  readonly exists: boolean;
  readonly state: string | null;
  readonly batch: readonly { readonly name: string; readonly isSignal: boolean; readonly id: string }[];
}

const batchesOf = ({ invocations }: HubHarness): BatchGiven[] =>
  invocations
    .filter(({ kind }) => kind === 'entity')
    .map(({ triggerData }) => JSON.parse(triggerData ?? '') as BatchGiven);

describe('an entity', () => {
  test('durable-entities.N1: an operation that has acted does not act again in the next process', async () => {
    const file = path.join(temporaryFolder(), 'durable.db');
    const first = await openHub({ file });
    await addTo(first, 'k', 5);
    expect(await stateOf(first, 'k')).toBe(5);

    const second = await openHub({ file: diskCopy(file), clock: first.clock });
    expect(await stateOf(second, 'k')).toBe(5);
    expect(second.invocations).toEqual([]);
  });

  test('gets its id, its state and, for every operation, the operation’s id and whether the caller waits', async () => {
    const harness = await openHub();
    await addTo(harness, 'new', 4);
    await harness.engine.idle();
    const status = await harness.settled(await harness.start('fills'));
    expect(countEvents(status, 'EventRaised')).toBe(1);
    const { name, instanceId } = harness.invocations.find(({ kind }) => kind === 'entity') ?? {};
    expect([name, instanceId]).toEqual(['Basket', '@basket@new']);
    const [first, second, ...more] = batchesOf(harness);
    expect(first).toMatchObject({ self: { name: 'basket', key: 'new' }, exists: false, state: null });
    expect(second).toMatchObject({ exists: true, state: '4' });
    const operations = [first, second, ...more].flatMap((each) => each?.batch ?? []);
    expect(operations.slice(1)).toMatchObject([
      { name: 'add', isSignal: true },
      { name: 'add', isSignal: true },
      { name: 'get', isSignal: false },
    ]);
    const ids = operations.map(({ id }) => id).filter((id) => typeof id === 'string' && id !== '');
    expect(new Set(ids).size).toBe(4);
  });

  test('that one episode sends several operations to for the first time is one entity, also on disk', async () => {
    const file = path.join(temporaryFolder(), 'durable.db');
    const first = await openHub({ file });
    expect((await first.settled(await first.start('fills'))).output).toBe(3);
    expect((await first.call('GET', '/entities')).body).toHaveLength(1);

    const second = await openHub({ file: diskCopy(file), clock: first.clock });
    expect((await second.call('GET', '/entities')).body).toHaveLength(1);
    await addTo(second, 'new', 1);
    expect(await stateOf(second, 'new')).toBe(4);
  });
});

test('entities that one episode sends something to for the first time are as many entities', async () => {
  const harness = await openHub();
  expect((await harness.settled(await harness.start('fillsTwo'))).output).toBe(1);
  expect([await stateOf(harness, 'a'), await stateOf(harness, 'b')]).toEqual([1, 1]);
});

const shapeOf = ({ historyEvents = [] }: StatusBody): unknown[] =>
  historyEvents.map((event) => [event['EventType'], event['Name']]);

test('an execution that continues another, and the event it has yet to see, outlive the process', async () => {
  const raiseBoth = ({ engine }: HubHarness): Promise<unknown> =>
    Promise.all(['1', '"end"'].map((data) => raiseEvent(engine, 'c-1', 'n', data)));
  const whole = await openHub();
  await whole.start('counts', [], 'c-1');
  await whole.engine.idle();
  await raiseBoth(whole);

  const file = path.join(temporaryFolder(), 'durable.db');
  let replays = 0;
  const counts = (trigger: string | undefined): Promise<unknown> => {
    replays += 1;
    return replays === 3
      ? new Promise(() => undefined)
      : registeredFunctions.invoke('counts', trigger, { instanceId: 'c-1' });
  };
  const first = await openHub({ file, activities: { counts } });
  await first.start('counts', [], 'c-1');
  await first.engine.idle();
  await raiseBoth(first);
  await until(() => replays === 3);
  expect((await first.call('GET', '/instances/c-1')).body).toMatchObject({ runtimeStatus: 'Running' });

  const second = await openHub({ file: diskCopy(file), clock: first.clock });
  const status = await second.settled('c-1');
  expect(status).toMatchObject({ runtimeStatus: 'Completed', output: [1] });
  expect(shapeOf(status)).toEqual(shapeOf(await whole.settled('c-1')));
});

test('durable-engine.Q7: an ended instance is left alone by the next process', async () => {
  const file = path.join(temporaryFolder(), 'durable.db');
  const first = await openWithHeld({ file });
  const id = await first.start('works');
  await until(() => first.held.length === 1);
  first.held[0]?.end('done');
  expect((await first.settled(id)).runtimeStatus).toBe('Completed');

  const second = await openWithHeld({ file: diskCopy(file), clock: first.clock });
  expect(await second.settled(id)).toMatchObject({ runtimeStatus: 'Completed', output: 'done' });
  expect([second.invocations, second.engine.unfinished(id)]).toEqual([[], undefined]);
});

test('durable-engine.Q6: while close waits for what is in flight, the engine accepts nothing new', async () => {
  const { engine, start, call, held } = await openWithHeld();
  await start('works');
  await until(() => held.length === 1);
  const closed = engine.close();
  expect((await call('POST', '/orchestrators/works')).status).toBe(503);
  held[0]?.end('done');
  await closed;
});

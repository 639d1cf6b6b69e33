// Entities beyond the recordings: signals between entities, destruction, failures, purges. N…: entities.ts.
import path from 'node:path';
import * as df from 'durable-functions';
import { JSON_BODY, cleanUp, gate, openHub, temporaryFolder, until } from '../../testing/durable-harness';

beforeAll(() => {
  df.app.entity<number>('counter', (context) => {
    const total = context.df.getState(() => 0) ?? 0;
    switch (context.df.operationName) {
      case 'add':
        context.df.setState(total + (context.df.getInput<number>() ?? 0));
        break;
      case 'get':
        context.df.return(total);
        break;
      case 'tellOther':
        context.df.signalEntity(new df.EntityId('Counter', 'other'), 'add', total);
        break;
      case 'destroy':
        context.df.destructOnExit();
        break;
      default:
        throw new Error('no such operation');
    }
  });
  df.app.orchestration('asks', function* (context) {
    return (yield context.df.callEntity(new df.EntityId('counter', 'k'), 'get')) as unknown;
  });
  df.app.orchestration('asksBadly', function* (context) {
    return (yield context.df.callEntity(new df.EntityId('counter', 'k'), 'unheardOf')) as unknown;
  });
  df.app.orchestration('asksTwice', function* (context) {
    const id = new df.EntityId('counter', 'k');
    context.df.signalEntity(id, 'add', 1);
    return (yield context.df.Task.all([
      context.df.callEntity(id, 'get'),
      context.df.callEntity(id, 'get'),
    ])) as unknown;
  });
});

afterEach(cleanUp);

type HubHarness = Awaited<ReturnType<typeof openHub>>;

const signal = ({ call }: HubHarness, key: string, op: string, input?: unknown) =>
  call(
    'POST',
    `/entities/counter/${key}?op=${op}`,
    input === undefined ? '' : JSON.stringify(input),
    JSON_BODY,
  );

async function state({ call, engine }: HubHarness, key: string): Promise<unknown> {
  await engine.idle();
  return (await call('GET', `/entities/counter/${key}`)).body;
}

test('operations act in the order of their arrival, and calls are answered one by one', async () => {
  const harness = await openHub();
  for (const amount of [1, 2, 3]) await signal(harness, 'k', 'add', amount);
  expect(await state(harness, 'k')).toBe(6);
  expect((await harness.settled(await harness.start('asksTwice'))).output).toEqual([7, 7]);
});

test('durable-entities.N2: what one episode sends shares a batch, a signal and two calls', async () => {
  const harness = await openHub();
  expect((await harness.settled(await harness.start('asksTwice'))).output).toEqual([1, 1]);
  expect(harness.invocations.filter(({ kind }) => kind === 'entity')).toHaveLength(1);
});

test('an entity signals another, whatever the case of its name', async () => {
  const harness = await openHub();
  await signal(harness, 'k', 'add', 4);
  await signal(harness, 'k', 'tellOther');
  expect(await state(harness, 'other')).toBe(4);
});

test('a destroyed entity is gone from reads and lists, and begins anew', async () => {
  const harness = await openHub();
  await signal(harness, 'k', 'add', 4);
  await harness.engine.idle();
  await signal(harness, 'k', 'destroy');
  expect(await state(harness, 'k')).toBeUndefined();
  expect((await harness.call('GET', '/entities')).body).toEqual([]);
  await signal(harness, 'k', 'add', 1);
  expect(await state(harness, 'k')).toBe(1);
});

test('a failed operation is a failure of its caller only, and keeps the state', async () => {
  const harness = await openHub();
  await signal(harness, 'k', 'add', 4);
  await harness.engine.idle();
  expect((await harness.settled(await harness.start('asksBadly'))).runtimeStatus).toBe('Failed');
  expect((await harness.settled(await harness.start('asks'))).output).toBe(4);
});

test('an entity is a Running instance that no purge takes', async () => {
  const harness = await openHub();
  await signal(harness, 'k', 'add', 4);
  await harness.engine.idle();
  const running = await harness.call('GET', '/instances?runtimeStatus=Running');
  expect(running.body).toMatchObject([{ instanceId: '@counter@k', customStatus: { entityExists: true } }]);
  expect((await harness.call('DELETE', '/instances/@counter@k')).status).toBe(412);
  expect((await harness.call('DELETE', '/instances?createdTimeFrom=2000-01-01')).status).toBe(404);
  expect(await state(harness, 'k')).toBe(4);
});

test('an orchestration is not started under the id of an entity, whose state it would take the place of', async () => {
  const harness = await openHub();
  await signal(harness, 'k', 'add', 4);
  const started = await harness.call('POST', '/orchestrators/asks/@counter@k');
  const restarted = await harness.call(
    'POST',
    '/instances/@counter@k/restart?restartWithNewInstanceId=false',
  );
  expect([started.status, restarted.status]).toEqual([409, 409]);
  expect(await state(harness, 'k')).toBe(4);
});

test('lists filter by name and time, come in pages, and show the state on request', async () => {
  const harness = await openHub();
  for (const key of ['a', 'b']) await signal(harness, key, 'add', 1);
  await harness.engine.idle();
  const first = await harness.call('GET', '/entities/counter?top=1&fetchState=true');
  expect(first.body).toMatchObject([{ entityId: { name: 'counter', key: 'a' }, state: 1 }]);
  const token = { 'x-ms-continuation-token': String(first.headers['x-ms-continuation-token']) };
  const next = await harness.call('GET', '/entities?top=1', undefined, token);
  expect(next.body).toMatchObject([{ entityId: { key: 'b' }, state: null }]);
  expect((await harness.call('GET', '/entities?lastOperationTimeFrom=2100-01-01')).body).toEqual([]);
});

test('durable-entities.N1: a batch that was running when the process died runs again, and acts on the state once', async () => {
  const file = path.join(temporaryFolder(), 'durable.db');
  const { opened } = gate<unknown>();
  const first = await openHub({ file, activities: { counter: () => opened } });
  await signal(first, 'k', 'add', 5);
  const id = await first.start('asks');
  await until(() => first.invocations.some(({ name }) => name === 'counter'));
  await first.close();

  const second = await openHub({ file, clock: first.clock });
  expect((await second.settled(id)).output).toBe(5);
  expect(await state(second, 'k')).toBe(5);
});

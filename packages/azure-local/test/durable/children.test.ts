// Sub-orchestrations beyond the recordings: ids, failures, ends that cross, suspension, versions handed on.
import * as df from 'durable-functions';
import {
  cleanUp,
  countEvents,
  openHub,
  openWithHeld,
  until,
  type HubHarness,
  type StatusBody,
} from '../../testing/durable-harness';

beforeAll(() => {
  df.app.activity('echo', { handler: (input: unknown) => input });
  df.app.activity('held', { handler: () => 'never called: a stand-in takes its place' });
  df.app.orchestration('kid', function* (context) {
    return (yield context.df.callActivity('held', context.df.getInput())) as unknown;
  });
  df.app.orchestration('parent', function* (context) {
    return (yield context.df.callSubOrchestrator('kid', 'go', 'the-kid')) as unknown;
  });
  df.app.orchestration('tolerant', function* (context) {
    try {
      return (yield context.df.callSubOrchestrator('kid', 'go', 'the-kid')) as unknown;
    } catch (error) {
      return (error as Error).message;
    }
  });
  df.app.orchestration('grandparent', function* (context) {
    return (yield context.df.Task.all([
      context.df.callSubOrchestrator('tolerant', undefined, 'one'),
      context.df.callSubOrchestrator('silent'),
    ])) as unknown;
  });
  df.app.orchestration('silent', function* (context) {
    return (yield context.df.callActivity('echo', { input: context.df.getInput() })) as unknown;
  });
  df.app.orchestration('twins', function* (context) {
    const kids = ['first', 'second'].map((input) => context.df.callSubOrchestrator('kid', input, 'the-kid'));
    return (yield context.df.Task.all(kids)) as unknown;
  });
  df.app.orchestration('waitsNotForKid', function* (context) {
    const go = context.df.waitForExternalEvent('go');
    yield context.df.Task.any([context.df.callSubOrchestrator('kid', 1, 'the-kid'), go]);
    return 'returned';
  });
  df.app.orchestration('other', function* (context) {
    return (yield context.df.callActivity('echo', 'other')) as unknown;
  });
  const runs = new Map<string, number>();
  df.app.orchestration('changedChild', function* (context) {
    const run = (runs.get(context.df.instanceId) ?? 0) + 1;
    runs.set(context.df.instanceId, run);
    return (yield context.df.callSubOrchestrator(run === 1 ? 'other' : 'silent')) as unknown;
  });
});

afterEach(cleanUp);

/** The status of an instance that has ended, whatever else is going on. */
async function endedStatus({ engine, call }: HubHarness, id: string): Promise<StatusBody> {
  await engine.ended(id);
  return (await call('GET', `/instances/${id}?showHistory=true`)).body as StatusBody;
}

test('a terminated child is a failure of the parent that says why, and the parent may go on', async () => {
  const harness = await openWithHeld();
  const id = await harness.start('tolerant');
  await until(() => harness.held.length === 1);
  await harness.call('POST', '/instances/the-kid/terminate?reason=enough');
  const status = await endedStatus(harness, id);
  expect(status.runtimeStatus).toBe('Completed');
  expect(status.output).toMatch(/^enough/);
  expect((await endedStatus(harness, 'the-kid')).runtimeStatus).toBe('Terminated');
});

test('a terminated parent leaves its child running, and its end changes nothing', async () => {
  const harness = await openWithHeld();
  const { start, call, settled, held } = harness;
  const id = await start('parent');
  await until(() => held.length === 1);
  await call('POST', `/instances/${id}/terminate?reason=enough`);
  expect((await endedStatus(harness, id)).runtimeStatus).toBe('Terminated');
  held[0]?.end('late');
  expect(await settled('the-kid')).toMatchObject({ runtimeStatus: 'Completed', output: 'late' });
  expect((await settled(id)).output).toBe('enough');
});

test('a suspended parent receives its child’s end, and goes on when it is resumed', async () => {
  const { engine, start, call, settled, held } = await openWithHeld();
  const id = await start('parent');
  await until(() => held.length === 1);
  await call('POST', `/instances/${id}/suspend?reason=night`);
  await until(() => engine.unfinished(id)?.status === 'Suspended');
  held[0]?.end('done');
  expect((await settled(id)).runtimeStatus).toBe('Suspended');
  await call('POST', `/instances/${id}/resume?reason=day`);
  expect(await settled(id)).toMatchObject({ runtimeStatus: 'Completed', output: 'done' });
});

test('a child id that runs already is a failure which names it, and the running one is left alone', async () => {
  const harness = await openWithHeld();
  const { start, settled, held } = harness;
  await start('kid', 'mine', 'the-kid');
  await until(() => held.length === 1);
  const status = await endedStatus(harness, await start('parent'));
  expect(status).toMatchObject({ runtimeStatus: 'Failed' });
  expect(status.output).toContain("already exists under the id 'the-kid'");
  held[0]?.end('still mine');
  expect(await settled('the-kid')).toMatchObject({ runtimeStatus: 'Completed', output: 'still mine' });
});

test('of two children with one id in one replay the second fails', async () => {
  const { start, settled, held } = await openWithHeld();
  const id = await start('twins');
  await until(() => held.length === 1);
  held[0]?.end('first');
  const status = await settled(id);
  expect(status.runtimeStatus).toBe('Failed');
  expect(countEvents(status, 'SubOrchestrationInstanceFailed')).toBe(1);
});

test('children of children run side by side, and one without input gets null', async () => {
  const { start, settled, held } = await openWithHeld();
  const id = await start('grandparent');
  await until(() => held.length === 1);
  held[0]?.end('deep');
  expect(await settled(id)).toMatchObject({ runtimeStatus: 'Completed', output: ['deep', { input: null }] });
});

test('durable-episode.E3: a child that the code does not wait for keeps the parent Running until it has ended', async () => {
  const { engine, invocations, start, raise, settled, held } = await openWithHeld();
  const id = await start('waitsNotForKid');
  await until(() => held.length === 1);
  await raise(id, 'go', 1);
  await until(() => invocations.filter(({ instanceId }) => instanceId === id).length === 2);
  expect(engine.unfinished(id)?.status).toBe('Running');
  held[0]?.end('at last');
  expect(await settled(id)).toMatchObject({ runtimeStatus: 'Completed', output: 'returned' });
});

test('the status of a child names its parent, that of a parent has no parent', async () => {
  const { start, settled, call } = await openHub();
  const status = await settled(await start('changedChild'));
  const children = (await call('GET', '/instances')).body as Record<string, unknown>[];
  const child = children.find(({ instanceId }) => instanceId !== status.instanceId);
  expect(Object.keys(child ?? {}).slice(0, 4)).toEqual([
    ...['name', 'instanceId', 'parentInstanceId', 'runtimeStatus'],
  ]);
  expect(child?.['parentInstanceId']).toBe(status.instanceId);
  expect(status).not.toHaveProperty('parentInstanceId');
});

test('durable-episode.E2: another child under the same sequence number is refused', async () => {
  const { start, settled } = await openHub();
  const status = await settled(await start('changedChild'));
  expect(status.runtimeStatus).toBe('Failed');
  expect(status.output).toMatch(
    /a sub-orchestration task with sequence ID 0 and name 'other' .* a sub-orchestration task with name silent /,
  );
});

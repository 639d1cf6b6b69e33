// Messages on a hub of the storage mode `azure`: activities that run twice, starts and events that are lost, and what the
// end of a host leaves.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createHubControl } from '../../src/durable/azure/hub-control';
import { openHub } from '../../src/durable/azure/hub-storage';
import { killAt, KILL_AT } from '../../src/durable/azure/kill-at';
import { countEvents, gate, openAzureEngine, temporaryFolder, until } from '../../testing/durable-harness';
import { calls, clock, hub, hubPerTest, pass, SECOND_MS } from '../support/azure-hub';

const VISIBILITY_MS = 5 * 60_000;

hubPerTest();

describe('an activity', () => {
  test('runs twice at once when its message is delivered twice; one answer counts, both are in the history', async () => {
    const { opened, open } = gate<unknown>();
    const answers = ['one', 'other'];
    const act = async (): Promise<unknown> => {
      await opened;
      return answers.shift() ?? 'later';
    };
    const host = await openAzureEngine({ hub, clock, activities: { act } });
    const id = await host.start('twoSteps');
    await until(() => calls(host, 'act') === 1);
    const control = createHubControl(hub);
    const [item] = control.messages();
    if (item === undefined) throw new Error('no work item');
    await control.duplicate(item, clock.now());
    await until(() => calls(host, 'act') === 2);
    open(undefined);
    const status = await host.settled(id);
    expect((status.output as unknown[])[0]).toBe('one');
    expect(countEvents(status, 'TaskCompleted')).toBe(3);
  });

  test('in flight is renewed, and not run again however long it takes', async () => {
    const { opened, open } = gate<unknown>();
    const host = await openAzureEngine({ hub, clock, activities: { act: () => opened } });
    const id = await host.start('twoSteps');
    await until(() => calls(host, 'act') === 1);
    await Promise.race([pass(2 * VISIBILITY_MS), until(() => false).catch(() => undefined)]);
    expect(calls(host, 'act')).toBe(1);
    open('at last');
    expect((await host.settled(id)).output).toEqual(['at last', 'at last']);
  });

  test('in flight when the host stops is abandoned; control messages of no started episode stay invisible', async () => {
    const { opened } = gate<unknown>();
    const first = await openAzureEngine({ hub, clock, activities: { act: () => opened } });
    const id = await first.start('twoSteps');
    await until(() => calls(first, 'act') === 1);
    await first.close();
    const [item] = createHubControl(hub).messages();
    expect(item).toMatchObject({ queue: 'workitems', visibleMs: clock.now() + 2 * SECOND_MS });
    const second = await openAzureEngine({ hub, clock });
    clock.advance(2 * SECOND_MS);
    expect((await second.settled(id)).output).toEqual(['did a', 'did b']);
  });

  test('that the host does not know fails at once: it does not exist', async () => {
    const host = await openAzureEngine({ hub, clock });
    const control = createHubControl(hub);
    const id = await host.start('waits');
    await host.engine.idle();
    const { messages } = openHub(hub);
    const body = { kind: 'activity', task: { kind: 'activity', id: 7, name: 'ofAnotherRelease' } } as const;
    await hub.commit(() =>
      messages.add({ queue: 'workitems', instanceId: id, executionId: null, body }, clock.now()),
    );
    await host.engine.idle();
    const [answer] = control.messages();
    expect(answer?.body).toMatchObject({ taskId: 7, hasFailed: true });
    expect(JSON.stringify(answer?.body)).toContain("Activity function 'ofAnotherRelease' does not exist");
  });
});

describe('what a client sends', () => {
  test('to an instance whose start message is still invisible is lost', async () => {
    const id = 'id';
    const first = await openAzureEngine({ hub, clock, endsAt: ({ name }) => name === 'instanceCreated' });
    void first.start('waits', undefined, id).catch(() => undefined);
    await first.engine.idle();
    await until(() => openHub(hub).instances.find(id) !== undefined);
    const control = createHubControl(hub);
    for (const message of control.messages()) await control.hide(message, clock.now() + VISIBILITY_MS);
    const second = await openAzureEngine({ hub, clock });
    await second.raise(id, 'go', 'lost');
    await second.engine.idle();
    clock.advance(VISIBILITY_MS);
    expect((await second.settled(id)).runtimeStatus).toBe('Running');
    await second.raise(id, 'go', 'heard');
    expect((await second.settled(id)).output).toBe('heard');
  });

  test('as a start is lost with a host that dies before its row is written', async () => {
    const first = await openAzureEngine({ hub, clock, endsAt: ({ name }) => name === 'startSent' });
    void first.start('waits', undefined, 'id').catch(() => undefined);
    await until(() => createHubControl(hub).messages().length === 1);
    const second = await openAzureEngine({ hub, clock });
    for (let deliveries = 0; deliveries < 12; deliveries += 1) {
      await second.engine.idle();
      clock.advance(600 * SECOND_MS);
    }
    await second.engine.idle();
    expect(createHubControl(hub).messages()).toEqual([]);
    expect((await second.call('GET', '/instances/id')).status).toBe(404);
  });
});

test('the outdated row of an ended instance, left by a crash, is corrected by the next message', async () => {
  let ends = 0;
  const first = await openAzureEngine({
    ...{ hub, clock },
    endsAt: ({ name }) => name === 'historyWritten' && (ends += 1) === 2,
  });
  const id = await first.start('waits');
  await first.raise(id, 'go', 1);
  await first.engine.idle();
  const second = await openAzureEngine({ hub, clock });
  expect((await second.settled(id)).runtimeStatus).toBe('Running');
  clock.advance(VISIBILITY_MS);
  expect(await second.settled(id)).toMatchObject({ runtimeStatus: 'Completed', output: 1 });
});

test('the environment of a host names the moments at which it kills itself, one for each of its lives', () => {
  const file = path.join(temporaryFolder(), 'kills');
  const environment = { [KILL_AT]: 'historyWritten#2,messageSent act#1' };
  let kills = 0;
  const next = () => killAt(environment, file, () => (kills += 1));
  const first = next();
  const written = { name: 'historyWritten', instanceId: 'i' } as const;
  expect([first?.(written), kills, existsSync(file)]).toEqual([false, 0, false]);
  expect([first?.(written), kills]).toEqual([true, 1]);
  const second = next();
  expect(second?.({ name: 'messageSent', instanceId: 'i', what: 'task', left: 1 })).toBe(false);
  expect(second?.({ name: 'messageSent', instanceId: 'i', what: 'act', left: 0 })).toBe(true);
  expect([kills, next()]).toEqual([2, undefined]);
  expect(() => killAt({ [KILL_AT]: 'often' }, `${file}-2`)).toThrow(
    'takes <moment>[ <what>]#<count>, not "often"',
  );
});

// Several hosts on one hub of the storage mode `azure`: leases of partitions, instances that change hands in the middle of
// an episode, activities that run twice, and how a host ends.
import * as df from 'durable-functions';
import { createHubControl } from '../../src/durable/azure/hub-control';
import { openHub } from '../../src/durable/azure/hub-storage';
import { killAt, KILL_AT } from '../../src/durable/azure/kill-at';
import type { MomentName } from '../../src/durable/azure/moments';
import { partitionOf } from '../../src/durable/azure/partitions';
import { ManualClock } from '../../src/kit/clock';
import { SharedFile } from '../../src/storage/shared-file';
import { existsSync } from 'node:fs';
import path from 'node:path';
import {
  cleanUp,
  countEvents,
  gate,
  openAzureEngine,
  temporaryFolder,
  until,
  type AzureHarness,
} from '../../testing/durable-harness';

const SECOND_MS = 1_000;
const LEASE_MS = 30_000;
const VISIBILITY_MS = 5 * 60_000;

beforeAll(() => {
  df.app.activity('act', { handler: (input: unknown) => `did ${String(input)}` });
  df.app.orchestration('twoSteps', function* (context) {
    const first: unknown = yield context.df.callActivity('act', 'a');
    const second: unknown = yield context.df.callActivity('act', 'b');
    return [first, second];
  });
  df.app.orchestration('wide', function* (context) {
    const tasks = Array.from({ length: context.df.getInput<number>() }, (_, index) =>
      context.df.callActivity('act', index),
    );
    return ((yield context.df.Task.all(tasks)) as unknown[]).length;
  });
  df.app.orchestration('waits', function* (context) {
    return (yield context.df.waitForExternalEvent('go')) as unknown;
  });
});

let hub: SharedFile;
let clock: ManualClock;
beforeEach(() => {
  hub = new SharedFile(':memory:');
  clock = new ManualClock();
});
afterEach(async () => {
  await cleanUp();
  await hub.close();
});

const ownersOf = (): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { owner } of openHub(hub).leases.all())
    counts[owner ?? 'nobody'] = (counts[owner ?? 'nobody'] ?? 0) + 1;
  return counts;
};

/** Lets so much time pass in steps in which hosts renew and move leases. */
async function pass(ms: number, ...hosts: AzureHarness[]): Promise<void> {
  for (let passed = 0; passed < ms; passed += SECOND_MS) {
    clock.advance(SECOND_MS);
    for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
    await Promise.all(hosts.map(({ engine }) => engine.idle()));
  }
}

const calls = (host: AzureHarness, name: string): number =>
  host.invocations.filter((call) => call.name === name).length;

describe('partitions', () => {
  test('a second host gets half of them, and the partitions of a killed host go to the other when its leases expire', async () => {
    const one = await openAzureEngine({ hub, clock, hostId: 'one' });
    await until(() => ownersOf()['one'] === 4);
    const two = await openAzureEngine({ hub, clock, hostId: 'two' });
    await pass(60 * SECOND_MS, one, two);
    expect(ownersOf()).toEqual({ one: 2, two: 2 });
    one.engine.crash();
    await pass(LEASE_MS - 2 * SECOND_MS, two);
    await pass(15 * SECOND_MS, two);
    expect(ownersOf()).toEqual({ two: 4 });
  });

  test('a host that stops releases them at once', async () => {
    const one = await openAzureEngine({ hub, clock, hostId: 'one' });
    await until(() => ownersOf()['one'] === 4);
    await one.close();
    expect(ownersOf()).toEqual({ nobody: 4 });
  });

  test('instances run on whichever host has their partition, each episode once', async () => {
    const hosts = [
      await openAzureEngine({ hub, clock, hostId: 'one' }),
      await openAzureEngine({ hub, clock, hostId: 'two' }),
    ] as const;
    await pass(60 * SECOND_MS, ...hosts);
    const ids = await Promise.all(Array.from({ length: 12 }, () => hosts[0].start('twoSteps')));
    await pass(5 * SECOND_MS, ...hosts);
    for (const id of ids) expect((await hosts[1].settled(id)).output).toEqual(['did a', 'did b']);
    expect(calls(hosts[0], 'twoSteps') + calls(hosts[1], 'twoSteps')).toBe(36);
    for (const host of hosts) expect(calls(host, 'twoSteps')).toBeGreaterThan(0);
  });
});

/** An instance id of this partition of four: of those that a balancing host steals last. */
const ofPartition = (partition: number): string =>
  Array.from({ length: 100 }, (_, index) => `instance-${index}`).find(
    (id) => partitionOf(id, 4) === partition,
  ) ?? '';

test('a wait on one host for an instance resolves when a host of another process has ended it', async () => {
  const file = path.join(temporaryFolder(), 'hub.db');
  const [here, there] = [new SharedFile(file), new SharedFile(file)];
  const one = await openAzureEngine({ hub: here, clock, hostId: 'one' });
  await until(() =>
    openHub(here)
      .leases.all()
      .every(({ owner }) => owner === 'one'),
  );
  const two = await openAzureEngine({ hub: there, clock, hostId: 'two' });
  const id = await two.start('twoSteps');
  let isTold = false;
  void two.engine.ended(id).then(() => (isTold = true));
  await pass(10 * SECOND_MS, one, two);
  await until(() => isTold);
  expect((await two.settled(id)).output).toEqual(['did a', 'did b']);
  await cleanUp();
  await Promise.all([here.close(), there.close()]);
});

test('a host that loses an instance in the middle of an episode loses the episode to the etag, and what it sent runs', async () => {
  const { opened, open } = gate<unknown>();
  let isSlow = true;
  const first = await openAzureEngine({
    ...{ hub, clock, hostId: 'one' },
    activities: {
      twoSteps: async () => {
        if (isSlow) await opened;
        return {
          isDone: false,
          actions: [[{ actionType: 0, functionName: 'act', input: '"late"' }]],
          schemaVersion: 3,
        };
      },
    },
  });
  await until(() => ownersOf()['one'] === 4);
  const id = await first.start('twoSteps', undefined, ofPartition(3));
  await until(() => calls(first, 'twoSteps') === 1);
  // The first host is stopped for longer than its lease and its messages last, and another one takes over.
  const control = createHubControl(hub);
  const [start] = control.messages();
  if (start === undefined) throw new Error('no start');
  for (const lease of openHub(hub).leases.all())
    await hub.commit(() =>
      openHub(hub).leases.write({ ...lease, owner: 'two', expiresMs: clock.now() + LEASE_MS }),
    );
  const second = await openAzureEngine({ hub, clock, hostId: 'two' });
  // The first host notices at its next look, and reads no more; its episode goes on.
  await pass(11 * SECOND_MS, second);
  await control.reveal([start], clock.now());
  expect(await second.settled(id)).toMatchObject({ output: ['did a', 'did b'] });
  isSlow = false;
  open(undefined);
  await until(() => first.warnings.length > 0);
  expect(first.warnings[0]).toContain('was taken by another host');
  await second.engine.idle();
  await first.engine.idle();
  const inputs = [...first.invocations, ...second.invocations].filter(({ name }) => name === 'act');
  expect(inputs.map(({ triggerData }) => triggerData)).toContain('"late"');
  expect((await second.settled(id)).output).toEqual(['did a', 'did b']);
});

describe('a history of more than 99 rows', () => {
  async function killedAt(name: MomentName): Promise<string> {
    const first = await openAzureEngine({ hub, clock, endsAt: (moment) => moment.name === name });
    const id = await first.start('wide', 150);
    await first.engine.idle();
    return id;
  }

  test('is written in parts, and a host that dies between two leaves the first; the next one goes on from there', async () => {
    const id = await killedAt('historyPartWritten');
    expect(openHub(hub).history.load(id, null).rows).toHaveLength(99);
    const second = await openAzureEngine({ hub, clock });
    for (let passed = 0; passed < 20; passed += 1) {
      clock.advance(60 * SECOND_MS);
      await second.engine.idle();
    }
    const status = await second.settled(id);
    expect(status).toMatchObject({ runtimeStatus: 'Completed', output: 150 });
  });
});

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

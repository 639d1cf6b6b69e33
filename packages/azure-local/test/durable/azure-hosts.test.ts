// Several hosts on one hub of the storage mode `azure`: leases of partitions, and instances that change hands in the middle
// of an episode.
import path from 'node:path';
import { createHubControl } from '../../src/durable/azure/hub-control';
import { openHub } from '../../src/durable/azure/hub-storage';
import type { MomentName } from '../../src/durable/azure/moments';
import { partitionOf } from '../../src/durable/azure/partitions';
import { SharedFile } from '../../src/storage/shared-file';
import { cleanUp, gate, openAzureEngine, temporaryFolder, until } from '../../testing/durable-harness';
import { calls, clock, hub, hubPerTest, pass, SECOND_MS } from '../support/azure-hub';

const LEASE_MS = 30_000;

hubPerTest();

const ownersOf = (): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { owner } of openHub(hub).leases.all())
    counts[owner ?? 'nobody'] = (counts[owner ?? 'nobody'] ?? 0) + 1;
  return counts;
};

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
  const ended = jest.fn();
  void two.engine.ended(id).then(ended);
  // Messages between the two are found by looks at the file, which the clock brings about.
  for (let seconds = 0; ended.mock.calls.length === 0 && seconds < 300; seconds += 1)
    await pass(SECOND_MS, one, two);
  expect(ended).toHaveBeenCalledTimes(1);
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

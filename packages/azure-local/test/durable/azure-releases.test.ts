// Hosts of two releases on one hub of the storage mode `azure`.
import * as df from 'durable-functions';
import { openHub } from '../../src/durable/azure/hub-storage';
import type { Versioning } from '../../src/durable/versioning';
import { ManualClock } from '../../src/kit/clock';
import { SharedFile } from '../../src/storage/shared-file';
import { cleanUp, openAzureEngine, until, type AzureHarness } from '../../testing/durable-harness';

beforeAll(() => {
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

const open = (hostId: string, defaultVersion: string): Promise<AzureHarness> => {
  const versioning: Versioning = {
    ...{ defaultVersion, matchStrategy: 'CurrentOrOlder', failureStrategy: 'Reject' },
  };
  return openAzureEngine({ hub, clock, hostId, versioning });
};

/** Lets minutes pass in steps in which hosts poll, renew and move leases. */
async function pass(minutes: number, host: AzureHarness): Promise<void> {
  for (let seconds = 0; seconds < minutes * 60; seconds += 1) {
    clock.advance(1_000);
    for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
    await host.engine.idle();
  }
}

test('S21: an instance of the newer release waits where the older host has its partition, until the newer has it', async () => {
  const old = await open('old', '1.0');
  await until(() =>
    openHub(hub)
      .leases.all()
      .every(({ owner }) => owner === 'old'),
  );
  for (const version of ['1.0', '2.0'])
    await old.call('POST', `/orchestrators/waits/v${version}?version=${version}`);
  await pass(1, old);
  await old.raise('v1.0', 'go', 1);
  expect((await old.settled('v1.0')).output).toBe(1);
  const { body } = await old.call('GET', '/instances/v2.0');
  expect(body).toMatchObject({ runtimeStatus: 'Pending', output: null });

  const fresh = await open('fresh', '2.0');
  await old.close();
  await pass(6, fresh);
  await fresh.raise('v2.0', 'go', 2);
  expect((await fresh.settled('v2.0')).output).toBe(2);
  expect(old.invocations.map(({ instanceId }) => instanceId)).not.toContain('v2.0');
});

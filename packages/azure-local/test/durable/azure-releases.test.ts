// Hosts of two releases on one hub of the storage mode `azure`.
import { openHub } from '../../src/durable/azure/hub-storage';
import type { Versioning } from '../../src/durable/versioning';
import { openAzureEngine, until, type AzureHarness } from '../../testing/durable-harness';
import { clock, hub, hubPerTest, pass, SECOND_MS } from '../support/azure-hub';

hubPerTest();

const open = (hostId: string, defaultVersion: string): Promise<AzureHarness> => {
  const versioning: Versioning = {
    ...{ defaultVersion, matchStrategy: 'CurrentOrOlder', failureStrategy: 'Reject' },
  };
  return openAzureEngine({ hub, clock, hostId, versioning });
};

test('S21: an instance of the newer release waits where the older host has its partition, until the newer has it', async () => {
  const old = await open('old', '1.0');
  await until(() =>
    openHub(hub)
      .leases.all()
      .every(({ owner }) => owner === 'old'),
  );
  for (const version of ['1.0', '2.0'])
    await old.call('POST', `/orchestrators/waits/v${version}?version=${version}`);
  await pass(1 * 60 * SECOND_MS, old);
  await old.raise('v1.0', 'go', 1);
  expect((await old.settled('v1.0')).output).toBe(1);
  const { body } = await old.call('GET', '/instances/v2.0');
  expect(body).toMatchObject({ runtimeStatus: 'Pending', output: null });

  const fresh = await open('fresh', '2.0');
  await old.close();
  await pass(6 * 60 * SECOND_MS, fresh);
  await fresh.raise('v2.0', 'go', 2);
  expect((await fresh.settled('v2.0')).output).toBe(2);
  expect(old.invocations.map(({ instanceId }) => instanceId)).not.toContain('v2.0');
});

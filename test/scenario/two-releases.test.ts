// Two releases on one hub and one store, as in the middle of every deployment (S21): orders of both, taken by hosts of both.
import type { OrderHead } from '../../src/domain/order';
import { ALL_EFFECTS } from '../../tools/crash/end';
import { SCOPE } from '../support/orders';
import { openReleases, type HostNumber, type RollingReleases } from '../support/rolling-releases';
import { until } from 'azure-local/kit/until';

let releases: RollingReleases;

beforeAll(async () => {
  releases = await openReleases({ OrderProcessing__SagaTimeoutMinutes: '30' });
});
afterAll(() => releases.close());

const END_WITHIN_MS = 280_000;

const place = (host: HostNumber, key: string): Promise<string> =>
  releases.at(host).postUntilTaken({ customerId: 'two-releases', key });

async function ended(id: string): Promise<OrderHead> {
  return until(
    `order ${id} has ended`,
    async () => {
      const order = (await releases.at().store.read(SCOPE, id))?.order;
      return order?.ended === true && order;
    },
    END_WITHIN_MS,
  );
}

async function endOf(id: string): Promise<object> {
  const { status, saga } = await ended(id);
  const ledger = (await releases.at().client.ledger(id)) as readonly { key?: string }[];
  return {
    status,
    version: saga.definitionVersion,
    effects: (await releases.at().effects(id)).map(({ effect }) => effect),
    screened: ledger.filter(({ key }) => key === `${id}:ScreenCustomer`).length,
  };
}

const VERSION_1 = { status: 'completed', version: 1, effects: ALL_EFFECTS, screened: 0 };
const VERSION_2 = { ...VERSION_1, version: 2, screened: 1 };

test('S21: a release that has learnt version 2 begins orders with version 1, beside one that has not', async () => {
  await releases.roll(2, 'learns-screening');
  const ids = [await place(1, 'old'), await place(2, 'learnt')];
  for (const id of ids) expect(await endOf(id)).toEqual(VERSION_1);
});

test('S12: the release after it begins orders with version 2, and the one that has learnt runs them too', async () => {
  await releases.roll(1, 'learns-screening');
  await releases.roll(2, 'speaks-screening');
  const ids = [await place(1, 'before'), await place(2, 'after')];
  expect(await endOf(ids[0] ?? '')).toEqual(VERSION_1);
  expect(await endOf(ids[1] ?? '')).toEqual(VERSION_2);
});

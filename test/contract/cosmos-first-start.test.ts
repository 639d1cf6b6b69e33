// Many that make the same database and containers at once, as the parts of an app and its triggers do at a first start.
import { openFeedStore } from 'azure-local/host/cosmos/feed-store';
import { emulatorCosmosConnection } from 'azure-local/kit/emulator-connections';
import { openAppDatabase } from '../support/app-database';
import { openCosmos, type Cosmos } from 'azure-local/testing/cosmos-fixture';

const AT_ONCE = 8;
let cosmos: Cosmos;
beforeAll(async () => {
  cosmos = await openCosmos();
});
afterAll(() => cosmos.close());

test('every part of the app gets its container, whoever makes it', async () => {
  const opened = Array.from({ length: AT_ONCE }, () =>
    openAppDatabase(cosmos.url, { name: 'fresh' }).orders(),
  );
  expect((await Promise.all(opened)).map(({ id }) => id)).toEqual(Array(AT_ONCE).fill('orders'));
});

test('every trigger gets the lease container, whoever makes it', async () => {
  await openAppDatabase(cosmos.url, { name: 'feeds' }).orders();
  const address = { connectionString: emulatorCosmosConnection(cosmos.url), database: 'feeds' };
  const opened = Array.from({ length: AT_ONCE }, () =>
    openFeedStore({
      monitored: { ...address, container: 'orders' },
      leases: { ...address, container: 'leases' },
      createLeases: true,
    } as never),
  );
  const stores = await Promise.all(opened);
  expect(stores.map(({ leases }) => leases.id)).toEqual(Array(AT_ONCE).fill('leases'));
  for (const store of stores) store.close();
});

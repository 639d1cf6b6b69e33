// SIGKILL to the host between the effect of a consumer and what remembers it: the effect is there once.
import { CosmosClient } from '@azure/cosmos';
import { EMULATOR_KEY } from 'azure-local/kit/emulator-connections';
import { LOCAL_KEY } from 'azure-local/eventgrid/topics';
import { publishToTopic } from 'order-saga-simulators/publish-stock-events';
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { until } from 'azure-local/kit/until';
import { crashSystem, type CrashSystem } from '../../tools/crash/system';

/** The lock that a killed host leaves on a message ends after a minute; Event Grid tries again after 10 and 30 seconds. */
const COMES_AGAIN_MS = 150_000;

let system: RunningSystem;
let crash: CrashSystem;
let cosmos: CosmosClient;

beforeAll(async () => {
  system = await startSystem();
  crash = crashSystem(system);
  cosmos = new CosmosClient({ endpoint: system.urls.cosmos, key: EMULATOR_KEY });
});
afterAll(async () => {
  cosmos.dispose();
  await system.stop();
});

describe('HandleInventoryEvent', () => {
  test.each(['arrival', 'answer'] as const)(
    'view-writer.E3: killed at the %s of its write has the event in the view once it is brought again',
    async (moment) => {
      const productId = `killed-at-${moment}`;
      await crash.hold([{ contains: [productId, 'lowStock'], moment }]);
      const publish = publishToTopic(`${system.urls.eventgrid}/inventory-events/api/events`, LOCAL_KEY);
      const event = {
        ...{ id: `news-${moment}`, eventType: 'Inventory.StockUpdated' as const, dataVersion: '1' },
        ...{ subject: `/products/${productId}`, eventTime: new Date().toISOString() },
        data: { productId, onHand: 7, reserved: 0 },
      };
      await publish([event], new AbortController().signal);
      await until('the write is held', async () => (await crash.held()).some((held) => held > 0));
      await system.kill('host');
      await crash.hold([]);
      await system.recovered();
      const container = cosmos.database('orders-db').container('inventory');
      await until(
        'the inventory view has it',
        async () => {
          const { resource } = await container.item('echo', productId).read<{ stock: { eventId: string } }>();
          return resource?.stock.eventId === `news-${moment}`;
        },
        COMES_AGAIN_MS,
      );
    },
  );
});

describe('NotifyCustomers', () => {
  test('notify-customers.N1: killed between the notification and the settlement of the message sends no second notification', async () => {
    const customerId = 'told-and-killed';
    await crash.client.planFaults([{ service: 'notifications', customerId, fault: 'holdAnswer', times: 1 }]);
    const orderId = await crash.postUntilTaken({ customerId, key: customerId });
    const told = async (): Promise<number> =>
      (await crash.client.ledger(orderId)).filter(({ effect }) => effect === 'notified').length;
    const asked = async (): Promise<readonly (number | null)[]> =>
      (await crash.calls())
        .filter((call) => call.operation === 'send' && call.orderId === orderId)
        .map(({ status }) => status);
    await until('the customer is notified', async () => (await told()) === 1);
    await system.kill('host');
    await system.recovered();
    await until('the service is asked again', async () => (await asked()).includes(200), COMES_AGAIN_MS);
    expect(await told()).toBe(1);
  });
});

// What a newcomer sees of the first start: what is starting, the functions, where to look next, and no warning that is none.
import { startSystem, type RunningSystem, type SystemOptions } from 'azure-local/supervisor/running-system';
import { until } from 'azure-local/kit/until';

const systems: RunningSystem[] = [];
const start = async (options: SystemOptions = {}): Promise<RunningSystem> => {
  const system = await startSystem(options);
  systems.push(system);
  return system;
};
afterEach(async () => {
  await Promise.all(systems.splice(0).map((system) => system.stop()));
});

/** A line of the host's log begins with the time. */
const LOG_LINE = /^\[\d{4}-/m;

async function placeAnOrder({ urls }: RunningSystem): Promise<void> {
  const response = await fetch(`${urls.api}/api/orders?wait=30`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      customerId: 'newcomer',
      items: [{ productId: 'prod-001', productName: 'Desk lamp', quantity: 1, unitPrice: 49.99 }],
    }),
  });
  expect(await response.json()).toMatchObject({ status: 'completed' });
}

test('the first start and the first order log no warning', async () => {
  const system = await start();
  const lines = system.output().trimEnd().split('\n');
  expect(lines[0]).toMatch(/^Starting the platform: /);
  expect(lines.at(-1)).toBe(`Ready: ${system.urls.api}`);
  expect(lines.length).toBeLessThan(60);
  expect(system.output()).toMatch(/^ {2}HTTP +ApplyErasures, /m);
  expect(system.output()).toMatch(/^ {2}Timer +.*PurgeHistories, ReconcileOrders$/m);
  expect(system.output()).toMatch(/^Where to look next:$/m);
  await placeAnOrder(system);
  expect(system.output()).not.toMatch(LOG_LINE);
  expect(system.output()).not.toContain('Warning');
});

test('--verbose shows every line, and none of the first start is a warning', async () => {
  const system = await start({ args: ['--verbose'] });
  await placeAnOrder(system);
  expect(system.output()).toMatch(LOG_LINE);
  await until('the end of the request is logged', () =>
    system.output().includes("Executed 'Functions.CreateOrder' (Succeeded"),
  );
  expect(system.output()).toMatch(/^\tCreateOrder: \[POST\] /m);
  expect(system.output()).not.toContain('(409)');
});

test('settings that nothing reads, and a host that does not resolve, are reported at the start', async () => {
  const system = await start({
    settings: {
      'OrderProcessing:OrderQueue': 'my-orders',
      'NotificationService:BaseUrl': 'http://notifications.invalid/api',
    },
  });
  await until('the warning of the host', () => system.output().includes('notifications.invalid'));
  expect(system.output()).toMatch(
    /^Warning: the setting OrderProcessing__OrderQueue has no effect.*OrderProcessing:OrdersQueue/m,
  );
  expect(system.output()).toMatch(
    /^Warning: the setting NotificationService:BaseUrl names the host notifications\.invalid/m,
  );
});

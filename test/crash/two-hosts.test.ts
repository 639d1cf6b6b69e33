// Two function hosts on one platform, as `npm start -- --hosts 2` runs them: SIGKILL to one, to the other, and to both, while
// orders are placed through the balancer. Judged by store, ledger, read model and topic.
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { until } from 'azure-local/kit/until';
import type { OrderHead } from '../../src/domain/order';
import { crashSystem, type CrashSystem } from '../../tools/crash/system';
import { openOrderTopic } from '../support/order-topic';
import { SCOPE } from '../support/orders';

/** A dead host's work items are hidden for two minutes, its control messages for one. */
const COME_BACK_MS = 280_000;
const IN_FLIGHT = 8;

let system: RunningSystem;
let crash: CrashSystem;

beforeAll(async () => {
  system = await startSystem({
    args: ['--hosts', '2'],
    settings: { OrderProcessing__SagaTimeoutMinutes: '30' },
  });
  crash = crashSystem(system);
}, 60_000);
afterAll(() => system.stop());

const hostUrl = (name: 'host' | 'host-2'): string => system.urls[name] ?? '';

const place = (customerId: string, count: number): Promise<string[]> =>
  Promise.all(
    Array.from({ length: count }, (_, n) => crash.postUntilTaken({ customerId, key: `${customerId}-${n}` })),
  );

async function ended(ids: readonly string[]): Promise<readonly OrderHead[]> {
  const orders = await Promise.all(ids.map(async (id) => (await crash.store.read(SCOPE, id))?.order));
  return orders.filter((order) => order !== undefined).filter((order) => order.ended);
}

test('an order that one host has taken is known to the other at once, and cancelled through it', async () => {
  const posted = await fetch(`${hostUrl('host')}/api/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      customerId: 'two-hosts',
      notBefore: new Date(Date.now() + 3_600_000).toISOString(),
      items: [{ productId: 'p', productName: 'Lamp', quantity: 1, unitPrice: 5 }],
    }),
  });
  expect(posted.status).toBe(202);
  const { id } = (await posted.json()) as { id: string };
  const there = `${hostUrl('host-2')}/api/orders/${id}`;
  expect((await fetch(there)).status).toBe(200);
  expect((await fetch(`${there}/cancel`, { method: 'POST' })).status).toBe(202);
  await until('the order is cancelled', async () => (await ended([id]))[0]?.status === 'cancelled', 60_000);
}, 90_000);

test('orders placed while one host dies, then the other, then both, all end, and nothing is done twice', async () => {
  const customerId = 'killed-hosts';
  const ids: string[] = [];
  for (const [round, killed] of [['host'], ['host-2'], ['host', 'host-2']].entries()) {
    const placing = place(`${customerId}-${round}`, IN_FLIGHT);
    await until('something is charged', async () =>
      (await crash.effects()).some(
        ({ effect, customerId: of }) => effect === 'charged' && of === `${customerId}-${round}`,
      ),
    );
    await Promise.all(killed.map((name) => system.kill(name as 'host' | 'host-2')));
    ids.push(...(await placing));
    await system.recovered();
  }
  await until('all have ended', async () => (await ended(ids)).length === ids.length, COME_BACK_MS);

  const orders = await ended(ids);
  expect(orders.map(({ status }) => status)).toEqual(ids.map(() => 'completed'));
  const effects = await crash.effects();
  for (const id of ids) {
    const own = effects.filter(({ orderId }) => orderId === id).map(({ effect }) => effect);
    expect([...own].sort()).toEqual(['charged', 'shipmentCreated', 'stockConfirmed', 'stockReserved']);
  }
  const topic = openOrderTopic(system.urls.servicebus);
  for (const id of ids) {
    const events = await topic.sessionUntil(id, 'OrderCompleted');
    expect(events.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  }
  for (const round of [0, 1, 2]) {
    await until(
      'the list shows it',
      async () => {
        const list = await fetch(`${system.urls.api}/api/orders/customer/${customerId}-${round}`);
        const listed = (await list.json()) as readonly { readonly status: string }[];
        return listed.length === IN_FLIGHT && listed.every(({ status }) => status === 'completed');
      },
      60_000,
    );
  }
}, 420_000);

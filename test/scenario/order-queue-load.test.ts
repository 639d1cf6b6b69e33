// A thousand messages at once: everything is taken, nothing twice, and no more is in flight than host.json allows.
import { readFileSync } from 'node:fs';
import { createSystemClient } from '../../local/demo/system-client';
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { until } from 'azure-local/kit/until';
import { openOrderQueue, orderMessage, type OrderQueue } from '../support/order-queue';

const COUNT = 1_000;
const item = { productId: 'load-lamp', productName: 'Lamp', quantity: 1, unitPrice: 5 };

const { extensions } = JSON.parse(readFileSync('host.json', 'utf8')) as {
  extensions: { durableTask: { maxConcurrentActivityFunctions: number } };
};
const LIMIT = extensions.durableTask.maxConcurrentActivityFunctions;

let system: RunningSystem;
let queue: OrderQueue;

beforeAll(async () => {
  system = await startSystem();
  queue = openOrderQueue(system.urls.servicebus);
});
afterAll(async () => {
  await queue.close();
  await system.stop();
});

test('1,000 messages at once become 1,000 orders with one charge each, within the limit of activities', async () => {
  const client = createSystemClient(system.urls);
  await client.setStock(item.productId, COUNT);
  // Long enough that a host without a limit would have hundreds of calls in flight.
  await client.planFaults([{ service: 'payments', operation: 'charge', fault: 'slow', delayMs: 250 }]);
  await queue.send(
    ...Array.from({ length: COUNT }, (_, index) =>
      orderMessage(`load-${index}`, { customerId: `load-${index}`, items: [item] }),
    ),
  );
  const peak = await peakWhile(async () => (await client.stock(item.productId)).onHand === 0);
  expect(peak).toBeLessThanOrEqual(LIMIT);
  expect(peak).toBeGreaterThan(LIMIT / 2);

  const ledger = await client.ledger();
  const counted = (effect: string): number => ledger.filter((line) => line.effect === effect).length;
  expect(counted('charged')).toBe(COUNT);
  expect(counted('stockConfirmed')).toBe(COUNT);
  expect(await client.stock(item.productId)).toMatchObject({ onHand: 0, reserved: 0 });
  await queue.drained();
  expect(await queue.deadLetters()).toEqual([]);
});

/** The most downstream calls that were seen in flight until `isOver`. */
async function peakWhile(isOver: () => Promise<boolean>): Promise<number> {
  let peak = 0;
  await until('every order has its goods', async () => {
    const response = await fetch(`${system.urls.services}/control/requests`);
    const calls = (await response.json()) as { service: string; status: number | null }[];
    const ofSagas = calls.filter(({ service, status }) => service !== 'notifications' && status === null);
    peak = Math.max(peak, ofSagas.length);
    return isOver();
  });
  return peak;
}

// Messages while the order store is away: given back with growing waits, and dead-lettered only at the last delivery.
import { createSystemClient, isEnded, poll, type SystemClient } from '../../local/demo/system-client';
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { emulatorCosmosConnection } from 'azure-local/kit/emulator-connections';
import { until } from 'azure-local/kit/until';
import { createOrderCaller, order } from '../support/order-caller';
import { openOrderQueue, orderMessage, type OrderQueue } from '../support/order-queue';
import { openTcpProxy, type TcpProxy } from 'azure-local/testing/tcp-proxy';

let system: RunningSystem;
let client: SystemClient;
let queue: OrderQueue;
let store: TcpProxy;

/** A system whose app reaches the order store through a door: one start tells where the store is, the next goes by the door. */
beforeAll(async () => {
  const first = await startSystem();
  const cosmosPort = new URL(first.urls.cosmos).port;
  await first.stop();
  store = await openTcpProxy(`127.0.0.1:${cosmosPort}`);
  const connection = emulatorCosmosConnection(`http://${store.host}`);
  system = await startSystem({
    args: ['--cosmos-port', cosmosPort],
    settings: { 'OrderProcessing:CosmosConnectionString': connection },
  });
  client = createSystemClient(system.urls);
  queue = openOrderQueue(system.urls.servicebus);
});
afterAll(async () => {
  await queue.close();
  await store.shut();
  await system.stop();
});

/** The message as it lies on the queue, once it has been given back `times` times. */
const returned = (messageId: string, times: number) =>
  until(`${messageId} was given back ${times} times`, async () =>
    (await queue.active()).find(
      (message) => message.messageId === messageId && (message.deliveryCount ?? 0) >= times,
    ),
  );

test('an order that meets an outage is given back, and completed when the store is back', async () => {
  await store.shut();
  await queue.send(orderMessage('store-returns', order('cust-returns')));
  await returned('store-returns', 1);
  expect(await queue.deadLetters()).toEqual([]);
  await store.open();
  await queue.drained();
  expect(await queue.deadLetters()).toEqual([]);
  const caller = createOrderCaller(system.urls.api);
  // The change feed looks at a store that was away less and less often.
  const [placed] = await until('it is listed', async () => {
    const list = await caller.listOf('cust-returns');
    return list.length > 0 && list;
  });
  expect(await poll(() => client.order(placed?.id ?? ''), isEnded)).toMatchObject({ status: 'completed' });
});

test('an order that meets an outage without end becomes ProcessingFailed at the last delivery and not before', async () => {
  await store.shut();
  const sentMs = performance.now();
  await queue.send(orderMessage('store-gone', order('cust-gone')));
  await returned('store-gone', 2);
  expect(await queue.deadLetters()).toEqual([]);
  const letter = await queue.deadLetter('store-gone');
  expect(letter.deadLetterReason).toBe('ProcessingFailed');
  expect(letter.deadLetterErrorDescription).toMatch(/^after 3 deliveries: the order store does not answer/);
  // Two waits lie between three deliveries: 2 s and 4 s. Timers are never early.
  expect(performance.now() - sentMs).toBeGreaterThanOrEqual(6_000);
  await store.open();
});

// Dead letters as the metrics tell them, on a Service Bus look-alike through the official SDK.
import { createDeadLetterCounts } from '../../src/adapters/service-bus-dead-letter-counts';
import { openServiceBus, type ServiceBus } from 'azure-local/testing/servicebus-fixture';

let bus: ServiceBus;
beforeAll(async () => {
  bus = await openServiceBus();
});
afterAll(() => bus.close());

test('each dead letter of a queue counts, whoever has looked before; a queue that there is not is left out', async () => {
  let nowMs = 0;
  const connect = () => Promise.resolve(bus.client);
  const counts = createDeadLetterCounts(connect, ['orders', 'no-such-queue'], { nowMs: () => nowMs });
  expect(await counts.read()).toEqual(new Map([['orders', 0]]));
  const sender = bus.client.createSender('orders');
  await sender.sendMessages([{ body: 1 }, { body: 2 }, { body: 3 }]);
  const receiver = bus.client.createReceiver('orders');
  const [first, second] = await receiver.receiveMessages(3);
  for (const message of [first, second]) if (message !== undefined) await receiver.deadLetterMessage(message);
  expect(await counts.read()).toEqual(new Map([['orders', 0]]));
  nowMs = 10_000;
  expect(await counts.read()).toEqual(new Map([['orders', 2]]));
  nowMs = 20_000;
  expect(await counts.read()).toEqual(new Map([['orders', 2]]));
});

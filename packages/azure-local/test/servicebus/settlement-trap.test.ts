// A bug of rhea 3.0.5 on the client's side, kept in sight so that we notice when it is mended: two different settlements
// of neighbouring deliveries in one tick leave as one frame, both as accepted. Settlements must be made one by one.
import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import {
  config,
  openServiceBus,
  peekAll,
  queue,
  receive,
  type ServiceBus,
} from '../../testing/servicebus-fixture';

let bus: ServiceBus;
let receiver: ServiceBusReceiver;
let first: ServiceBusReceivedMessage;
let second: ServiceBusReceivedMessage;

beforeEach(async () => {
  bus = await openServiceBus(config([queue('q')]));
  await bus.client.createSender('q').sendMessages([{ body: 1 }, { body: 2 }]);
  receiver = bus.client.createReceiver('q');
  [first, second] = (await receive(receiver, 2)) as [ServiceBusReceivedMessage, ServiceBusReceivedMessage];
});
afterEach(() => bus.close());

const deadLettered = async (): Promise<unknown[]> =>
  (await peekAll(bus, (client) => client.createReceiver('q', { subQueueType: 'deadLetter' }))).map(
    ({ body }) => body as unknown,
  );

test('a message that is dead-lettered in the tick in which its neighbour is completed is lost', async () => {
  await Promise.all([receiver.completeMessage(first), receiver.deadLetterMessage(second)]);
  expect(await deadLettered()).toEqual([]);
  expect(await peekAll(bus, (client) => client.createReceiver('q'))).toEqual([]);
});

test('settled one after the other, both messages end where they should', async () => {
  await receiver.completeMessage(first);
  await receiver.deadLetterMessage(second);
  expect(await deadLettered()).toEqual([2]);
});

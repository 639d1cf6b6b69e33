// Facts about Service Bus that the app relies on, asked of the look-alike and, with AZURE_EMULATORS=1, of the official
// emulator, by the same client and with the same queues.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ServiceBusClient, type ServiceBusReceivedMessage } from '@azure/service-bus';
import { connectionString, openServiceBus, type ServiceBus } from 'azure-local/testing/servicebus-fixture';
import { describeOfficial } from '../support/official-emulators';

const ENTITIES = JSON.parse(
  readFileSync(path.resolve(__dirname, '../../local/servicebus/Config.json'), 'utf8'),
) as unknown;
const WAIT_MS = 5_000;

/** Declares the facts about whatever `client` gives; the queue `orders` is empty before each. */
function facts(client: () => ServiceBusClient): void {
  const send = (...messages: readonly { messageId: string; body?: unknown }[]): Promise<void> =>
    client()
      .createSender('orders')
      .sendMessages(messages.map((message) => ({ body: 'x', ...message })));
  const receiver = () => client().createReceiver('orders');
  const one = async (from = receiver()): Promise<ServiceBusReceivedMessage> => {
    const [message] = await from.receiveMessages(1, { maxWaitTimeInMs: WAIT_MS });
    if (message === undefined) throw new Error('no message came');
    return message;
  };

  beforeEach(async () => {
    const from = client().createReceiver('orders', { receiveMode: 'receiveAndDelete' });
    while ((await from.receiveMessages(100, { maxWaitTimeInMs: 200 })).length > 0);
    await from.close();
  });

  test('a message that is completed is gone', async () => {
    const messageId = randomUUID();
    await send({ messageId, body: { a: 1 } });
    const from = receiver();
    const message = await one(from);
    expect(message).toMatchObject({ messageId, body: { a: 1 }, deliveryCount: 0 });
    await from.completeMessage(message);
    expect(await from.peekMessages(10)).toEqual([]);
    await from.close();
  });

  test('a message that is abandoned comes again, with a higher count', async () => {
    await send({ messageId: randomUUID() });
    const from = receiver();
    await from.abandonMessage(await one(from));
    const again = await one(from);
    expect(again.deliveryCount).toBe(1);
    await from.completeMessage(again);
    await from.close();
  });

  test('a message that is dead-lettered is in the sub-queue, with reason and description', async () => {
    const messageId = randomUUID();
    await send({ messageId });
    const from = receiver();
    await from.deadLetterMessage(await one(from), {
      deadLetterReason: 'ValidationFailed',
      deadLetterErrorDescription: 'items: must not be empty',
    });
    await from.close();
    const dead = client().createReceiver('orders', { subQueueType: 'deadLetter' });
    const message = await one(dead);
    expect(message).toMatchObject({
      messageId,
      deadLetterReason: 'ValidationFailed',
      deadLetterErrorDescription: 'items: must not be empty',
    });
    await dead.completeMessage(message);
    await dead.close();
  });

  test('a message id that was sent before is dropped', async () => {
    const [messageId, last] = [randomUUID(), randomUUID()];
    // Not `orders`: two tenants may use the same id.
    const to = client().createSender('order-failures');
    for (const id of [messageId, messageId, last]) await to.sendMessages({ messageId: id, body: 'x' });
    const from = client().createReceiver('order-failures');
    const came = await from.peekMessages(10);
    expect(came.map((message) => message.messageId)).toEqual([messageId, last]);
    await from.close();
  });
}

describe('the look-alike of Service Bus', () => {
  let bus: ServiceBus;
  beforeAll(async () => (bus = await openServiceBus(ENTITIES)));
  afterAll(() => bus.close());
  facts(() => bus.client);
});

describeOfficial('the emulator of Service Bus', () => {
  const client = new ServiceBusClient(connectionString('127.0.0.1:5672'));
  afterAll(() => client.close());
  facts(() => client);
});

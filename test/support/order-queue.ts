// Client of the queues of a running system, as another team uses them, by the official SDK. It sends and peeks; it
// settles nothing.
import { ServiceBusClient, type ServiceBusMessage, type ServiceBusReceivedMessage } from '@azure/service-bus';
import { emulatorBusConnection } from 'azure-local/kit/emulator-connections';
import { until } from 'azure-local/kit/until';

type Messages = readonly ServiceBusReceivedMessage[];

export interface OrderQueue {
  /** Sends to `orders`, in batches as large as the broker takes. */
  send(...messages: ServiceBusMessage[]): Promise<void>;
  /** What is on `orders`, under lock or not; dead letters apart. */
  active(): Promise<Messages>;
  deadLetters(): Promise<Messages>;
  /** Resolves with the dead letter of that message once it is there. */
  deadLetter(messageId: string): Promise<ServiceBusReceivedMessage>;
  /** What is on `order-failures`. */
  failures(): Promise<Messages>;
  /** Resolves when `orders` holds no message. */
  drained(): Promise<unknown>;
  close(): Promise<void>;
}

/** As the SDK's users send orders: an object that becomes JSON. */
export const orderMessage = (messageId: string, body: unknown, more: object = {}): ServiceBusMessage => ({
  messageId,
  contentType: 'application/json',
  body,
  ...more,
});

export function openOrderQueue(servicebus: string): OrderQueue {
  const client = new ServiceBusClient(emulatorBusConnection(servicebus));
  const sender = client.createSender('orders');
  const peek = (queue: string, subQueueType?: 'deadLetter'): Promise<Messages> =>
    peekAll(servicebus, queue, subQueueType);
  return {
    async send(...messages) {
      let batch = await sender.createMessageBatch();
      for (const message of messages) {
        if (batch.tryAddMessage(message)) continue;
        await sender.sendMessages(batch);
        batch = await sender.createMessageBatch();
        batch.tryAddMessage(message);
      }
      await sender.sendMessages(batch);
    },
    active: () => peek('orders'),
    deadLetters: () => peek('orders', 'deadLetter'),
    deadLetter: (messageId) =>
      until(`message ${messageId} is a dead letter`, async () =>
        (await peek('orders', 'deadLetter')).find((letter) => letter.messageId === messageId),
      ),
    failures: () => peek('order-failures'),
    drained: () => until('the queue is empty', async () => (await peek('orders')).length === 0, 60_000),
    close: () => client.close(),
  };
}

/** A client remembers how far each of its queues was peeked, so each look has one of its own. */
async function peekAll(servicebus: string, queue: string, subQueueType?: 'deadLetter'): Promise<Messages> {
  const client = new ServiceBusClient(emulatorBusConnection(servicebus));
  try {
    const receiver = client.createReceiver(queue, subQueueType === undefined ? {} : { subQueueType });
    const found: ServiceBusReceivedMessage[] = [];
    for (;;) {
      const page = await receiver.peekMessages(250);
      if (page.length === 0) return found;
      found.push(...page);
    }
  } finally {
    await client.close();
  }
}

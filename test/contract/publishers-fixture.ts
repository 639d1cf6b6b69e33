// Fixture of the publisher's suites: a publisher on a Service Bus look-alike, and what arrived there.
import type { ServiceBusClient, ServiceBusReceivedMessage } from '@azure/service-bus';
import { receive, type ServiceBus } from 'azure-local/testing/servicebus-fixture';
import { createServiceBusPublisher } from '../../src/adapters/service-bus-publisher';
import { createBatchSender } from '../../src/adapters/service-bus-sender';
import type { EventEnvelope } from '../../src/domain/event-envelope';
import type { EventPublisher } from '../../src/ports/event-publisher';

export const SETTINGS = { batchSize: 100, breakerOpenMs: 60_000 };

/** A publisher as one process has it, and the sizes of the batches it sends. */
export function openPublisher(
  bus: ServiceBus,
  batchSize = 100,
): {
  publisher: EventPublisher;
  batches: number[];
} {
  const batches: number[] = [];
  const connect = (): Promise<ServiceBusClient> => {
    const createSender = (entity: string): unknown => {
      const sender = bus.client.createSender(entity);
      const send = sender.sendMessages.bind(sender);
      sender.sendMessages = async (batch) => {
        await send(batch);
        batches.push((batch as { count: number }).count);
      };
      return sender;
    };
    return Promise.resolve({ createSender } as unknown as ServiceBusClient);
  };
  const sender = createBatchSender(connect, 'order-events', { ...SETTINGS, batchSize });
  return { publisher: createServiceBusPublisher(sender), batches };
}

/** What the session of an order holds at `all-events`. */
export async function sessionOf(
  bus: ServiceBus,
  orderId: string,
  count: number,
): Promise<ServiceBusReceivedMessage[]> {
  const receiver = await bus.client.acceptSession('order-events', 'all-events', orderId);
  const messages = await receive(receiver, count);
  await receiver.close();
  return messages;
}

export const sequences = (messages: readonly ServiceBusReceivedMessage[]): number[] =>
  messages.map(({ body }) => (body as EventEnvelope).sequence);

/** Everything at a subscription; a look gives what fits into one answer. */
export async function peek(bus: ServiceBus, subscription: string): Promise<ServiceBusReceivedMessage[]> {
  const receiver = bus.client.createReceiver('order-events', subscription);
  const found: ServiceBusReceivedMessage[] = [];
  for (;;) {
    const page = await receiver.peekMessages(250);
    if (page.length === 0) break;
    found.push(...page);
  }
  await receiver.close();
  return found;
}

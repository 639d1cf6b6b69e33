// Client of the topic of order events, as another team reads it, by the official SDK. It peeks; it settles nothing.
import { ServiceBusClient, type ServiceBusReceivedMessage } from '@azure/service-bus';
import { emulatorBusConnection } from 'azure-local/kit/emulator-connections';
import { until } from 'azure-local/kit/until';
import type { EventEnvelope } from '../../src/domain/event-envelope';

const TOPIC = 'order-events';

export interface OrderTopic {
  /** The events of an order as they lie in its session at `all-events`. */
  session(orderId: string): Promise<readonly EventEnvelope[]>;
  /** As `session`, once an event of that type has come. */
  sessionUntil(orderId: string, type: EventEnvelope['type']): Promise<readonly EventEnvelope[]>;
  /** Everything at a subscription without sessions. */
  subscription(name: string): Promise<readonly ServiceBusReceivedMessage[]>;
}

export function openOrderTopic(servicebus: string): OrderTopic {
  const session: OrderTopic['session'] = (orderId) =>
    withClient(servicebus, async (client) => {
      const receiver = await client.acceptSession(TOPIC, 'all-events', orderId);
      return (await receiver.peekMessages(250)).map(({ body }) => body as EventEnvelope);
    });
  return {
    session,
    sessionUntil: (orderId, type) =>
      until(`${type} of ${orderId} is on the topic`, async () => {
        const events = await session(orderId);
        return events.some((event) => event.type === type) && events;
      }),
    subscription: (name) =>
      withClient(servicebus, async (client) => {
        const receiver = client.createReceiver(TOPIC, name);
        const found: ServiceBusReceivedMessage[] = [];
        for (;;) {
          const page = await receiver.peekMessages(250);
          if (page.length === 0) return found;
          found.push(...page);
        }
      }),
  };
}

/** A client remembers how far it has peeked, so each look has one of its own. */
async function withClient<T>(servicebus: string, look: (client: ServiceBusClient) => Promise<T>): Promise<T> {
  const client = new ServiceBusClient(emulatorBusConnection(servicebus));
  try {
    return await look(client);
  } finally {
    await client.close();
  }
}

// What lies at the broker, by the official SDK: the whole topic session by session, the queues, every dead letter.
import {
  ServiceBusClient,
  type ServiceBusReceivedMessage,
  type ServiceBusReceiver,
} from '@azure/service-bus';
import entities from '../../local/servicebus/Config.json';
import { emulatorBusConnection } from '../../local/supervisor/settings';
import { COPY } from './deliveries';
import type { DeadLetter, Facts, ToldEvent } from './facts';

const TOPIC = 'order-events';
const SESSIONS_AT_ONCE = 8;
const PAGE = 250;

type Peeked = Pick<Facts, 'topic' | 'failures' | 'queued' | 'deadLetters'>;

/** `orderIds` name the sessions of the topic. */
export async function peekBroker(servicebus: string, orderIds: readonly string[]): Promise<Peeked> {
  // A client remembers how far each of its queues was peeked, so each look has one of its own.
  const client = new ServiceBusClient(emulatorBusConnection(servicebus));
  try {
    return {
      topic: await sessions(client, orderIds),
      failures: ids(await all(client.createReceiver('order-failures'))),
      queued: ids(await all(client.createReceiver('orders'))),
      deadLetters: await deadLetters(client),
    };
  } finally {
    await client.close();
  }
}

/** A client goes on peeking where it last was at an entity, whatever the session: so each session is told where to begin. */
async function sessions(
  client: ServiceBusClient,
  orderIds: readonly string[],
): Promise<Map<string, readonly ToldEvent[]>> {
  const told = new Map<string, readonly ToldEvent[]>();
  const [any] = await client.createReceiver(TOPIC, 'order-created-events').peekMessages(1);
  const number = any?.sequenceNumber;
  if (number === undefined) return told;
  const left = [...orderIds];
  const look = async (): Promise<void> => {
    for (let orderId = left.pop(); orderId !== undefined; orderId = left.pop()) {
      const receiver = await client.acceptSession(TOPIC, 'all-events', orderId);
      const messages = await receiver.peekMessages(PAGE, { fromSequenceNumber: number.subtract(number) });
      await receiver.close();
      told.set(
        orderId,
        messages.map(toToldEvent).filter(({ messageId }) => !messageId.startsWith(COPY)),
      );
    }
  };
  await Promise.all(Array.from({ length: SESSIONS_AT_ONCE }, look));
  return told;
}

function toToldEvent({ messageId, body }: ServiceBusReceivedMessage): ToldEvent {
  return { messageId: String(messageId), sequence: (body as { sequence: number }).sequence };
}

async function deadLetters(client: ServiceBusClient): Promise<DeadLetter[]> {
  const [namespace] = entities.UserConfig.Namespaces;
  const places = [
    ...(namespace?.Queues ?? []).map(({ Name }) => ({
      entity: Name,
      receiver: client.createReceiver(Name, { subQueueType: 'deadLetter' }),
    })),
    ...(namespace?.Topics ?? []).flatMap((topic) =>
      topic.Subscriptions.map(({ Name }) => ({
        entity: `${topic.Name}/${Name}`,
        receiver: client.createReceiver(topic.Name, Name, { subQueueType: 'deadLetter' }),
      })),
    ),
  ];
  const found: DeadLetter[] = [];
  for (const { entity, receiver } of places) {
    for (const { messageId, deadLetterReason } of await all(receiver)) {
      found.push({ entity, messageId: String(messageId), reason: deadLetterReason ?? '' });
    }
  }
  return found;
}

async function all(receiver: ServiceBusReceiver): Promise<ServiceBusReceivedMessage[]> {
  const found: ServiceBusReceivedMessage[] = [];
  for (;;) {
    const page = await receiver.peekMessages(PAGE);
    if (page.length === 0) return found;
    found.push(...page);
  }
}

function ids(messages: readonly ServiceBusReceivedMessage[]): string[] {
  return messages.map(({ messageId }) => String(messageId));
}

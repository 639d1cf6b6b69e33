// Reader of what the broker holds, by the official SDK: the whole topic, the queues, every dead letter.
import {
  ServiceBusClient,
  type ServiceBusReceivedMessage,
  type ServiceBusReceiver,
} from '@azure/service-bus';
import entities from '../../local/servicebus/Config.json';
import { emulatorBusConnection } from 'azure-local/kit/emulator-connections';
import { COPY } from './deliveries';
import type { DeadLetter, Facts, PublishedEvent } from './facts';
import type { Letter } from './sent';

const TOPIC = 'order-events';
const PAGE = 250;

type Peeked = Pick<Facts, 'topic' | 'failures' | 'queued' | 'deadLetters'>;

export async function peekBroker(servicebus: string): Promise<Peeked> {
  // A client remembers how far each of its queues was peeked, so each look has one of its own.
  const client = new ServiceBusClient(emulatorBusConnection(servicebus));
  try {
    return {
      topic: await publishedByOrder(client),
      failures: ids(await all(client.createReceiver('order-failures'))),
      queued: ids(await all(client.createReceiver('orders'))),
      deadLetters: await deadLetters(client),
    };
  } finally {
    await client.close();
  }
}

/** Those dead letters of the queue `orders`. */
export async function lettersOf(servicebus: string, messageIds: ReadonlySet<string>): Promise<Letter[]> {
  const client = new ServiceBusClient(emulatorBusConnection(servicebus));
  try {
    const letters = await all(client.createReceiver('orders', { subQueueType: 'deadLetter' }));
    return letters
      .map(({ messageId, body }) => ({ messageId: String(messageId), body: JSON.stringify(body) }))
      .filter(({ messageId }) => messageIds.has(messageId));
  } finally {
    await client.close();
  }
}

/** The whole topic, by order. Peeking asks for no session: it sees them all, in the order of their sequence numbers. */
async function publishedByOrder(client: ServiceBusClient): Promise<Map<string, readonly PublishedEvent[]>> {
  const published = new Map<string, PublishedEvent[]>();
  for await (const message of pages(client.createReceiver(TOPIC, 'all-events'))) {
    const event = toPublishedEvent(message);
    if (event.messageId.startsWith(COPY)) continue;
    const { sessionId = '' } = message;
    const own = published.get(sessionId);
    if (own === undefined) published.set(sessionId, [event]);
    else own.push(event);
  }
  return published;
}

function toPublishedEvent({ messageId, body }: ServiceBusReceivedMessage): PublishedEvent {
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

/** Page by page: a receiver goes on peeking where it last was. */
async function* pages(receiver: ServiceBusReceiver): AsyncGenerator<ServiceBusReceivedMessage> {
  for (;;) {
    const page = await receiver.peekMessages(PAGE);
    if (page.length === 0) return;
    yield* page;
  }
}

async function all(receiver: ServiceBusReceiver): Promise<ServiceBusReceivedMessage[]> {
  const found: ServiceBusReceivedMessage[] = [];
  for await (const message of pages(receiver)) found.push(message);
  return found;
}

function ids(messages: readonly ServiceBusReceivedMessage[]): string[] {
  return messages.map(({ messageId }) => String(messageId));
}

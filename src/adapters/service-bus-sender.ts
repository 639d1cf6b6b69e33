// Sends messages to one queue or topic, in order and in as few batches as the broker takes. Knows no event.
//
// B1  One batch at a time: a message goes out only when every one before it is accepted.
// B2  What was accepted is not sent again by this process: a retry goes on where the last try broke off.
// B3  A message that can be in no batch (too large, or its ids are too long) is given back; the others go.
// B4  One connection and one link for the life of the process, opened at the first message.
import type {
  ServiceBusClient,
  ServiceBusMessage,
  ServiceBusMessageBatch,
  ServiceBusSender,
} from '@azure/service-bus';
import type { Unsendable } from '../ports/event-publisher';
import { createAcceptedIds, type AcceptedIds } from './accepted-ids';
import { createSendBreaker, type BreakerSettings } from './send-breaker';
import { brokerOperation } from './service-bus-client';

export type OutgoingMessage = ServiceBusMessage & { readonly messageId: string };

export interface BatchSettings extends BreakerSettings {
  /** At most so many messages in one batch. */
  readonly batchSize: number;
}

export interface BatchSender {
  /** Resolves when all are accepted but those given back; throws a TransientError with `outage` when the broker is away. */
  send(messages: readonly OutgoingMessage[]): Promise<readonly Unsendable<OutgoingMessage>[]>;
}

/** The sender of `entity`, over the client that `connect` gives. */
export function createBatchSender(
  connect: () => Promise<ServiceBusClient>,
  entity: string,
  settings: BatchSettings,
): BatchSender {
  const accepted = createAcceptedIds();
  const guard = createSendBreaker(`Service Bus ${entity}`, settings);
  let sender: ServiceBusSender | undefined;
  return {
    async send(messages) {
      const news = messages.filter(({ messageId }) => !accepted.has(messageId));
      if (news.length === 0) return [];
      const client = await connect();
      const to = (sender ??= client.createSender(entity));
      return guard(() => brokerOperation(() => sendInOrder(to, news, settings.batchSize, accepted)));
    },
  };
}

async function sendInOrder(
  sender: ServiceBusSender,
  messages: readonly OutgoingMessage[],
  batchSize: number,
  accepted: AcceptedIds,
): Promise<readonly Unsendable<OutgoingMessage>[]> {
  const refused: Unsendable<OutgoingMessage>[] = [];
  let batch = await sender.createMessageBatch();
  let ids: string[] = [];
  const flush = async (): Promise<void> => {
    if (batch.count === 0) return;
    await sender.sendMessages(batch);
    accepted.add(ids);
    ids = [];
    batch = await sender.createMessageBatch();
  };
  for (const message of messages) {
    if (batch.count === batchSize) await flush();
    let added = add(batch, message);
    if (added === 'full') {
      await flush();
      added = add(batch, message);
    }
    if (added === 'added') ids.push(message.messageId);
    else refused.push({ item: message, reason: reasonOf(added, batch) });
  }
  await flush();
  return refused;
}

type Added = 'added' | 'full' | { readonly refused: string };

/** Nothing is sent here: what is thrown is about the message, not about the broker. */
function add(batch: ServiceBusMessageBatch, message: OutgoingMessage): Added {
  try {
    return batch.tryAddMessage(message) ? 'added' : 'full';
  } catch (error) {
    return { refused: String(error) };
  }
}

function reasonOf(added: Exclude<Added, 'added'>, { maxSizeInBytes }: ServiceBusMessageBatch): string {
  return added === 'full'
    ? `larger than one message of Service Bus may be (${maxSizeInBytes} bytes)`
    : added.refused;
}

// Sends messages to one queue or topic, in order and in as few batches as the broker takes. Knows no event.
//
// service-bus-sender.B1  One batch at a time: a message goes out only when every one before it is accepted.
// service-bus-sender.B2  What was accepted is not sent again by this process: a retry goes on where the last try broke
//   off.
// service-bus-sender.B3  A message that can be in no batch (too large, or its ids are too long) is given back; the
//   others go. One that is too large goes in its smaller form where it has one.
// service-bus-sender.B5  A batch that the broker refuses for what is in it is sent message by message: what is refused
//   alone is given back.
// service-bus-sender.B4  One connection and one link for the life of the process, opened at the first message.
import type {
  ServiceBusClient,
  ServiceBusMessage,
  ServiceBusMessageBatch,
  ServiceBusSender,
} from '@azure/service-bus';
import type { Unsendable } from '../ports/event-publisher';
import { createAcceptedIds } from './accepted-ids';
import { createSendBreaker, type BreakerSettings } from './send-breaker';
import { brokerOperation, isAboutMessage } from './service-bus-client';

export type OutgoingMessage = ServiceBusMessage & { readonly messageId: string };

export interface BatchSettings extends BreakerSettings {
  /** At most so many messages in one batch. */
  readonly batchSize: number;
  /** Told of what the broker has accepted. */
  readonly onAccepted?: (messages: readonly OutgoingMessage[]) => void;
}

export interface BatchSender {
  /** Resolves when all are accepted but those given back; throws a TransientError with `outage` when the broker is away. */
  send(
    messages: readonly OutgoingMessage[],
    smaller?: SmallerForm,
  ): Promise<readonly Unsendable<OutgoingMessage>[]>;
}

/** A form of the message that is smaller, under the same id; undefined when it has none. */
export type SmallerForm = (message: OutgoingMessage) => OutgoingMessage | undefined;

/** The sender of `entity`, over the client that `connect` gives. */
export function createBatchSender(
  connect: () => Promise<ServiceBusClient>,
  entity: string,
  settings: BatchSettings,
): BatchSender {
  const accepted = createAcceptedIds();
  const guard = createSendBreaker(`Service Bus ${entity}`, settings);
  let sender: ServiceBusSender | undefined;
  const accept = (messages: readonly OutgoingMessage[]): void => {
    accepted.add(messages.map(({ messageId }) => messageId));
    settings.onAccepted?.(messages);
  };
  return {
    async send(messages, smaller = () => undefined) {
      const news = messages.filter(({ messageId }) => !accepted.has(messageId));
      if (news.length === 0) return [];
      const client = await connect();
      const to = (sender ??= client.createSender(entity));
      const target = { sender: to, batchSize: settings.batchSize, accept, smaller };
      return guard(() => brokerOperation(() => sendInOrder(target, news)));
    },
  };
}

interface Target {
  readonly sender: ServiceBusSender;
  readonly batchSize: number;
  readonly accept: (messages: readonly OutgoingMessage[]) => void;
  readonly smaller: SmallerForm;
}

/** A message to be sent, and the form in which it is in the batch. */
interface Entry {
  readonly message: OutgoingMessage;
  readonly form: OutgoingMessage;
}

type Refused = Unsendable<OutgoingMessage>;

async function sendInOrder(
  target: Target,
  messages: readonly OutgoingMessage[],
): Promise<readonly Refused[]> {
  const { sender, batchSize, smaller } = target;
  const refused: Refused[] = [];
  let batch = await sender.createMessageBatch();
  let entries: Entry[] = [];
  const flush = async (): Promise<void> => {
    if (entries.length === 0) return;
    refused.push(...(await sendBatch(target, batch, entries)));
    entries = [];
    batch = await sender.createMessageBatch();
  };
  for (const message of messages) {
    if (batch.count === batchSize) await flush();
    let form = message;
    let added = add(batch, form);
    if (added === 'full') {
      await flush();
      added = add(batch, form);
    }
    if (added === 'full') {
      form = smaller(message) ?? message;
      added = add(batch, form);
    }
    if (added === 'added') entries.push({ message, form });
    else refused.push({ item: message, reason: reasonOf(added, batch) });
  }
  await flush();
  return refused;
}

async function sendBatch(
  target: Target,
  batch: ServiceBusMessageBatch,
  entries: readonly Entry[],
): Promise<readonly Refused[]> {
  const refusal = await refusalOf(() => target.sender.sendMessages(batch));
  if (refusal !== undefined) return sendOneByOne(target, entries);
  target.accept(entries.map(({ message }) => message));
  return [];
}

async function sendOneByOne(
  { sender, accept, smaller }: Target,
  entries: readonly Entry[],
): Promise<readonly Refused[]> {
  const refused: Refused[] = [];
  for (const { message, form } of entries) {
    let reason = await refusalOf(() => sender.sendMessages(form));
    const other = reason !== undefined && form === message ? smaller(message) : undefined;
    if (other !== undefined) reason = await refusalOf(() => sender.sendMessages(other));
    if (reason === undefined) accept([message]);
    else refused.push({ item: message, reason });
  }
  return refused;
}

/** Why the broker refuses what is sent, for good; undefined when it took it. Rejects with any other fault. */
async function refusalOf(send: () => Promise<void>): Promise<string | undefined> {
  try {
    await send();
    return undefined;
  } catch (error) {
    if (isAboutMessage(error)) return `refused by Service Bus: ${error.message}`;
    throw error;
  }
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

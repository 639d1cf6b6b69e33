// Dead letters of Service Bus queues. A letter goes back as a new message that carries what its sender gave it.
//
// dead-letters.L1  A letter is removed only after the queue has accepted the copy.
// dead-letters.L2  The copy's message id is made of the letter's key and the number of the redrive: a queue that drops
//   duplicates drops a second copy, and not the first one, which the id of the original would make one. A queue that does not
//   gives two copies on, which one key makes one order.
// dead-letters.L3  Letters that were not asked for are given back; that raises their delivery count and nothing else.
import { createHash } from 'node:crypto';
import type {
  ServiceBusClient,
  ServiceBusMessage,
  ServiceBusReceivedMessage,
  ServiceBusReceiver,
  ServiceBusSender,
} from '@azure/service-bus';
import Long from 'long';
import type { DeadLetter, DeadLetters, Moved } from '../ports/dead-letters';
import { brokerOperation } from './service-bus-client';
import { bodyBytes, ORIGINAL_ID, toInboundMessage } from './service-bus-delivery';

/** What dead-lettering and redriving write on a message, beside what its sender gave it. */
const DEAD_LETTER_PROPERTIES = ['DeadLetterReason', 'DeadLetterErrorDescription'];
const REDRIVE_COUNT = 'redriveCount';

/** How many are taken at once. */
const PAGE = 50;
const WAIT_MS = 2_000;

/** The dead letters of the queues of the namespace that `connect` gives. */
export function createServiceBusDeadLetters(connect: () => Promise<ServiceBusClient>): DeadLetters {
  return {
    list: (queue, from, limit) =>
      withReceiver(connect, queue, async (receiver) => {
        const found: ServiceBusReceivedMessage[] = [];
        // Always told: without it the SDK goes on behind the last look at this queue, whoever took it.
        let next = Long.fromString(from ?? '0');
        while (found.length < limit) {
          // An answer holds what fits into it, which may be less than was asked for.
          const page = await receiver.peekMessages(limit - found.length, { fromSequenceNumber: next });
          const last = page.at(-1)?.sequenceNumber;
          if (last === undefined) break;
          found.push(...page);
          next = last.add(1);
        }
        return found.map(toLetter);
      }),
    redrive: (queue, sequenceNumbers, textOf) =>
      withReceiver(connect, queue, async (receiver, client) => {
        const sender = client.createSender(queue);
        try {
          return await moveEach(receiver, sender, new Set(sequenceNumbers), textOf);
        } finally {
          await sender.close();
        }
      }),
  };
}

async function withReceiver<T>(
  connect: () => Promise<ServiceBusClient>,
  queue: string,
  work: (receiver: ServiceBusReceiver, client: ServiceBusClient) => Promise<T>,
): Promise<T> {
  return brokerOperation(async () => {
    const client = await connect();
    const receiver = client.createReceiver(queue, { subQueueType: 'deadLetter' });
    try {
      return await work(receiver, client);
    } finally {
      await receiver.close();
    }
  });
}

async function moveEach(
  receiver: ServiceBusReceiver,
  sender: ServiceBusSender,
  wanted: Set<string>,
  textOf: (letter: DeadLetter) => string | undefined,
): Promise<ReadonlyMap<string, Moved>> {
  const moved = new Map<string, Moved>([...wanted].map((number) => [number, 'gone']));
  const others: ServiceBusReceivedMessage[] = [];
  try {
    while (wanted.size > 0) {
      const page = await receiver.receiveMessages(PAGE, { maxWaitTimeInMs: WAIT_MS });
      if (page.length === 0) break;
      for (const message of page) {
        const number = String(message.sequenceNumber);
        if (!wanted.delete(number)) {
          others.push(message);
          continue;
        }
        await sender.sendMessages(copyOf(message, textOf(toLetter(message))));
        await receiver.completeMessage(message);
        moved.set(number, 'moved');
      }
    }
    return moved;
  } finally {
    await Promise.allSettled(others.map((message) => receiver.abandonMessage(message)));
  }
}

/** dead-letters.L2. */
function copyOf(message: ServiceBusReceivedMessage, text: string | undefined): ServiceBusMessage {
  const { messageId, key, redriveCount, body } = toLetter(message);
  const { contentType, correlationId, subject, sessionId, applicationProperties } = message;
  const properties = Object.entries(applicationProperties ?? {}).filter(
    ([name]) => !DEAD_LETTER_PROPERTIES.includes(name),
  );
  const next = redriveCount + 1;
  return {
    body: text === undefined ? bodyBytes(body) : Buffer.from(text),
    messageId: createHash('sha256').update(`${key}\n${next}`).digest('hex'),
    ...(contentType === undefined ? {} : { contentType }),
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(subject === undefined ? {} : { subject }),
    ...(sessionId === undefined ? {} : { sessionId }),
    applicationProperties: {
      ...Object.fromEntries(properties),
      ...{ idempotencyKey: key, [ORIGINAL_ID]: messageId, [REDRIVE_COUNT]: next },
    },
  };
}

function toLetter(message: ServiceBusReceivedMessage): DeadLetter {
  const { messageId, key, correlationId, body } = toInboundMessage(message);
  const { tenantId, [REDRIVE_COUNT]: redriveCount } = message.applicationProperties ?? {};
  return {
    sequenceNumber: String(message.sequenceNumber),
    messageId,
    key,
    tenantId: typeof tenantId === 'string' ? tenantId : undefined,
    correlationId,
    subject: message.subject,
    enqueuedAt: (message.enqueuedTimeUtc ?? new Date(0)).toISOString(),
    deliveryCount: message.deliveryCount ?? 0,
    reason: message.deadLetterReason ?? '',
    description: message.deadLetterErrorDescription ?? '',
    redriveCount: typeof redriveCount === 'number' && redriveCount > 0 ? Math.trunc(redriveCount) : 0,
    body,
  };
}

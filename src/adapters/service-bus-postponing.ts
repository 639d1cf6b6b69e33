// Puts a message of a queue off: a copy that becomes visible later takes its place. Abandoning would count as a delivery, and after
// a few of them the broker would dead-letter a message that nothing is wrong with.
//
// postponing.P1  The message is completed only after the queue has accepted the copy: a crash in between leaves two, and
//   their one key makes one order.
// postponing.P2  The copy has a message id of its own, made of the id and the sequence number of the message that it replaces: a
//   queue that drops duplicates takes the copy, though it knows the message's id, and drops a second copy of the same message.
// postponing.P3  The copy names the sender's message id (`originalMessageId`) and the key, over any number of copies: logs,
//   spans, letters and order ids are those of the message that was sent.
import { createHash } from 'node:crypto';
import type { ServiceBusClient, ServiceBusReceivedMessage, ServiceBusSender } from '@azure/service-bus';
import { brokerOperation } from './service-bus-client';
import { bodyBytes, brokerIdOf, ORIGINAL_ID, toInboundMessage } from './service-bus-delivery';

export type Postpone = (message: ServiceBusReceivedMessage, untilMs: number) => Promise<void>;

/** Sends copies to `queue`, over the client that `connect` gives: one sender for the life of the process. */
export function createPostpone(connect: () => Promise<ServiceBusClient>, queue: string): Postpone {
  let sender: ServiceBusSender | undefined;
  return (message, untilMs) =>
    brokerOperation(async () => {
      sender ??= (await connect()).createSender(queue);
      const { contentType, correlationId, subject, sessionId, applicationProperties } = message;
      const { messageId, key, body } = toInboundMessage(message);
      await sender.sendMessages({
        body: bodyBytes(body),
        messageId: idOfCopy(message),
        scheduledEnqueueTimeUtc: new Date(untilMs),
        ...(contentType === undefined ? {} : { contentType }),
        ...(correlationId === undefined ? {} : { correlationId }),
        ...(subject === undefined ? {} : { subject }),
        ...(sessionId === undefined ? {} : { sessionId }),
        applicationProperties: { ...applicationProperties, idempotencyKey: key, [ORIGINAL_ID]: messageId },
      });
    });
}

/** postponing.P2. */
function idOfCopy(message: ServiceBusReceivedMessage): string {
  const parts = [brokerIdOf(message), String(message.sequenceNumber ?? ''), 'put off'];
  return createHash('sha256').update(parts.join('\n')).digest('hex');
}

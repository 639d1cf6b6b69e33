// Messages of choreographed sagas on a queue with sessions: the session is the order, as on the topic of events.
import type { ServiceBusClient } from '@azure/service-bus';
import { TransientError } from '../errors';
import type { SagaMessage, SagaMessages } from '../ports/saga-messages';
import { brokerOperation } from './service-bus-client';
import type { BatchSender, OutgoingMessage } from './service-bus-sender';

/** The queue to which `sender` sends, over the client that `connect` gives. */
export function createServiceBusSagaMessages(
  connect: () => Promise<ServiceBusClient>,
  queue: string,
  sender: BatchSender,
): SagaMessages {
  return {
    async send(message, dueMs) {
      const [refused] = await sender.send([toMessage(message, dueMs)]);
      if (refused !== undefined)
        throw new TransientError('BROKER_UNAVAILABLE', `${queue}: ${refused.reason}`);
    },

    async isExpected(orderId) {
      const client = await connect();
      return brokerOperation(async () => {
        try {
          const session = await client.acceptSession(queue, orderId);
          const found = await session.peekMessages(1).finally(() => session.close());
          return found.length > 0;
        } catch (error) {
          if (isHeld(error)) return true;
          throw error;
        }
      });
    },
  };
}

/** Whether someone else has the session: a function that handles a message of the order. */
function isHeld(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'SessionCannotBeLocked';
}

/** The same for a retry that two deliveries of one message ask for: the queue drops the second. */
export function messageIdOf({ eventId, retry }: SagaMessage): string {
  const call = retry === undefined ? [] : [retry.step, retry.attempt, ...(retry.waited ? ['waited'] : [])];
  return [eventId, ...call].join(':');
}

function toMessage(message: SagaMessage, dueMs: number): OutgoingMessage {
  const { orderId, tenantId, retry } = message;
  return {
    messageId: messageIdOf(message),
    sessionId: orderId,
    subject: retry?.step ?? 'wake',
    contentType: 'application/json',
    applicationProperties: { tenantId },
    scheduledEnqueueTimeUtc: new Date(dueMs),
    body: message,
  };
}

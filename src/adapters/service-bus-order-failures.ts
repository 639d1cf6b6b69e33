// Failed orders as messages of a queue. Duplicates are the queue's to drop: the message id is made of the order id.
import type { ServiceBusClient, ServiceBusMessage, ServiceBusSender } from '@azure/service-bus';
import { TerminalError } from '../errors';
import type { OrderFailure, OrderFailures } from '../ports/order-failures';
import { brokerOperation } from './service-bus-client';

/** The order failures of `queue`, over the client that `connect` gives. */
export function createServiceBusOrderFailures(
  connect: () => Promise<ServiceBusClient>,
  queue: string,
): OrderFailures {
  let sender: ServiceBusSender | undefined;
  return {
    async publish(failures) {
      const client = await connect();
      const to = (sender ??= client.createSender(queue));
      await brokerOperation(() => sendAll(to, failures.map(toMessage)));
    },
  };
}

/** Sends in as few batches as the broker takes. */
async function sendAll(sender: ServiceBusSender, messages: readonly ServiceBusMessage[]): Promise<void> {
  let batch = await sender.createMessageBatch();
  for (const message of messages) {
    if (batch.tryAddMessage(message)) continue;
    if (batch.count > 0) await sender.sendMessages(batch);
    batch = await sender.createMessageBatch();
    if (batch.tryAddMessage(message)) continue;
    throw new TerminalError('MESSAGE_TOO_LARGE', `message ${String(message.messageId)} fits into no batch`);
  }
  if (batch.count > 0) await sender.sendMessages(batch);
}

function toMessage(failure: OrderFailure): ServiceBusMessage {
  const { orderId, tenantId, correlationId, traceparent } = failure;
  return {
    messageId: `${orderId}:failed`,
    subject: 'OrderFailed',
    contentType: 'application/json',
    correlationId,
    applicationProperties: { tenantId, traceparent },
    body: failure,
  };
}

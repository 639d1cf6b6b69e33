// Failed orders as messages of a queue. Duplicates are the queue's to drop: the message id is made of the order id.
import type { OrderFailure, OrderFailures } from '../ports/order-failures';
import type { BatchSender, OutgoingMessage } from './service-bus-sender';

/** The order failures of the queue that `sender` sends to. */
export function createServiceBusOrderFailures(sender: BatchSender): OrderFailures {
  return {
    async publish(failures) {
      const refused = await sender.send(failures.map(toMessage));
      return refused.map(({ item, reason }) => ({ item: item.body as OrderFailure, reason }));
    },
  };
}

function toMessage(failure: OrderFailure): OutgoingMessage {
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

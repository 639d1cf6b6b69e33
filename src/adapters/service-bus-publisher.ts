// Events as messages of a topic: the session is the order, the message id the event, the subject its type; the body is
// the envelope, without its lines where it would be too large with them. Subscriptions filter on the subject and on the properties, never on the body.
import type { EventEnvelope } from '../domain/event-envelope';
import { withoutLines } from '../events/claim-check';
import type { EventPublisher } from '../ports/event-publisher';
import type { BatchSender, OutgoingMessage } from './service-bus-sender';

/**
 * The publisher to the topic that `sender` sends to. Messages of the types that `wakesSaga` names say so, in the property by
 * which the subscription of choreographed sagas is filtered.
 */
export function createServiceBusPublisher(
  sender: BatchSender,
  wakesSaga: (event: EventEnvelope) => boolean = () => false,
): EventPublisher {
  const toOutgoing = (event: EventEnvelope): OutgoingMessage =>
    wakesSaga(event) ? withProperty(toMessage(event), WAKES_SAGA) : toMessage(event);
  return {
    async publish(events) {
      const refused = await sender.send(events.map(toOutgoing), toSmallerMessage);
      return refused.map(({ item, reason }) => ({ item: item.body as EventEnvelope, reason }));
    },
  };
}

const WAKES_SAGA = { wakesSaga: 'true' } as const;

function withProperty(message: OutgoingMessage, property: Readonly<Record<string, string>>): OutgoingMessage {
  return { ...message, applicationProperties: { ...message.applicationProperties, ...property } };
}

/** The event as the topic gets it. */
export function toMessage(event: EventEnvelope): OutgoingMessage {
  const { eventId, type, orderId, tenantId, schemaVersion, sequence, traceparent } = event;
  return {
    messageId: eventId,
    sessionId: orderId,
    subject: type,
    contentType: 'application/json',
    correlationId: event.correlationId,
    applicationProperties: {
      type,
      tenantId,
      orderId,
      schemaVersion,
      sequence,
      traceparent,
      ...moneyOf(event),
    },
    body: event,
  };
}

function toSmallerMessage({ body }: OutgoingMessage): OutgoingMessage | undefined {
  const smaller = withoutLines(body as EventEnvelope);
  return smaller && toMessage(smaller);
}

/** The amount an event is about, in minor units, where it is about one. */
function moneyOf(event: EventEnvelope): Record<string, string | number> {
  switch (event.type) {
    case 'OrderCreated':
      return { amountMinor: event.data.totalMinor, currency: event.data.currency };
    case 'PaymentProcessed':
      return { amountMinor: event.data.amountMinor };
    default:
      return {};
  }
}

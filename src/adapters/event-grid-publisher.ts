// Events as CloudEvents 1.0 of an Event Grid topic: type `com.ordersaga.<Type>` (reverse domain, as the specification
// asks), source `/ordersaga/orders`, subject = order id, id = event id, data = the envelope; tenant, sequence and trace
// context are extension attributes, so that subscriptions can filter on them.
//
// event-grid-publisher.G1  One batch at a time, at most MAX_EVENTS and MAX_BYTES; service-bus-sender.B2 and
//   service-bus-sender.B3 hold here too. Event Grid itself promises no order: consumers go by `sequence`.
//   service-bus-sender.B5 holds as well.
import type { EventGridPublisherClient, SendCloudEventInput } from '@azure/eventgrid';
import type { EventEnvelope } from '../domain/event-envelope';
import { TransientError } from '../errors';
import { withoutLines } from '../events/claim-check';
import type { EventPublisher, Unsendable } from '../ports/event-publisher';
import { createAcceptedIds } from './accepted-ids';
import { createSendBreaker, type BreakerSettings } from './send-breaker';

export interface EventGridSettings extends BreakerSettings {
  readonly eventGridTopicEndpoint: string;
  /** Empty = managed identity. */
  readonly eventGridTopicKey: string;
  /** Told of what the topic has accepted. */
  readonly onAccepted?: (events: readonly EventEnvelope[]) => void;
}

type CloudEvent = SendCloudEventInput<EventEnvelope> & { readonly id: string; readonly data: EventEnvelope };

const MAX_EVENTS = 100;
/** Event Grid takes 1 MB in one request, and in one event; the brackets and commas around events count too. */
const MAX_BYTES = 1_000_000;
const TIMEOUT_MS = 10_000;

/** The publisher to one topic; its client is made, and the SDK loaded, at the first event. */
export function createEventGridPublisher(settings: EventGridSettings): EventPublisher {
  const accepted = createAcceptedIds();
  const guard = createSendBreaker('Event Grid', settings);
  let client: Promise<EventGridPublisherClient<'CloudEvent'>> | undefined;
  return {
    async publish(events) {
      const news = events.filter(({ eventId }) => !accepted.has(eventId)).map(toCloudEvent);
      if (news.length === 0) return [];
      const { batches, tooLarge } = splitBySize(news.map(fitting));
      const to = await (client ??= open(settings));
      const refused: { readonly id: string; readonly reason: string }[] = tooLarge.map(({ id }) => ({
        id,
        reason: `larger than one event of Event Grid may be (${MAX_BYTES} bytes)`,
      }));
      const accept = (sent: readonly CloudEvent[]): void => {
        accepted.add(sent.map(({ id }) => id));
        settings.onAccepted?.(sent.map(({ data }) => data));
      };
      await guard(async () => {
        for (const batch of batches) refused.push(...(await sendBatch(to, batch, accept)));
      });
      return refused.flatMap(({ id, reason }) =>
        events
          .filter(({ eventId }) => eventId === id)
          .map((item): Unsendable<EventEnvelope> => ({ item, reason })),
      );
    },
  };
}

async function open({
  eventGridTopicEndpoint,
  eventGridTopicKey,
}: EventGridSettings): Promise<EventGridPublisherClient<'CloudEvent'>> {
  const { AzureKeyCredential, EventGridPublisherClient } = await import('@azure/eventgrid');
  const credential =
    eventGridTopicKey === ''
      ? new (await import('@azure/identity')).DefaultAzureCredential()
      : new AzureKeyCredential(eventGridTopicKey);
  return new EventGridPublisherClient(eventGridTopicEndpoint, 'CloudEvent', credential, {
    // Whoever sends gets to know soon: the change feed tries again, not the SDK.
    retryOptions: { maxRetries: 0 },
    allowInsecureConnection: eventGridTopicEndpoint.startsWith('http:'),
  });
}

type Client = EventGridPublisherClient<'CloudEvent'>;

/** Sends a batch, or, when it is refused for what is in it, each of its events alone; gives what was refused alone. */
async function sendBatch(
  client: Client,
  batch: readonly CloudEvent[],
  accept: (sent: readonly CloudEvent[]) => void,
): Promise<readonly { readonly id: string; readonly reason: string }[]> {
  const reason = await refusalOf(client, batch);
  if (reason === undefined) {
    accept(batch);
    return [];
  }
  if (batch.length === 1) return batch.map(({ id }) => ({ id, reason }));
  const refused = [];
  for (const event of batch) refused.push(...(await sendBatch(client, [event], accept)));
  return refused;
}

/** Malformed or too large: the same request would be refused again. Any other status is about the topic, not the events. */
const ABOUT_EVENTS = new Set([400, 413]);

/** Why the topic refuses these events for good; undefined when it took them. */
async function refusalOf(client: Client, batch: readonly CloudEvent[]): Promise<string | undefined> {
  try {
    await client.send([...batch], { requestOptions: { timeout: TIMEOUT_MS } });
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const { statusCode = 0 } = error as { readonly statusCode?: number };
    if (ABOUT_EVENTS.has(statusCode)) return `refused by Event Grid: ${message}`;
    throw new TransientError('EVENT_GRID_UNAVAILABLE', `Event Grid does not take events: ${message}`, {
      outage: true,
      cause: error,
    });
  }
}

/** The event as the topic gets it. */
export function toCloudEvent(event: EventEnvelope): CloudEvent {
  return {
    id: event.eventId,
    type: `com.ordersaga.${event.type}`,
    source: '/ordersaga/orders',
    subject: event.orderId,
    time: new Date(event.occurredAt),
    datacontenttype: 'application/json',
    extensionAttributes: {
      tenantid: event.tenantId,
      sequence: event.sequence,
      traceparent: event.traceparent,
    },
    data: event,
  };
}

const bytesOf = (event: CloudEvent): number => Buffer.byteLength(JSON.stringify(event)) + 1;

/** The event, without its lines where it would be too large with them. */
function fitting(event: CloudEvent): CloudEvent {
  if (bytesOf(event) <= MAX_BYTES) return event;
  const smaller = withoutLines(event.data);
  return smaller === undefined ? event : toCloudEvent(smaller);
}

function splitBySize(events: readonly CloudEvent[]): { batches: CloudEvent[][]; tooLarge: CloudEvent[] } {
  const batches: CloudEvent[][] = [];
  const tooLarge: CloudEvent[] = [];
  let batch: CloudEvent[] = [];
  let batchBytes = 0;
  for (const event of events) {
    const bytes = bytesOf(event);
    if (bytes > MAX_BYTES) {
      tooLarge.push(event);
      continue;
    }
    if (batch.length === 0 || batch.length === MAX_EVENTS || batchBytes + bytes > MAX_BYTES) {
      batch = [];
      batchBytes = 0;
      batches.push(batch);
    }
    batch.push(event);
    batchBytes += bytes;
  }
  return { batches, tooLarge };
}

// Events as CloudEvents, sent with the official SDK to a topic that only keeps what it is sent.
import { until } from 'azure-local/kit/until';
import { createEventGridPublisher, toCloudEvent } from '../../src/adapters/event-grid-publisher';
import type { EventEnvelope } from '../../src/domain/event-envelope';
import type { EventPublisher } from '../../src/ports/event-publisher';
import { openEventGridSink, type EventGridSink } from '../support/event-grid-sink';
import { completedOrder } from '../support/orders';
import { eventsOf, hugeEvent, largeEvent } from '../support/relay-events';

let sink: EventGridSink;
beforeEach(async () => {
  sink = await openEventGridSink();
});
afterEach(() => sink.close());

const open = (breakerOpenMs = 60_000): EventPublisher =>
  createEventGridPublisher({
    eventGridTopicEndpoint: sink.endpoint,
    eventGridTopicKey: 'topic-key',
    breakerOpenMs,
  });

const ids = (): string[] => sink.events().map(({ id }) => id);
const manyEvents = (count: number): EventEnvelope[] =>
  Array.from({ length: count }, (_, index) => eventsOf([], `order-${index}`)).flat();

describe('the Event Grid topic', () => {
  test('gets an event as a CloudEvent around its envelope, with the key of the topic', async () => {
    const [event] = eventsOf(completedOrder);
    expect(await open().publish(event === undefined ? [] : [event])).toEqual([]);
    expect(sink.requests).toEqual([
      {
        key: 'topic-key',
        contentType: expect.stringMatching(/^application\/cloudevents-batch\+json/) as unknown,
        events: [
          {
            specversion: '1.0',
            id: event?.eventId,
            type: 'com.ordersaga.OrderCreated',
            source: '/ordersaga/orders',
            subject: event?.orderId,
            time: event?.occurredAt,
            datacontenttype: 'application/json',
            tenantid: 'default',
            sequence: 1,
            traceparent: event?.traceparent,
            data: event,
          },
        ],
      },
    ]);
  });

  test('gets 250 events in three requests over one connection, in order', async () => {
    const events = manyEvents(250);
    await open().publish(events);
    expect(sink.requests.map((request) => request.events.length)).toEqual([100, 100, 50]);
    expect(ids()).toEqual(events.map(({ eventId }) => eventId));
    expect(sink.connections).toBe(1);
  });

  test('gets no more than 1 MB in one request', async () => {
    const events = Array.from({ length: 5 }, (_, index) => largeEvent(400_000, `order-${index}`));
    await open().publish(events);
    expect(sink.requests.map((request) => request.events.length)).toEqual([2, 2, 1]);
  });

  test('does not get the one event over 1 MB, which is given back with the reason', async () => {
    const [before, tooLarge, after] = [100, 1_100_000, 100].map((bytes, index) =>
      hugeEvent(bytes, `order-${index}`),
    ) as [EventEnvelope, EventEnvelope, EventEnvelope];
    const refused = await open().publish([before, tooLarge, after]);
    expect(refused).toEqual([
      { item: tooLarge, reason: expect.stringMatching(/larger than one event/) as unknown },
    ]);
    expect(ids()).toEqual(['order-0:1', 'order-2:1']);
  });
});

describe('an order whose event is as large as one may be', () => {
  const LIMIT = 1_000_000;
  const around = Buffer.byteLength(JSON.stringify(toCloudEvent(largeEvent(0, 'order-0')))) + 1;

  test.each([1, 0])('leaves whole when it is %i bytes short of the limit', async (short) => {
    const event = largeEvent(LIMIT - around - short, 'order-0');
    expect(await open().publish([event])).toEqual([]);
    expect(sink.events().map(({ data }) => data)).toEqual([event]);
  });

  test('leaves with a reference for its lines when it is one byte over', async () => {
    const event = largeEvent(LIMIT - around + 1, 'order-0');
    expect(await open().publish([event])).toEqual([]);
    const linesReference = { orderId: 'order-0', sequence: 1, count: 1 };
    expect(sink.events()).toMatchObject([
      { id: event.eventId, data: { data: { lines: [], linesReference } } },
    ]);
  });
});

describe.each([400, 413])('a batch that the topic refuses with %i', (status) => {
  test('is sent event by event, and what is refused alone is given back', async () => {
    const events = manyEvents(3);
    sink.answers = [status, 200, status, 200];
    expect(await open().publish(events)).toEqual([
      { item: events[1], reason: expect.stringMatching(/^refused by Event Grid: /) as unknown },
    ]);
    expect(ids()).toEqual(['order-0:1', 'order-2:1']);
  });
});

test.each([401, 403, 404])('a topic that answers %i is away: it is not about the events', async (status) => {
  sink.answers = [status];
  await expect(open().publish(manyEvents(2))).rejects.toMatchObject({ code: 'EVENT_GRID_UNAVAILABLE' });
  expect([sink.answers, sink.requests]).toEqual([[], []]);
});

describe('while Event Grid is away', () => {
  test('one request is made, and the failure is an outage', async () => {
    sink.answers = [503];
    await expect(open().publish(manyEvents(1))).rejects.toMatchObject({
      code: 'EVENT_GRID_UNAVAILABLE',
      details: { outage: true },
    });
    expect([sink.answers, sink.requests]).toEqual([[], []]);
  });

  test('a retry goes on behind what was accepted, and sends none of that again', async () => {
    const publisher = open();
    const events = manyEvents(250);
    sink.answers = [200, 503];
    await expect(publisher.publish(events)).rejects.toMatchObject({ code: 'EVENT_GRID_UNAVAILABLE' });
    await publisher.publish(events);
    expect(sink.requests.map((request) => request.events.length)).toEqual([100, 100, 50]);
    expect(ids()).toEqual(events.map(({ eventId }) => eventId));
  });

  test('the breaker opens after five failures, and the same events go when it closes', async () => {
    const publisher = open(200);
    sink.answers = Array<number>(5).fill(503);
    const codes: unknown[] = [];
    for (let index = 0; index < 6; index += 1) {
      const error = await publisher.publish(manyEvents(1)).catch((thrown: unknown) => thrown);
      codes.push((error as { code?: unknown }).code);
    }
    expect(codes).toEqual([...Array<string>(5).fill('EVENT_GRID_UNAVAILABLE'), 'BREAKER_OPEN']);
    await until('the events are accepted', () =>
      publisher.publish(manyEvents(1)).then(
        () => true,
        () => false,
      ),
    );
    expect(ids()).toEqual(['order-0:1']);
  });
});

// Events as they arrive at an independent client, through the Service Bus look-alike and the official SDK.
import { toMessage } from '../../src/adapters/service-bus-publisher';
import type { EventEnvelope } from '../../src/domain/event-envelope';
import { readEvent } from '../../src/events/read-event';
import { completedOrder, failedOrder } from '../support/orders';
import { eventsOf, hugeEvent, largeEvent } from '../support/relay-events';
import { openServiceBus, type ServiceBus } from 'azure-local/testing/servicebus-fixture';
import config from '../../local/servicebus/Config.json';
import { openPublisher, peek, sequences, sessionOf } from './publishers-fixture';

let bus: ServiceBus;
beforeEach(async () => {
  bus = await openServiceBus(config);
});
afterEach(() => bus.close());

const ordersInterleaved = (count: number): EventEnvelope[] => {
  const streams = Array.from({ length: count }, (_, index) => eventsOf(completedOrder, `order-${index}`));
  return [0, 1, 2, 3, 4, 5, 6].flatMap((place) => streams.flatMap((stream) => stream[place] ?? []));
};

describe('the topic', () => {
  test('gets an event as its envelope in the session of its order, with what subscriptions filter on', async () => {
    const [created, , , paid] = eventsOf(completedOrder, 'order-1');
    await openPublisher(bus).publisher.publish(eventsOf(completedOrder, 'order-1'));
    const [first, , , fourth] = await sessionOf(bus, 'order-1', 7);
    expect(first).toMatchObject({
      messageId: 'order-1:1',
      sessionId: 'order-1',
      subject: 'OrderCreated',
      contentType: 'application/json',
      correlationId: 'corr-1',
      applicationProperties: {
        type: 'OrderCreated',
        tenantId: 'default',
        orderId: 'order-1',
        schemaVersion: 1,
        sequence: 1,
        traceparent: created?.traceparent,
        amountMinor: 14_993,
        currency: 'USD',
      },
      body: created,
    });
    expect(fourth).toMatchObject({ subject: 'PaymentProcessed', body: paid });
    expect(fourth?.applicationProperties).toMatchObject({ amountMinor: 14_993 });
  });

  test('gives each order in sequence to its session, also when 10 orders are interleaved over many batches', async () => {
    const { publisher, batches } = openPublisher(bus, 8);
    await publisher.publish(ordersInterleaved(10));
    expect(Math.max(...batches)).toBe(8);
    for (let index = 0; index < 10; index += 1)
      expect(sequences(await sessionOf(bus, `order-${index}`, 7))).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  test.each([
    ['order-created-events', ['ok:1', 'bad:1']],
    ['payment-failed-events', ['bad:4']],
    ['shipment-created-events', ['ok:5']],
    ['order-failed-events', ['bad:7']],
  ])('gives %s exactly the events it is named after', async (subscription, expected) => {
    const { publisher } = openPublisher(bus);
    await publisher.publish([...eventsOf(completedOrder, 'ok'), ...eventsOf(failedOrder, 'bad')]);
    expect((await peek(bus, subscription)).map(({ messageId }) => messageId)).toEqual(expected);
  });

  test('drops what another process sent before: the message id is the event id', async () => {
    const events = eventsOf(completedOrder);
    await openPublisher(bus).publisher.publish(events);
    await openPublisher(bus).publisher.publish(events);
    expect(await peek(bus, 'order-created-events')).toHaveLength(1);
  });
});

describe('a batch', () => {
  test('holds many events: 200 go in two sends', async () => {
    const { publisher, batches } = openPublisher(bus);
    await publisher.publish(ordersInterleaved(29).slice(0, 200));
    expect(batches).toEqual([100, 100]);
  });

  test('that would be larger than the broker takes is split, in order', async () => {
    const { publisher, batches } = openPublisher(bus);
    const events = Array.from({ length: 10 }, (_, index) => largeEvent(200_000, `order-${index}`));
    expect(await publisher.publish(events)).toEqual([]);
    expect(batches.length).toBeGreaterThan(1);
    const arrived = await peek(bus, 'order-created-events');
    expect(arrived.map(({ sessionId }) => sessionId)).toEqual(events.map(({ orderId }) => orderId));
  });

  test('leaves out the one event that fits into none, which is given back with the reason', async () => {
    const { publisher } = openPublisher(bus);
    const [before, tooLarge, after] = [100, 300_000, 100].map((bytes, index) =>
      hugeEvent(bytes, `order-${index}`),
    ) as [EventEnvelope, EventEnvelope, EventEnvelope];
    const refused = await publisher.publish([before, tooLarge, after]);
    expect(refused).toEqual([
      { item: tooLarge, reason: expect.stringMatching(/larger than one message/) as unknown },
    ]);
    const arrived = await peek(bus, 'order-created-events');
    expect(arrived.map(({ sessionId }) => sessionId)).toEqual(['order-0', 'order-2']);
  });

  test('leaves out the one whose order id is longer than a session id may be, and gives it back', async () => {
    const { publisher } = openPublisher(bus);
    const [before, odd, after] = ['order-0', 'x'.repeat(129), 'order-2'].map((id) => largeEvent(1, id)) as [
      EventEnvelope,
      EventEnvelope,
      EventEnvelope,
    ];
    expect(await publisher.publish([before, odd, after])).toEqual([
      { item: odd, reason: expect.stringMatching(/'sessionId'.*128/) as unknown },
    ]);
    const arrived = await peek(bus, 'order-created-events');
    expect(arrived.map(({ sessionId }) => sessionId)).toEqual(['order-0', 'order-2']);
  });
});

describe('an order whose event is as large as a message may be', () => {
  /** An OrderCreated that alone fills a batch but for `short` bytes. */
  async function eventShortOf(short: number): Promise<EventEnvelope> {
    const sender = bus.client.createSender('order-events');
    const batch = await sender.createMessageBatch();
    expect(batch.maxSizeInBytes).toBe(256 * 1024);
    batch.tryAddMessage(toMessage(largeEvent(200_000, 'order-0')));
    await sender.close();
    return largeEvent(200_000 + batch.maxSizeInBytes - batch.sizeInBytes - short, 'order-0');
  }

  test.each([1, 0])('leaves whole when it is %i bytes short of the limit', async (short) => {
    const event = await eventShortOf(short);
    expect(await openPublisher(bus).publisher.publish([event])).toEqual([]);
    expect((await sessionOf(bus, 'order-0', 1)).map(({ body }) => body as EventEnvelope)).toEqual([event]);
  });

  test('leaves with a reference for its lines when it is one byte over', async () => {
    const event = await eventShortOf(-1);
    expect(await openPublisher(bus).publisher.publish([event])).toEqual([]);
    const [message] = await sessionOf(bus, 'order-0', 1);
    const linesReference = { orderId: 'order-0', sequence: 1, count: 1 };
    const expected = { ...event, data: { ...event.data, lines: [], linesReference } };
    expect(message).toMatchObject({ messageId: event.eventId, subject: 'OrderCreated', body: expected });
    expect(readEvent(message?.body)).toMatchObject({ kind: 'event' });
  });
});

describe('a broker whose real limit is smaller than the one it announces', () => {
  beforeEach(async () => {
    await bus.close();
    bus = await openServiceBus(config, undefined, { announcedBytes: 1024 * 1024 });
  });

  test('gets a batch that it refused message by message, each as small as it can be; what it refuses still is given back', async () => {
    const [whole, large, huge] = [
      largeEvent(10, 'order-0'),
      largeEvent(300_000, 'order-1'),
      hugeEvent(300_000, 'order-2'),
    ];
    const { publisher } = openPublisher(bus);
    expect(await publisher.publish([whole, large, huge, ...eventsOf([], 'order-3')])).toEqual([
      {
        item: huge,
        reason: expect.stringMatching(/^refused by Service Bus: .*exceeds the limit of 262144/) as unknown,
      },
    ]);
    const arrived = await peek(bus, 'order-created-events');
    expect(arrived.map(({ sessionId }) => sessionId)).toEqual(['order-0', 'order-1', 'order-3']);
    expect(arrived[1]?.body).toMatchObject({ data: { lines: [], linesReference: { count: 1 } } });
  });

  test('does not get again what it took alone', async () => {
    const { publisher, batches } = openPublisher(bus);
    const events = [largeEvent(10, 'order-0'), hugeEvent(300_000, 'order-1')];
    await publisher.publish(events);
    batches.length = 0;
    await publisher.publish(events.slice(0, 1));
    expect(batches).toEqual([]);
  });
});

// Events as they arrive at an independent client, through the Service Bus look-alike and the official SDK.
import { createServer, connect as connectTo, type AddressInfo } from 'node:net';
import type { ServiceBusClient, ServiceBusReceivedMessage } from '@azure/service-bus';
import { until } from 'azure-local/kit/until';
import { createServiceBusClient } from '../../src/adapters/service-bus-client';
import { createServiceBusPublisher, toMessage } from '../../src/adapters/service-bus-publisher';
import { createBatchSender } from '../../src/adapters/service-bus-sender';
import type { EventEnvelope } from '../../src/domain/event-envelope';
import { readEvent } from '../../src/events/read-event';
import type { EventPublisher } from '../../src/ports/event-publisher';
import { completedOrder, failedOrder } from '../support/orders';
import { eventsOf, hugeEvent, largeEvent } from '../support/relay-events';
import { openTcpProxy } from 'azure-local/testing/tcp-proxy';
import {
  connectionString,
  openServiceBus,
  receive,
  type ServiceBus,
} from 'azure-local/testing/servicebus-fixture';
import config from '../../local/servicebus/Config.json';

let bus: ServiceBus;
beforeEach(async () => {
  bus = await openServiceBus(config);
});
afterEach(() => bus.close());

const SETTINGS = { batchSize: 100, breakerOpenMs: 60_000 };

/** A publisher as one process has it, and the sizes of the batches it sends. */
function openPublisher(batchSize = 100): {
  publisher: EventPublisher;
  batches: number[];
} {
  const batches: number[] = [];
  const connect = (): Promise<ServiceBusClient> => {
    const createSender = (entity: string): unknown => {
      const sender = bus.client.createSender(entity);
      const send = sender.sendMessages.bind(sender);
      sender.sendMessages = async (batch) => {
        await send(batch);
        batches.push((batch as { count: number }).count);
      };
      return sender;
    };
    return Promise.resolve({ createSender } as unknown as ServiceBusClient);
  };
  const sender = createBatchSender(connect, 'order-events', { ...SETTINGS, batchSize });
  return { publisher: createServiceBusPublisher(sender), batches };
}

/** What the session of an order holds at `all-events`. */
async function sessionOf(orderId: string, count: number): Promise<ServiceBusReceivedMessage[]> {
  const receiver = await bus.client.acceptSession('order-events', 'all-events', orderId);
  const messages = await receive(receiver, count);
  await receiver.close();
  return messages;
}

const sequences = (messages: readonly ServiceBusReceivedMessage[]): number[] =>
  messages.map(({ body }) => (body as EventEnvelope).sequence);

/** Everything at a subscription; a look gives what fits into one answer. */
async function peek(subscription: string): Promise<ServiceBusReceivedMessage[]> {
  const receiver = bus.client.createReceiver('order-events', subscription);
  const found: ServiceBusReceivedMessage[] = [];
  for (;;) {
    const page = await receiver.peekMessages(250);
    if (page.length === 0) break;
    found.push(...page);
  }
  await receiver.close();
  return found;
}

const ordersInterleaved = (count: number): EventEnvelope[] => {
  const streams = Array.from({ length: count }, (_, index) => eventsOf(completedOrder, `order-${index}`));
  return [0, 1, 2, 3, 4, 5, 6].flatMap((place) => streams.flatMap((stream) => stream[place] ?? []));
};

describe('the topic', () => {
  test('gets an event as its envelope in the session of its order, with what subscriptions filter on', async () => {
    const [created, , , paid] = eventsOf(completedOrder, 'order-1');
    await openPublisher().publisher.publish(eventsOf(completedOrder, 'order-1'));
    const [first, , , fourth] = await sessionOf('order-1', 7);
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
    const { publisher, batches } = openPublisher(8);
    await publisher.publish(ordersInterleaved(10));
    expect(Math.max(...batches)).toBe(8);
    for (let index = 0; index < 10; index += 1)
      expect(sequences(await sessionOf(`order-${index}`, 7))).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  test.each([
    ['order-created-events', ['ok:1', 'bad:1']],
    ['payment-failed-events', ['bad:4']],
    ['shipment-created-events', ['ok:5']],
    ['order-failed-events', ['bad:7']],
  ])('gives %s exactly the events it is named after', async (subscription, expected) => {
    const { publisher } = openPublisher();
    await publisher.publish([...eventsOf(completedOrder, 'ok'), ...eventsOf(failedOrder, 'bad')]);
    expect((await peek(subscription)).map(({ messageId }) => messageId)).toEqual(expected);
  });

  test('drops what another process sent before: the message id is the event id', async () => {
    const events = eventsOf(completedOrder);
    await openPublisher().publisher.publish(events);
    await openPublisher().publisher.publish(events);
    expect(await peek('order-created-events')).toHaveLength(1);
  });
});

describe('a batch', () => {
  test('holds many events: 200 go in two sends', async () => {
    const { publisher, batches } = openPublisher();
    await publisher.publish(ordersInterleaved(29).slice(0, 200));
    expect(batches).toEqual([100, 100]);
  });

  test('that would be larger than the broker takes is split, in order', async () => {
    const { publisher, batches } = openPublisher();
    const events = Array.from({ length: 10 }, (_, index) => largeEvent(200_000, `order-${index}`));
    expect(await publisher.publish(events)).toEqual([]);
    expect(batches.length).toBeGreaterThan(1);
    const arrived = await peek('order-created-events');
    expect(arrived.map(({ sessionId }) => sessionId)).toEqual(events.map(({ orderId }) => orderId));
  });

  test('leaves out the one event that fits into none, which is given back with the reason', async () => {
    const { publisher } = openPublisher();
    const [before, tooLarge, after] = [100, 300_000, 100].map((bytes, index) =>
      hugeEvent(bytes, `order-${index}`),
    ) as [EventEnvelope, EventEnvelope, EventEnvelope];
    const refused = await publisher.publish([before, tooLarge, after]);
    expect(refused).toEqual([
      { item: tooLarge, reason: expect.stringMatching(/larger than one message/) as unknown },
    ]);
    const arrived = await peek('order-created-events');
    expect(arrived.map(({ sessionId }) => sessionId)).toEqual(['order-0', 'order-2']);
  });

  test('leaves out the one whose order id is longer than a session id may be, and gives it back', async () => {
    const { publisher } = openPublisher();
    const [before, odd, after] = ['order-0', 'x'.repeat(129), 'order-2'].map((id) => largeEvent(1, id)) as [
      EventEnvelope,
      EventEnvelope,
      EventEnvelope,
    ];
    expect(await publisher.publish([before, odd, after])).toEqual([
      { item: odd, reason: expect.stringMatching(/'sessionId'.*128/) as unknown },
    ]);
    const arrived = await peek('order-created-events');
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
    expect(await openPublisher().publisher.publish([event])).toEqual([]);
    expect((await sessionOf('order-0', 1)).map(({ body }) => body as EventEnvelope)).toEqual([event]);
  });

  test('leaves with a reference for its lines when it is one byte over', async () => {
    const event = await eventShortOf(-1);
    expect(await openPublisher().publisher.publish([event])).toEqual([]);
    const [message] = await sessionOf('order-0', 1);
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
    const { publisher } = openPublisher();
    expect(await publisher.publish([whole, large, huge, ...eventsOf([], 'order-3')])).toEqual([
      {
        item: huge,
        reason: expect.stringMatching(/^refused by Service Bus: .*exceeds the limit of 262144/) as unknown,
      },
    ]);
    const arrived = await peek('order-created-events');
    expect(arrived.map(({ sessionId }) => sessionId)).toEqual(['order-0', 'order-1', 'order-3']);
    expect(arrived[1]?.body).toMatchObject({ data: { lines: [], linesReference: { count: 1 } } });
  });

  test('does not get again what it took alone', async () => {
    const { publisher, batches } = openPublisher();
    const events = [largeEvent(10, 'order-0'), hugeEvent(300_000, 'order-1')];
    await publisher.publish(events);
    batches.length = 0;
    await publisher.publish(events.slice(0, 1));
    expect(batches).toEqual([]);
  });
});

const brokerHost = (): string => /sb:\/\/([^;/]+)/.exec(bus.connectionString)?.[1] ?? '';

const connectBy = (host: string): (() => Promise<ServiceBusClient>) =>
  createServiceBusClient({ serviceBusConnectionString: connectionString(host), serviceBusNamespace: '' });

test('1,000 publishes open one connection', async () => {
  const [hostname, brokerPort] = brokerHost().split(':');
  let connections = 0;
  const counting = createServer((inside) => {
    connections += 1;
    const outside = connectTo(Number(brokerPort), hostname);
    for (const socket of [inside, outside]) socket.on('error', () => socket.destroy());
    inside.pipe(outside).pipe(inside);
  });
  await new Promise<void>((resolve) => counting.listen(0, '127.0.0.1', resolve));
  const connect = connectBy(`127.0.0.1:${(counting.address() as AddressInfo).port}`);
  try {
    const publisher = createServiceBusPublisher(createBatchSender(connect, 'order-events', SETTINGS));
    for (let index = 0; index < 1_000; index += 1) await publisher.publish(eventsOf([], `order-${index}`));
    expect(await peek('order-created-events')).toHaveLength(1_000);
    expect(connections).toBe(1);
  } finally {
    await (await connect()).close();
    counting.close();
  }
});

describe('while the broker is away', () => {
  test('a retry goes on behind what was accepted, and sends none of that again', async () => {
    const { publisher, batches } = openPublisher(3);
    const events = eventsOf(completedOrder);
    await publisher.publish(events.slice(0, 3));
    await publisher.publish(events);
    expect(batches).toEqual([3, 3, 1]);
    expect(sequences(await sessionOf(events[0]?.orderId ?? '', 7))).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  test('sends fail as an outage, then at once by the breaker; when it is back the same events go', async () => {
    const proxy = await openTcpProxy(brokerHost());
    await proxy.shut();
    const connect = connectBy(proxy.host);
    const sender = createBatchSender(connect, 'order-events', { ...SETTINGS, breakerOpenMs: 200 });
    const publisher = createServiceBusPublisher(sender);
    const events = eventsOf(completedOrder);
    const codes: unknown[] = [];
    await until('the breaker is open', async () => {
      const error = await publisher.publish(events).catch((thrown: unknown) => thrown);
      codes.push((error as { code?: unknown }).code);
      return codes.at(-1) === 'BREAKER_OPEN';
    });
    expect(codes).toEqual([...Array<string>(5).fill('BROKER_UNAVAILABLE'), 'BREAKER_OPEN']);
    await proxy.open();
    await until('the events are accepted', () =>
      publisher.publish(events).then(
        () => true,
        () => false,
      ),
    );
    expect(sequences(await sessionOf(events[0]?.orderId ?? '', 7))).toEqual([1, 2, 3, 4, 5, 6, 7]);
    await (await connect()).close();
    await proxy.shut();
  });
});

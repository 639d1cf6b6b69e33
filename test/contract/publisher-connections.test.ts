// Connections of the publisher to the Service Bus look-alike: one for all sends, and a broker that is away.
import { createServer, connect as connectTo, type AddressInfo } from 'node:net';
import type { ServiceBusClient } from '@azure/service-bus';
import { until } from 'azure-local/kit/until';
import { createServiceBusClient } from '../../src/adapters/service-bus-client';
import { createServiceBusPublisher } from '../../src/adapters/service-bus-publisher';
import { createBatchSender } from '../../src/adapters/service-bus-sender';
import { completedOrder } from '../support/orders';
import { eventsOf } from '../support/relay-events';
import { openTcpProxy } from 'azure-local/testing/tcp-proxy';
import { connectionString, openServiceBus, type ServiceBus } from 'azure-local/testing/servicebus-fixture';
import config from '../../local/servicebus/Config.json';
import { openPublisher, peek, sequences, sessionOf, SETTINGS } from './publishers-fixture';

let bus: ServiceBus;
beforeEach(async () => {
  bus = await openServiceBus(config);
});
afterEach(() => bus.close());

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
    expect(await peek(bus, 'order-created-events')).toHaveLength(1_000);
    expect(connections).toBe(1);
  } finally {
    await (await connect()).close();
    counting.close();
  }
});

describe('while the broker is away', () => {
  test('a retry goes on behind what was accepted, and sends none of that again', async () => {
    const { publisher, batches } = openPublisher(bus, 3);
    const events = eventsOf(completedOrder);
    await publisher.publish(events.slice(0, 3));
    await publisher.publish(events);
    expect(batches).toEqual([3, 3, 1]);
    expect(sequences(await sessionOf(bus, events[0]?.orderId ?? '', 7))).toEqual([1, 2, 3, 4, 5, 6, 7]);
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
    expect(sequences(await sessionOf(bus, events[0]?.orderId ?? '', 7))).toEqual([1, 2, 3, 4, 5, 6, 7]);
    await (await connect()).close();
    await proxy.shut();
  });
});

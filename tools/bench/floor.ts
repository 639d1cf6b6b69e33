// Bench of the wire floor: makes the calls of an order that completes (store, services, change feed, topic, queue,
// read models, mail) with the same unmodified SDKs against the same platform process, in one process in place of
// the host. Without saga, engine, history and function host, its cost is the cost of the wire. Started by
// floor/start.ts.
import { createServer, type IncomingMessage } from 'node:http';
import { randomUUID } from 'node:crypto';
import { ServiceBusClient } from '@azure/service-bus';
import { listenOnLoopback } from 'azure-local/kit/listen';
import { emulatorBusConnection } from 'azure-local/kit/emulator-connections';
import type { EventEnvelope } from '../../src/domain/event-envelope';
import { RELAY_POLL_SECONDS } from '../../local/app-settings';
import { relayPauseMs } from '../../src/events/relay-pace';
import { gatherMs, PAGE_SIZE, POLL_SECONDS } from '../../src/projections/feed-pace';
import { openAppDatabase } from '../../test/support/app-database';
import { followOrders, gathered, toTopic } from './floor/floor-feeds';
import { createFloorOrders, type FloorOrders } from './floor/floor-orders';
import { prepareReadModels, toReadModels } from './floor/floor-read-models';
import { planOf, type OrderPlan } from './floor/order-plan';
import { createCaller, type PlatformAddresses } from './floor/wire';

/** What the program is started with: one message over its IPC channel. */
export interface FloorStart {
  readonly addresses: PlatformAddresses;
  /** All events of an order that completed. */
  readonly events: readonly EventEnvelope[];
}

/** As host.json and the settings of the app have them. */
const MAIL_AT_ONCE = 32;
const RELAY = { itemsAtMost: 100, pollDelayMs: RELAY_POLL_SECONDS * 1_000 };
const READ_MODELS = { itemsAtMost: PAGE_SIZE, pollDelayMs: POLL_SECONDS * 1_000 };

async function start({ addresses, events }: FloorStart): Promise<number> {
  const plan = planOf(events);
  /** Who placed which order: the app remembers it too. */
  const customers = new Map<string, string>();
  const database = openAppDatabase(addresses.cosmos);
  const orders = await createFloorOrders(database, plan, addresses);
  const dailyStats = await database.container('daily-stats')();
  await prepareReadModels(dailyStats);
  const readModels = toReadModels(await database.container('customer-orders')(), dailyStats, plan);
  // One after the other, because the first makes the container of the leases.
  const sending = new ServiceBusClient(emulatorBusConnection(addresses.servicebus));
  await followOrders(addresses, {
    ...RELAY,
    leasePrefix: 'relay',
    take: gathered(toTopic(sending), (changes) =>
      relayPauseMs(changes, { batchSize: RELAY.itemsAtMost, pollMs: RELAY.pollDelayMs }),
    ),
  });
  await followOrders(addresses, {
    ...READ_MODELS,
    leasePrefix: 'projections',
    take: gathered(readModels, gatherMs),
  });
  tellCustomers(addresses, plan, customers);
  return listenOnLoopback(postServer(orders, customers), 0, 'the floor', '--port');
}

function tellCustomers(
  { servicebus, services }: PlatformAddresses,
  { order }: OrderPlan,
  customers: ReadonlyMap<string, string>,
): void {
  const call = createCaller(order);
  const receiver = new ServiceBusClient(emulatorBusConnection(servicebus)).createReceiver(
    'customer-notifications',
    { receiveMode: 'peekLock', maxAutoLockRenewalDurationInMs: 0 },
  );
  const handlers = {
    processMessage: async (message: Parameters<typeof receiver.completeMessage>[0]): Promise<void> => {
      const { orderId } = message.body as EventEnvelope;
      const body = { orderId, customerId: customers.get(orderId), kind: 'confirmation' };
      await call({ url: `${services}/notifications/messages`, key: `${orderId}:confirmation`, body });
      await receiver.completeMessage(message);
    },
    processError: ({ error }: { readonly error: Error }): never => {
      console.error(error);
      process.exit(1);
    },
  };
  receiver.subscribe(handlers, { autoCompleteMessages: false, maxConcurrentCalls: MAIL_AT_ONCE });
}

function postServer(orders: FloorOrders, customers: Map<string, string>): ReturnType<typeof createServer> {
  return createServer((incoming, response) => {
    void textOf(incoming).then(async (text) => {
      const { customerId } = JSON.parse(text) as { customerId: string };
      const orderId = randomUUID();
      customers.set(orderId, customerId);
      const answer = await orders.place({ orderId, customerId });
      response
        .writeHead(202, { 'Content-Type': 'application/json', Location: `/api/orders/${orderId}` })
        .end(answer);
    });
  });
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

process.once('disconnect', () => process.exit(0));
process.once('message', (message) => {
  void start(message as FloorStart).then((port) => process.send?.(port));
});

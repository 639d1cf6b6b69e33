// Counts of what orders were made of, seen from outside: requests of the store by its counters; activities, calls and
// messages of one order by the task hub, the services' request log and the topic's subscription to everything.
import { CosmosClient } from '@azure/cosmos';
import type { ServiceBusClient } from '@azure/service-bus';
import { EMULATOR_KEY } from 'azure-local/kit/emulator-connections';
import type { EventEnvelope } from '../../../src/domain/event-envelope';
import { getJson, type OrderTarget } from './order-target';

export interface StoreCount {
  readonly requests: number;
  readonly requestUnits: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** By `<container> <operation>`. */
export type StoreCounts = Readonly<Record<string, StoreCount>>;

export const NO_COUNT: StoreCount = { requests: 0, requestUnits: 0, bytesIn: 0, bytesOut: 0 };

const FIELDS = ['requests', 'requestUnits', 'bytesIn', 'bytesOut'] as const;

export async function resetStoreCounts({ urls }: OrderTarget): Promise<void> {
  await getJson(`${urls.cosmos}/_lookalike/counters`, 'DELETE');
}

/** What the store was asked for since the reset, divided by `orders`; sorted by name. */
export async function storeCounts({ urls }: OrderTarget, orders: number): Promise<StoreCounts> {
  const containers = await getJson<Record<string, Record<string, StoreCount>>>(
    `${urls.cosmos}/_lookalike/counters/containers`,
  );
  const counts = Object.entries(containers).flatMap(([container, kinds]) =>
    Object.entries(kinds).map(([kind, count]) => [`${container} ${kind}`, divided(count, orders)] as const),
  );
  return Object.fromEntries(counts.sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function sumOf(counts: StoreCounts): StoreCount {
  return Object.values(counts).reduce((sum, count) => combined(sum, count, (a, b) => a + b), NO_COUNT);
}

function divided(count: StoreCount, by: number): StoreCount {
  return combined(count, NO_COUNT, (value) => value / by);
}

function combined(one: StoreCount, other: StoreCount, by: (a: number, b: number) => number): StoreCount {
  const values = FIELDS.map((field) => [field, by(one[field], other[field])]);
  return Object.fromEntries(values) as Record<(typeof FIELDS)[number], number>;
}

/** The calls of services that one order made, as `<service> <operation>`, in their order. */
export async function serviceCallsOf({ urls }: OrderTarget, orderId: string): Promise<readonly string[]> {
  const requests = await getJson<{ readonly service: string; readonly operation: string }[]>(
    `${urls.services}/control/requests?orderId=${orderId}`,
  );
  return requests.map(({ service, operation }) => `${service} ${operation}`);
}

/** The types of the messages that the topic got of one order, in their order. */
export async function messagesOf(client: ServiceBusClient, orderId: string): Promise<readonly string[]> {
  const session = await client.acceptSession('order-events', 'all-events', orderId);
  try {
    return (await session.peekMessages(100)).map(({ subject }) => subject ?? '');
  } finally {
    await session.close();
  }
}

/** The activities that one order's saga ran; none where there is no task hub. */
export async function activitiesOf({ urls }: OrderTarget, orderId: string): Promise<number> {
  const { historyEvents } = await getJson<{ readonly historyEvents: readonly { EventType: string }[] }>(
    `${urls.api}/runtime/webhooks/durabletask/instances/${orderId}?showHistory=true`,
  );
  return historyEvents.filter(({ EventType }) => EventType === 'TaskCompleted').length;
}

/** All events of an order, in sequence. */
export async function eventsOf({ urls }: OrderTarget, orderId: string): Promise<readonly EventEnvelope[]> {
  const client = new CosmosClient({ endpoint: urls.cosmos, key: EMULATOR_KEY });
  const query = "SELECT * FROM c WHERE c.kind = 'event' ORDER BY c.sequence";
  const { resources } = await client
    .database('orders-db')
    .container('orders')
    .items.query<Record<string, unknown>>(query, { partitionKey: orderId })
    .fetchAll();
  client.dispose();
  return resources.map(({ id, kind, _rid, _self, _etag, _attachments, _ts, ...event }) => {
    return event as unknown as EventEnvelope;
  });
}

// Builds a read model anew from the events of all orders, in place, while orders go on. Knows no store and no trigger.
//
// rebuild.R1  `daily-stats`: the feed is held before the first stream is read, and let go after the last count is
//   written. A page asks for the hold after it has come (project-orders.P3), so a page that slips through brings only
//   what the streams hold already.
// rebuild.R2  Every event that is in the new counts is marked as counted before they are put in place: what slips
//   through, and what the feed brings again after the hold, finds its mark and is not counted twice. What happens
//   meanwhile is in the feed, which waits.
// rebuild.R3  A rebuild that breaks off leaves the hold: marks without counts would lose events. Running it again mends
//   that.
// rebuild.R4  `customer-orders`: no hold. A document is read, then its stream, then it is written over itself only
//   (customer-orders.C1): what the feed writes in between makes the write fail, and it is done again.
// rebuild.R5  Of two rebuilds of `daily-stats` at once (an operator whose request timed out asks again) the later takes
//   the hold, and the earlier stops at its next page: marks of events that the feed may bring again would lose them.
import { randomUUID } from 'node:crypto';
import type { EventEnvelope } from '../domain/event-envelope';
import { scopeOfKey, tenantOf, type Reach, type TenantScope } from '../domain/scope';
import { TransientError } from '../errors';
import { fold } from './customer-orders';
import { evolve, NOTHING } from './daily-counts';
import { countablesByDay, togetherOf } from './daily-stats';
import type { OrderStreams } from './order-streams';
import type {
  CustomerOrderStore,
  CustomerOrderUpkeep,
  DailyCounts,
  DailyStatsStore,
  DailyStatsUpkeep,
  FeedHold,
  FeedHoldReads,
  OrderIds,
  OrderPlace,
  StatsPlace,
} from './read-model-stores';

export interface RebuildPorts {
  readonly orderIds: OrderIds;
  readonly streams: OrderStreams;
  readonly customerOrders: CustomerOrderStore & CustomerOrderUpkeep;
  readonly dailyStats: DailyStatsStore & DailyStatsUpkeep;
  readonly feedHold: FeedHold;
}

export const REBUILDABLE = ['customer-orders', 'daily-stats'] as const;
export type Rebuildable = (typeof REBUILDABLE)[number];

/** What was read for it. */
export interface Rebuilt {
  readonly orders: number;
  readonly events: number;
}

/**
 * Rebuilds what one read model has of the orders in reach; rejects with what the stores throw, and with a TransientError FEED_HELD when another rebuild
 * has begun since. Can then be run again.
 */
export function rebuild(ports: RebuildPorts, reach: Reach, projection: Rebuildable): Promise<Rebuilt> {
  return projection === 'customer-orders'
    ? rebuildCustomerOrders(ports, reach)
    : rebuildDailyStats(ports, reach);
}

async function rebuildCustomerOrders(ports: RebuildPorts, reach: Reach): Promise<Rebuilt> {
  const seen = new Set<string>();
  let events = 0;
  for await (const page of ports.orderIds.all(reach)) {
    for (const { orderId } of page) seen.add(orderId);
    const counts = await Promise.all(page.map((place) => rebuildOrder(ports, place)));
    events += counts.reduce((sum, count) => sum + count, 0);
  }
  await removeOrphans(ports, reach, seen);
  return { orders: seen.size, events };
}

async function rebuildOrder(
  { customerOrders, streams }: RebuildPorts,
  { tenantId, orderId }: OrderPlace,
): Promise<number> {
  const tenant = tenantOf({ tenantId });
  const origin = await streams.originOf(tenant, orderId);
  if (origin === undefined) return 0;
  const scope = scopeOfKey(origin.customerKey);
  for (;;) {
    const stored = await customerOrders.read(scope, orderId);
    const stream = await streams.read(tenant, orderId);
    const order = fold(undefined, stream);
    if (order === undefined) return stream.length;
    const written = stored
      ? await customerOrders.replace(scope, order, stored.etag)
      : await customerOrders.create(scope, order);
    if (written !== undefined) return stream.length;
  }
}

/** Documents of orders that there are not, or of another customer than the order's. */
async function removeOrphans(
  { customerOrders, streams }: RebuildPorts,
  reach: Reach,
  seen: ReadonlySet<string>,
): Promise<void> {
  for await (const page of customerOrders.places(reach)) {
    for (const { id, customerKey } of page) {
      // One that came after the orders were listed is told from one that never was by its stream.
      const scope = scopeOfKey(customerKey);
      const tenant = tenantOf(scope);
      const origin = await streams.originOf(tenant, id);
      const isOrphan =
        origin?.customerKey !== customerKey ||
        (!seen.has(id) && (await streams.read(tenant, id)).length === 0);
      if (isOrphan) await customerOrders.remove(scope, id);
    }
  }
}

async function rebuildDailyStats(ports: RebuildPorts, reach: Reach): Promise<Rebuilt> {
  const { orderIds, streams, dailyStats, feedHold } = ports;
  const holder = `daily-stats, rebuild ${randomUUID()}`;
  await feedHold.hold(holder);
  const days = createDays(dailyStats, reach);
  let orders = 0;
  let events = 0;
  for await (const page of orderIds.all(reach)) {
    await requireHold(feedHold, holder);
    const read = await Promise.all(page.map((order) => streams.read(tenantOf(order), order.orderId)));
    for (const stream of read) await days.take(stream, streams);
    orders += page.length;
    events += read.reduce((sum, stream) => sum + stream.length, 0);
  }
  await requireHold(feedHold, holder);
  await days.write();
  if (!(await feedHold.release(holder))) throw overtaken(holder);
  return { orders, events };
}

async function requireHold(feedHold: FeedHoldReads, holder: string): Promise<void> {
  if ((await feedHold.holder()) !== holder) throw overtaken(holder);
}

function overtaken(holder: string): TransientError {
  return new TransientError('FEED_HELD', `${holder}: another rebuild has begun since`);
}

/** Of how many events one mark is: some 20 kB. */
const MARKED_AT_ONCE = 500;

interface RebuiltDay {
  readonly scope: TenantScope;
  readonly dayShard: string;
  counts: DailyCounts;
  readonly unmarked: EventEnvelope[];
}

function placeKey({ tenantId, dayShard }: StatsPlace): string {
  return `${tenantId}\n${dayShard}`;
}

/** The new counts, in memory until all events are in them; marks are written on the way (rebuild.R2). */
function createDays(
  store: DailyStatsStore & DailyStatsUpkeep,
  reach: Reach,
): {
  take(stream: readonly EventEnvelope[], streams: OrderStreams): Promise<void>;
  write(): Promise<void>;
} {
  const days = new Map<string, RebuiltDay>();
  return {
    take: async (stream, streams) => {
      for (const { scope, dayShard, countables } of await countablesByDay(stream, streams)) {
        const place = placeKey({ tenantId: scope.tenantId, dayShard });
        const rebuilt = days.get(place) ?? { scope, dayShard, counts: NOTHING, unmarked: [] };
        days.set(place, rebuilt);
        for (const { event, origin } of countables) {
          rebuilt.counts = evolve(rebuilt.counts, event, origin);
          rebuilt.unmarked.push(event);
        }
        while (rebuilt.unmarked.length >= MARKED_AT_ONCE)
          await store.mark(scope, dayShard, togetherOf(rebuilt.unmarked.splice(0, MARKED_AT_ONCE)));
      }
    },
    write: async () => {
      for (const { scope, dayShard, unmarked } of days.values())
        if (unmarked.length > 0) await store.mark(scope, dayShard, togetherOf(unmarked));
      for (const { scope, dayShard, counts } of days.values()) await store.put(scope, dayShard, counts);
      for await (const page of store.places(reach))
        for (const place of page)
          if (!days.has(placeKey(place))) await store.put(tenantOf(place), place.dayShard, undefined);
    },
  };
}

// Stores of the read models in memory, each change counted as a request; and streams of orders for them.
import type { EventEnvelope } from '../../src/domain/event-envelope';
import { fold } from '../../src/domain/order';
import type { OrderFact } from '../../src/domain/order-events';
import { customerKey } from '../../src/domain/scope';
import { toEnvelope } from '../../src/events/envelope';
import { NOTHING } from '../../src/projections/daily-counts';
import { addedUp, dayOfShard } from '../../src/projections/daily-stats';
import type {
  CountedTogether,
  CustomerOrder,
  CustomerOrderStore,
  DailyCounts,
  DailyStatsStore,
  FeedHold,
} from '../../src/projections/read-model-stores';
import { toOrderSummary, type OrderSummary } from '../../src/queries/order-view';
import { orderAfter } from './orders';

export interface MemoryCustomerOrders extends CustomerOrderStore {
  readonly documents: Map<string, { order: CustomerOrder; etag: string }>;
  requests: number;
  /** Called before each change; what it does comes in between. */
  beforeChange: () => void;
}

export function createMemoryCustomerOrders(): MemoryCustomerOrders {
  let writes = 0;
  const put = (order: CustomerOrder): string => {
    const etag = `etag-${++writes}`;
    store.documents.set(order.id, { order, etag });
    return etag;
  };
  const at = (orderId: string, etag: string): CustomerOrder | undefined => {
    const stored = store.documents.get(orderId);
    return stored?.etag === etag ? stored.order : undefined;
  };
  const store: MemoryCustomerOrders = {
    documents: new Map(),
    requests: 0,
    beforeChange: () => undefined,
    create: (_, order) => {
      store.requests += 1;
      return Promise.resolve(store.documents.has(order.id) ? undefined : put(order));
    },
    change: (_, orderId, etag, changes) => {
      store.requests += 1;
      store.beforeChange();
      const order = at(orderId, etag);
      return Promise.resolve(order && put({ ...order, ...changes }));
    },
    replace: (_, order, etag) => {
      store.requests += 1;
      return Promise.resolve(at(order.id, etag) && put(order));
    },
    read: (scope, orderId) => {
      store.requests += 1;
      const stored = store.documents.get(orderId);
      return Promise.resolve(stored?.order.customerKey === customerKey(scope) ? stored : undefined);
    },
    newestChange: (scope, untilIso) =>
      Promise.resolve(
        [...store.documents.values()]
          .filter(({ order }) => order.customerKey === customerKey(scope) && order.changedAt <= untilIso)
          .map(({ order }) => order.changedAt)
          .sort()
          .at(-1),
      ),
    list: (scope) =>
      Promise.resolve(
        [...store.documents.values()]
          .map(({ order }) => order)
          .filter((order) => order.customerKey === customerKey(scope)),
      ),
    listOfTenant: ({ tenantId }) =>
      Promise.resolve(
        [...store.documents.values()]
          .map(({ order }) => order)
          .filter((order) => order.customerKey.startsWith(customerKey({ tenantId, customerId: '' }))),
      ),
  };
  return store;
}

export interface MemoryDailyStats extends DailyStatsStore {
  readonly stats: Map<string, DailyCounts>;
  readonly marks: CountedTogether[];
  requests: number;
}

export function createMemoryDailyStats(): MemoryDailyStats {
  let writes = 0;
  const etags = new Map<string, string>();
  const store: MemoryDailyStats = {
    stats: new Map(),
    marks: [],
    requests: 0,
    part: (_, dayShard, fromIso) => {
      store.requests += 2;
      const marks = store.marks.filter(({ newestAt }) => newestAt >= fromIso);
      return Promise.resolve({
        counts: store.stats.get(dayShard) ?? NOTHING,
        etag: etags.get(dayShard),
        eventIds: new Set(marks.flatMap(({ eventIds }) => eventIds)),
      });
    },
    count: (_, dayShard, etag, counts, events) => {
      store.requests += 1;
      if (etags.get(dayShard) !== etag) return Promise.resolve(undefined);
      const written = `etag-${++writes}`;
      etags.set(dayShard, written);
      store.stats.set(dayShard, counts);
      store.marks.push(events);
      return Promise.resolve(written);
    },
    days: (_, from, to) =>
      Promise.resolve(
        addedUp([...store.stats].map(([part, counts]) => ({ day: dayOfShard(part), ...counts }))).filter(
          ({ day }) => day >= from && day <= to,
        ),
      ),
  };
  return store;
}

export function createMemoryFeedHold(): FeedHold & { held: string | null } {
  const store: ReturnType<typeof createMemoryFeedHold> = {
    held: null,
    holder: () => Promise.resolve(store.held),
    hold: (holder) => Promise.resolve(void (store.held = holder)),
    release: (holder) => {
      const isHeld = store.held === holder;
      if (isHeld) store.held = null;
      return Promise.resolve(isHeld);
    },
  };
  return store;
}

/** The stream of one order; its events happen `everyMs` apart from `atMs` on. */
export function envelopes(
  orderId: string,
  stream: readonly OrderFact[],
  atMs = Date.UTC(2026, 0, 1),
  everyMs = 1_000,
): EventEnvelope[] {
  const order = { ...orderAfter(), orderId };
  return stream.map((fact, index) => {
    const occurredAt = new Date(atMs + index * everyMs).toISOString();
    return toEnvelope(order, fact, index + 1, { actor: 'test', occurredAt, key: null });
  });
}

/** What the write side says of a stream. */
export function viewOf(stream: readonly EventEnvelope[]): OrderSummary {
  const order = fold(stream[0]?.orderId ?? '', stream);
  if (order === undefined) throw new Error('the stream does not begin with OrderCreated');
  return toOrderSummary(order);
}

/** The event as the feed brings it. */
export function asChange(event: EventEnvelope): object {
  return { id: event.eventId, kind: 'event', ...event, _ts: 1, _etag: '"1"', _lsn: 1 };
}

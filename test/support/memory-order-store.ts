// An order store in memory, which passes the same contract suite as the one on Cosmos DB.
import type { Order } from '../../src/domain/order';
import { TransientError } from '../../src/errors';
import type { EventEnvelope } from '../../src/events/envelope';
import type { OrderStore, Stored } from '../../src/ports/order-store';

export interface MemoryOrderStore extends OrderStore {
  /** How many requests it has served, by operation. */
  readonly requests: Record<'create' | 'read' | 'append' | 'eventsAfter', number>;
  /** Whether every operation fails as a store that is away does. */
  away: boolean;
  /** Called before each append; what it does comes in between. */
  beforeAppend: () => Promise<void>;
  /** Puts an order into the store with its events, as if written before. */
  seed(order: Order, events: readonly EventEnvelope[]): Stored<Order>;
}

export function createMemoryOrderStore(): MemoryOrderStore {
  const orders = new Map<string, Stored<Order>>();
  const streams = new Map<string, EventEnvelope[]>();
  let writes = 0;
  const put = (order: Order): Stored<Order> => {
    const stored = { order: structuredClone(order), etag: `etag-${++writes}` };
    orders.set(order.orderId, stored);
    return stored;
  };
  const all = (): Stored<Order>[] => [...orders.values()];
  const count = (operation: keyof MemoryOrderStore['requests']): void => {
    store.requests[operation] += 1;
    if (store.away)
      throw new TransientError('STORE_UNAVAILABLE', 'the order store is away', { outage: true });
  };

  const store: MemoryOrderStore = {
    requests: { create: 0, read: 0, append: 0, eventsAfter: 0 },
    away: false,
    beforeAppend: () => Promise.resolve(),
    seed(order, events) {
      streams.set(order.orderId, [...events]);
      return put(order);
    },
    create: async (order, events) => {
      count('create');
      const existing = orders.get(order.orderId);
      if (existing !== undefined) return { kind: 'exists', ...existing };
      streams.set(order.orderId, [...events]);
      return Promise.resolve({ kind: 'created', ...put(order) });
    },
    read: async (orderId) => {
      count('read');
      return Promise.resolve(orders.get(orderId));
    },
    append: async (before, etag, after, events) => {
      count('append');
      await store.beforeAppend();
      const current = orders.get(before.orderId);
      const stream = streams.get(before.orderId) ?? [];
      const taken = events.some(({ sequence }) => stream.some((event) => event.sequence === sequence));
      if (current?.etag !== etag || taken) return { kind: 'conflict' };
      stream.push(...events);
      return { kind: 'appended', etag: put({ ...after, lines: current.order.lines }).etag };
    },
    eventsAfter: async (orderId, sequence) => {
      count('eventsAfter');
      return Promise.resolve((streams.get(orderId) ?? []).filter((event) => event.sequence > sequence));
    },
    list: ({ customerKey, status, fromIso, toIso, offset, limit }) =>
      Promise.resolve(
        all()
          .map(({ order }) => order)
          .filter(
            (order) => order.customerKey === customerKey && (status === undefined || order.status === status),
          )
          .filter(
            ({ createdAt }) => createdAt >= (fromIso ?? '') && (toIso === undefined || createdAt < toIso),
          )
          .sort((a, b) => b.createdAt.localeCompare(a.createdAt) || a.orderId.localeCompare(b.orderId))
          .slice(offset, offset + limit),
      ),
    unfinished: (updatedBeforeIso, limit) =>
      Promise.resolve(
        all()
          .filter(({ order }) => !order.ended && order.updatedAt < updatedBeforeIso)
          .filter(({ order }) => !order.saga.needsIntervention)
          .filter(
            ({ order }) => (order.notBefore ?? '') < updatedBeforeIso || order.cancelRequestedAt !== null,
          )
          .sort((a, b) => a.order.updatedAt.localeCompare(b.order.updatedAt))
          .slice(0, limit),
      ),
    ping: () => Promise.resolve(),
  };
  return store;
}

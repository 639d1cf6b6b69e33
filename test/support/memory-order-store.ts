// Order store in memory, which passes the same contract suite as the one on Cosmos DB.
import type { EventEnvelope } from '../../src/domain/event-envelope';
import { requireWithin } from '../../src/adapters/scope-check';
import { headOf, type OrderHead } from '../../src/domain/order';
import { isReached, isWithin, type Scope } from '../../src/domain/scope';
import { TransientError } from '../../src/errors';
import { placedIn } from '../../src/events/placed-order';
import { snapshotsDue } from '../../src/events/snapshots';
import type { OrderStore, Snapshot, Stored } from '../../src/ports/order-store';

export interface MemoryOrderStore extends OrderStore {
  /** How many requests it has served, by operation. */
  readonly requests: Record<'create' | 'read' | 'append' | 'eventsAfter', number>;
  /** Whether every operation fails as a store that is away does. */
  away: boolean;
  /** Called before each append; what it does comes in between. */
  beforeAppend: () => Promise<void>;
  /** Every order that is there. */
  all(): readonly OrderHead[];
  /** Puts an order into the store with its events, as if written before. */
  seed(order: OrderHead, events: readonly EventEnvelope[]): Stored<OrderHead>;
}

const SCAN_PAGE = 100;

export function createMemoryOrderStore(): MemoryOrderStore {
  const orders = new Map<string, Stored<OrderHead>>();
  const streams = new Map<string, EventEnvelope[]>();
  const snapshots: Snapshot[] = [];
  let writes = 0;
  const put = (order: OrderHead): Stored<OrderHead> => {
    const stored = { order: structuredClone(headOf(order)), etag: `etag-${++writes}` };
    orders.set(order.orderId, stored);
    return stored;
  };
  const all = (): Stored<OrderHead>[] => [...orders.values()];
  const within = (scope: Scope, orderId: string): Stored<OrderHead> | undefined => {
    const stored = orders.get(orderId);
    return stored && isWithin(scope, stored.order) ? stored : undefined;
  };
  const streamWithin = (scope: Scope, orderId: string): readonly EventEnvelope[] =>
    (scope.customerId === undefined || within(scope, orderId) !== undefined
      ? (streams.get(orderId) ?? [])
      : []
    ).filter(({ tenantId }) => tenantId === scope.tenantId);
  const count = (operation: keyof MemoryOrderStore['requests']): void => {
    store.requests[operation] += 1;
    if (store.away)
      throw new TransientError('STORE_UNAVAILABLE', 'the order store is away', { outage: true });
  };

  const store: MemoryOrderStore = {
    requests: { create: 0, read: 0, append: 0, eventsAfter: 0 },
    away: false,
    beforeAppend: () => Promise.resolve(),
    all: () => all().map(({ order }) => order),
    seed(order, events) {
      streams.set(order.orderId, [...events]);
      return put(order);
    },
    create: async (scope, order, events) => {
      count('create');
      requireWithin(scope, order, order.orderId);
      const existing = orders.get(order.orderId);
      if (existing !== undefined) return { kind: 'exists', ...existing };
      streams.set(order.orderId, [...events]);
      return Promise.resolve({ kind: 'created', ...put(order) });
    },
    read: async (scope, orderId) => {
      count('read');
      return Promise.resolve(within(scope, orderId));
    },
    placed: async (scope, orderId) => {
      count('read');
      const placed = placedIn(streams.get(orderId)?.[0]);
      return Promise.resolve(placed && isWithin(scope, placed) ? placed : undefined);
    },
    append: async (scope, before, etag, after, events) => {
      count('append');
      requireWithin(scope, before, before.orderId);
      await store.beforeAppend();
      const current = orders.get(before.orderId);
      const stream = streams.get(before.orderId) ?? [];
      const taken = events.some(({ sequence }) => stream.some((event) => event.sequence === sequence));
      if (current?.etag !== etag || taken) return { kind: 'conflict' };
      stream.push(...events);
      snapshots.push(...snapshotsDue(before, events));
      return { kind: 'appended', etag: put(after).etag };
    },
    eventsAfter: async (scope, orderId, sequence, { limit = Infinity, untilIso } = {}) => {
      count('eventsAfter');
      const after = streamWithin(scope, orderId).filter((event) => event.sequence > sequence);
      return Promise.resolve(after.filter((event) => isUntil(event.occurredAt, untilIso)).slice(0, limit));
    },
    snapshotBefore: (scope, orderId, sequence, untilIso) =>
      Promise.resolve(
        snapshots
          .filter((snapshot) => snapshot.orderId === orderId && snapshot.sequence <= sequence)
          .filter(({ head }) => isWithin(scope, head))
          .filter(({ updatedAt }) => isUntil(updatedAt, untilIso))
          .sort((a, b) => b.sequence - a.sequence)[0],
      ),
    async *scanEvents(reach, { type, fromIso = '', untilIso }) {
      const events = [...streams.values()]
        .flat()
        .filter((event) => isReached(reach, event))
        .filter((event) => type === undefined || event.type === type)
        .filter(({ occurredAt }) => occurredAt >= fromIso && occurredAt <= untilIso)
        .sort((a, b) => a.occurredAt.localeCompare(b.occurredAt));
      for (let from = 0; from < events.length; from += SCAN_PAGE)
        yield await Promise.resolve(events.slice(from, from + SCAN_PAGE));
    },
    unfinished: (reach, updatedBeforeIso, limit, updatedFromIso = '') =>
      Promise.resolve(
        all()
          .filter(({ order }) => isReached(reach, order))
          .filter(({ order }) => order.updatedAt < updatedBeforeIso && order.updatedAt >= updatedFromIso)
          .filter(
            ({ order }) => isUnfinished(order, updatedBeforeIso) || hasReturnDue(order, updatedBeforeIso),
          )
          .map(({ order: { orderId, tenantId, updatedAt, notBefore, cancelRequestedAt, returnsDueAt } }) => ({
            ...{ orderId, tenantId, updatedAt, notBefore, cancelRequestedAt },
            ...(returnsDueAt === undefined ? {} : { returnsDueAt }),
          }))
          .sort((a, b) => a.updatedAt.localeCompare(b.updatedAt))
          .slice(0, limit),
      ),
    unsuccessful: (reach, fromIso, beforeIso, limit) =>
      Promise.resolve(
        all()
          .filter(({ order }) => isReached(reach, order))
          .filter(({ order: { ended, status } }) => ended && (status === 'failed' || status === 'cancelled'))
          .filter(({ order: { updatedAt } }) => updatedAt >= fromIso && updatedAt < beforeIso)
          .map(({ order: { orderId, tenantId, updatedAt } }) => ({ orderId, tenantId, updatedAt }))
          .sort((a, b) => a.updatedAt.localeCompare(b.updatedAt))
          .slice(0, limit),
      ),
    ping: () => Promise.resolve(),
  };
  return store;
}

function isUntil(iso: string, untilIso: string | undefined): boolean {
  return untilIso === undefined || iso <= untilIso;
}

function isUnfinished(
  { ended, saga, status, notBefore, cancelRequestedAt }: OrderHead,
  beforeIso: string,
): boolean {
  if (ended || (saga.needsIntervention && status !== 'compensating')) return false;
  return (notBefore ?? '') < beforeIso || cancelRequestedAt !== null;
}

function hasReturnDue({ returnsDueAt }: OrderHead, beforeIso: string): boolean {
  return typeof returnsDueAt === 'string' && returnsDueAt < beforeIso;
}

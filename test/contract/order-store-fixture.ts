// The order stores that the contract suites run against: the one in memory, and the one on Cosmos DB through the official SDK.
import { createCosmosOrderStore } from '../../src/adapters/cosmos-order-store';
import type { EventEnvelope } from '../../src/domain/event-envelope';
import type { Order, OrderHead } from '../../src/domain/order';
import type { OrderFact } from '../../src/domain/order-events';
import { toEnvelope } from '../../src/events/envelope';
import type { OrderStore } from '../../src/ports/order-store';
import { openAppDatabase } from '../support/app-database';
import { createMemoryOrderStore } from '../support/memory-order-store';
import { AT, created, orderAfter, started, streamOf } from '../support/orders';
import { openCosmos, type Cosmos } from 'azure-local/testing/cosmos-fixture';

export interface Opened {
  readonly store: OrderStore;
  /** The same store as another process sees it. */
  another?(): OrderStore;
  close(): Promise<void>;
}

/** An order store on a Cosmos DB look-alike, with the database and container made at the first use. */
export function storeOn(cosmos: Cosmos): OrderStore {
  return createCosmosOrderStore(openAppDatabase(cosmos.url).orders);
}

export const stores: Readonly<Record<string, () => Promise<Opened>>> = {
  'in memory': () => Promise.resolve({ store: createMemoryOrderStore(), close: () => Promise.resolve() }),
  'on Cosmos DB': async () => {
    const cosmos = await openCosmos();
    return { store: storeOn(cosmos), another: () => storeOn(cosmos), close: () => cosmos.close() };
  },
};

export const line = { productId: 'prod-1', productName: 'Widget', quantity: 1, unitPriceMinor: 100 };

let ids = 0;
/** A new order with a stream of its own. */
export function newOrder(more: Partial<Order> = {}): { order: OrderHead; events: EventEnvelope[] } {
  const orderId = `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`;
  const { lines, ...order } = { ...orderAfter(started), orderId, ...more };
  const ofOrder = { ...created, data: { ...created.data, lines, totalMinor: order.totalMinor } };
  const events = streamOf(ofOrder, started).map((event) => envelope(order, event, event.sequence));
  return { order, events };
}

export const envelope = (order: OrderHead, fact: OrderFact, sequence: number): EventEnvelope =>
  toEnvelope(order, fact, sequence, { actor: 'test', occurredAt: AT, key: null });

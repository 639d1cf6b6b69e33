// Read model `customer-orders`: one document per order, as the list of a customer shows it. Knows the events only.
//
// customer-orders.C1  A document is the fold of the events 1 to `version` that can be read; it is written only over the
//   very document (etag) it was folded from, so neither a repetition nor another host takes it back.
// customer-orders.C2  A gap between the document and an event is filled from the stream. What the stream cannot give is
//   passed over.
import type { EventEnvelope } from '../domain/event-envelope';
import { createOrder, endFields } from '../domain/order';
import { decimalIn } from '../domain/money';
import { statusAfter } from '../domain/order-status';
import { customerKey, scopeOfKey, tenantOf, type CustomerScope, type TenantScope } from '../domain/scope';
import { toOrderSummary, type OrderSummary } from '../queries/order-view';
import { createBoundedMap } from './bounded-map';
import type { OrderStreams } from './order-streams';
import { byOrder, type Projection } from './projection';
import type {
  CustomerOrder,
  CustomerOrderChanges,
  CustomerOrderReads,
  CustomerOrderStore,
  OrderFilter,
  StoredCustomerOrder,
  TenantOrderFilter,
} from './read-model-stores';

/** Folds one event. What the document has seen already changes nothing. */
export function evolve(order: CustomerOrder | undefined, event: EventEnvelope): CustomerOrder | undefined {
  if (event.type === 'OrderCreated') return order ?? opened(event);
  if (order === undefined || event.sequence <= order.version) return order;
  return { ...order, ...changesBy(event) };
}

function opened(event: EventEnvelope & { readonly type: 'OrderCreated' }): CustomerOrder {
  return {
    ...toOrderSummary(createOrder(event.orderId, event)),
    customerKey: customerKey(event.data),
    changedAt: event.occurredAt,
  };
}

/** What an event sets, whatever was before: so the changes of many events are one patch. */
function changesBy(event: EventEnvelope): CustomerOrderChanges {
  // Only OrderCreated leads to `pending`: staying there means that the event changes no status.
  const status = statusAfter('pending', event.type);
  return {
    ...(status === 'pending' ? {} : { status }),
    ...fieldsBy(event),
    version: event.sequence,
    changedAt: event.occurredAt,
  };
}

function fieldsBy(event: EventEnvelope): Omit<CustomerOrderChanges, 'version' | 'changedAt'> {
  switch (event.type) {
    case 'CompensationFailed':
    case 'InterventionOpened':
      return { needsIntervention: true };
    case 'ReturnClosed':
      return { needsIntervention: event.data.asksOperator };
    case 'CouponApplied': {
      const { currency, discountMinor, amountDueMinor } = event.data;
      return {
        discountAmount: decimalIn(currency, discountMinor),
        amountDue: decimalIn(currency, amountDueMinor),
      };
    }
    default:
      return endFields(event);
  }
}

/** Where a document was left; what is not known here is read. */
interface Position {
  readonly customerKey: string;
  readonly version: number;
  readonly etag: string;
}

const POSITIONS = 10_000;

/** Where documents were left; `keep` gives whether there is an etag, without which a position is forgotten. */
function createPositions(): {
  known(orderId: string): Position | undefined;
  keep(order: Pick<CustomerOrder, 'id' | 'customerKey' | 'version'>, etag: string | undefined): boolean;
} {
  const positions = createBoundedMap<Position>(POSITIONS);
  return {
    known: (orderId) => positions.get(orderId),
    keep: ({ id, customerKey: key, version }, etag) => {
      if (etag === undefined) positions.delete(id);
      else positions.set(id, { customerKey: key, version, etag });
      return etag !== undefined;
    },
  };
}

/** The projection into `store`: one request per order and page as a rule, two for what was seen before. */
export function createCustomerOrders(store: CustomerOrderStore, streams: OrderStreams): Projection {
  const positions = createPositions();

  /** Whether `events`, which follow one another, were written on what is known without reading. */
  const writeNext = async (orderId: string, events: readonly EventEnvelope[]): Promise<boolean> => {
    const created = events[0]?.sequence === 1 ? fold(undefined, events) : undefined;
    if (created !== undefined)
      return positions.keep(created, await store.create(scopeOfKey(created.customerKey), created));
    const from = positions.known(orderId);
    return from !== undefined && change(from, orderId, events);
  };

  const change = async (
    from: Position,
    orderId: string,
    events: readonly EventEnvelope[],
  ): Promise<boolean> => {
    if (events[0]?.sequence !== from.version + 1) return false;
    const changes = events.map(changesBy).reduce((before, after) => ({ ...before, ...after }));
    const { customerKey: key } = from;
    const etag = await store.change(scopeOfKey(key), orderId, from.etag, changes);
    return positions.keep({ id: orderId, customerKey: key, version: changes.version }, etag);
  };

  /** Reads what is there and brings it up to `events`; again for as long as somebody else writes in between. */
  const catchUp = async (
    tenant: TenantScope,
    orderId: string,
    events: readonly EventEnvelope[],
  ): Promise<void> => {
    const origin = await streams.originOf(tenant, orderId);
    if (origin === undefined) return;
    const scope = scopeOfKey(origin.customerKey);
    for (;;) {
      const stored = await store.read(scope, orderId);
      const next = events.filter(({ sequence }) => sequence > (stored?.order.version ?? 0));
      if (next.length === 0) {
        if (stored !== undefined) positions.keep(stored.order, stored.etag);
        return;
      }
      if (stored !== undefined && isGapless(next) && next[0]?.sequence === stored.order.version + 1) {
        if (await change(positionOf(stored), orderId, next)) return;
        continue;
      }
      const folded = fold(stored?.order, merge(await streams.read(tenant, orderId), next));
      if (folded === undefined) return;
      const etag = stored
        ? await store.replace(scope, folded, stored.etag)
        : await store.create(scope, folded);
      if (positions.keep(folded, etag)) return;
    }
  };

  return {
    name: 'customer-orders',
    project: async (events) => {
      const orders = [...byOrder(events)].map(async ([orderId, own]) => {
        const [first] = own;
        if (first === undefined || (isGapless(own) && (await writeNext(orderId, own)))) return;
        await catchUp(tenantOf(first), orderId, own);
      });
      await Promise.all(orders);
    },
  };
}

export function fold(
  order: CustomerOrder | undefined,
  events: readonly EventEnvelope[],
): CustomerOrder | undefined {
  return events.reduce(evolve, order);
}

function positionOf({ order, etag }: StoredCustomerOrder): Position {
  return { customerKey: order.customerKey, version: order.version, etag };
}

function isGapless(events: readonly EventEnvelope[]): boolean {
  return events.every(
    (event, index) => index === 0 || event.sequence === (events[index - 1]?.sequence ?? 0) + 1,
  );
}

/** Both in one sequence, each event once. */
function merge(stream: readonly EventEnvelope[], events: readonly EventEnvelope[]): readonly EventEnvelope[] {
  const bySequence = new Map([...stream, ...events].map((event) => [event.sequence, event]));
  return [...bySequence.values()].sort((a, b) => a.sequence - b.sequence);
}

/** The list of a customer, as the API shows it. */
export async function listCustomerOrders(
  store: CustomerOrderReads,
  scope: CustomerScope,
  filter: OrderFilter,
): Promise<readonly OrderSummary[]> {
  return (await store.list(scope, filter)).map(withoutKey);
}

/** The list of a tenant, as the API shows it. */
export async function listTenantOrders(
  store: CustomerOrderReads,
  scope: TenantScope,
  filter: TenantOrderFilter,
): Promise<readonly OrderSummary[]> {
  return (await store.listOfTenant(scope, filter)).map(withoutKey);
}

function withoutKey({ customerKey: _key, changedAt: _at, ...view }: CustomerOrder): OrderSummary {
  return view;
}

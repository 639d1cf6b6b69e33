// The read models in Cosmos DB. Documents hold what the projections fold, and nothing that differs between two writes of
// the same.
import type { RequestOptions } from '@azure/cosmos';
import type {
  CustomerOrder,
  CustomerOrderStore,
  CustomerOrderUpkeep,
  FeedProgressStore,
  OrderFilter,
  OrderIds,
} from '../projections/read-model-stores';
import { attempt } from './cosmos-attempt';
import type { Connect } from './cosmos-client';
import {
  given,
  selectFrom,
  selectPages,
  withoutSystemProperties,
  type Query,
  type StoredDocument,
} from './cosmos-select';

/** The store of `customer-orders` over the container that `connect` gives. */
export function createCosmosCustomerOrders(connect: Connect): CustomerOrderStore & CustomerOrderUpkeep {
  return {
    create: async (order) => {
      const { answer } = await attempt(connect, ({ items }) => items.create(order), 409);
      return answer?.etag;
    },
    change: async (customerKey, orderId, etag, changes) => {
      const operations = Object.entries(changes).map(
        ([field, value]) => ({ op: 'set', path: `/${field}`, value }) as const,
      );
      const { answer } = await attempt(
        connect,
        (container) => container.item(orderId, customerKey).patch(operations, ifMatch(etag)),
        ...[404, 412],
      );
      return answer?.etag;
    },
    replace: async (order, etag) => {
      const { answer } = await attempt(
        connect,
        (container) => container.item(order.id, order.customerKey).replace(order, ifMatch(etag)),
        ...[404, 412],
      );
      return answer?.etag;
    },
    read: async (customerKey, orderId) => {
      const { answer } = await attempt(connect, (container) =>
        container.item(orderId, customerKey).read<StoredDocument>(),
      );
      const document = answer?.resource;
      return document && { order: fromDocument(document), etag: document._etag };
    },
    list: async (filter) =>
      (await selectFrom<StoredDocument>(connect, customerOrdersQuery(filter), filter.customerKey)).map(
        fromDocument,
      ),
    places: () => selectPages(connect, 'SELECT c.id, c.customerKey FROM c'),
    remove: async (customerKey, orderId) => {
      await attempt(connect, (container) => container.item(orderId, customerKey).delete(), 404);
    },
  };
}

/** The ids of the orders in the container that `connect` gives. */
export function createCosmosOrderIds(connect: Connect): OrderIds {
  return { all: () => selectPages(connect, "SELECT VALUE c.orderId FROM c WHERE c.kind = 'order'") };
}

function ifMatch(etag: string): RequestOptions {
  return { accessCondition: { type: 'IfMatch', condition: etag } };
}

/** Only this adapter writes these documents, so they are taken at their word. */
function fromDocument(document: StoredDocument): CustomerOrder {
  return withoutSystemProperties(document) as unknown as CustomerOrder;
}

/** Newest first, with ties broken by id: two sort keys, which want a composite index. */
export function customerOrdersQuery(filter: OrderFilter): Query {
  const { customerKey, status, fromIso, toIso, after, limit } = filter;
  const conditions = [
    'c.customerKey = @customerKey',
    ...(status === undefined ? [] : ['c.status = @status']),
    ...(fromIso === undefined ? [] : ['c.createdAt >= @from']),
    ...(toIso === undefined ? [] : ['c.createdAt < @to']),
    ...(after === undefined ? [] : ['(c.createdAt < @at OR (c.createdAt = @at AND c.id > @id))']),
  ];
  return {
    query: `SELECT * FROM c WHERE ${conditions.join(' AND ')} ORDER BY c.createdAt DESC, c.id ASC OFFSET 0 LIMIT @limit`,
    parameters: given({
      ...{ customerKey, status, from: fromIso, to: toIso, limit },
      ...{ at: after?.createdAt, id: after?.id },
    }),
  };
}

/** Lies beside the daily figures; no day is called so. */
const PROGRESS = { id: 'feed', day: 'feed' };

/** How far the feed is, over the container `daily-stats` that `connect` gives. */
export function createCosmosFeedProgress(connect: Connect): FeedProgressStore {
  /** Whether the field was set: not where there is no document yet, or another one than `condition` asks for. */
  const patch = async (field: string, value: string | null, condition?: string): Promise<boolean> => {
    const operations = [{ op: 'set', path: `/${field}`, value } as const];
    const { refused } = await attempt(
      connect,
      (container) =>
        container
          .item(PROGRESS.id, PROGRESS.day)
          .patch(condition === undefined ? operations : { condition, operations }),
      ...[404, 412],
    );
    return refused === undefined;
  };
  const set = async (field: string, value: string): Promise<void> => {
    if (await patch(field, value)) return;
    const first = { ...PROGRESS, asOf: null, held: null };
    await attempt(connect, ({ items }) => items.create(first), 409);
    await patch(field, value);
  };
  return {
    read: async () => {
      const { answer } = await attempt(connect, (container) =>
        container.item(PROGRESS.id, PROGRESS.day).read<{ asOf: string | null; held: string | null }>(),
      );
      return { asOf: answer?.resource?.asOf ?? null, held: answer?.resource?.held ?? null };
    },
    seen: (asOf) => set('asOf', asOf),
    hold: (holder) => set('held', holder),
    release: (holder) => patch('held', null, `FROM c WHERE c.held = ${JSON.stringify(holder)}`),
  };
}

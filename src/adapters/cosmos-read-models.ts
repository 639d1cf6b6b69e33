// The read models in Cosmos DB. Documents hold what the projections fold, and nothing that differs between two writes of
// the same.
import type { RequestOptions } from '@azure/cosmos';
import type {
  CustomerOrder,
  CustomerOrderStore,
  CustomerOrderUpkeep,
  FeedHold,
  OrderFilter,
  OrderIds,
  TenantOrderFilter,
} from '../projections/read-model-stores';
import {
  ALL_TENANTS,
  customerKey,
  isReached,
  scopeOfKey,
  type CustomerScope,
  type TenantScope,
} from '../domain/scope';
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
import { requireWithin } from './scope-check';

/** The store of `customer-orders` over the container that `connect` gives. */
export function createCosmosCustomerOrders(connect: Connect): CustomerOrderStore & CustomerOrderUpkeep {
  return {
    create: async (scope, order) => {
      requireOwn(scope, order);
      const { answer } = await attempt(connect, ({ items }) => items.create(order), 409);
      return answer?.etag;
    },
    change: async (scope, orderId, etag, changes) => {
      const operations = Object.entries(changes).map(
        ([field, value]) => ({ op: 'set', path: `/${field}`, value }) as const,
      );
      const { answer } = await attempt(
        connect,
        (container) => container.item(orderId, customerKey(scope)).patch(operations, ifMatch(etag)),
        ...[404, 412],
      );
      return answer?.etag;
    },
    replace: async (scope, order, etag) => {
      requireOwn(scope, order);
      const { answer } = await attempt(
        connect,
        (container) => container.item(order.id, order.customerKey).replace(order, ifMatch(etag)),
        ...[404, 412],
      );
      return answer?.etag;
    },
    read: async (scope, orderId) => {
      const { answer } = await attempt(connect, (container) =>
        container.item(orderId, customerKey(scope)).read<StoredDocument>(),
      );
      const document = answer?.resource;
      return document && { order: fromDocument(document), etag: document._etag };
    },
    list: async (scope, filter) => {
      const key = customerKey(scope);
      const found = await selectFrom<StoredDocument>(connect, customerOrdersQuery(key, filter), key);
      return found.map(fromDocument);
    },
    listOfTenant: async (scope, filter) =>
      (await selectFrom<StoredDocument>(connect, tenantOrdersQuery(scope, filter))).map(fromDocument),
    newestChange: async (scope, untilIso) => {
      const key = customerKey(scope);
      const [newest] = await selectFrom<string>(connect, newestChangeQuery(key, untilIso), key);
      return newest;
    },
    places: async function* (reach) {
      const pages = selectPages<Place>(connect, 'SELECT c.id, c.customerKey FROM c');
      for await (const page of pages)
        yield page.filter((place) => isReached(reach, scopeOfKey(place.customerKey)));
    },
    remove: async (scope, orderId) => {
      await attempt(connect, (container) => container.item(orderId, customerKey(scope)).delete(), 404);
    },
  };
}

/** The ids of the orders in the container that `connect` gives. */
export function createCosmosOrderIds(connect: Connect): OrderIds {
  return {
    all: (reach) => {
      const tenantId = reach === ALL_TENANTS ? undefined : reach.tenantId;
      const ofTenant = tenantId === undefined ? '' : ' AND c.tenantId = @tenantId';
      const query = `SELECT c.orderId, c.tenantId FROM c WHERE c.kind = 'order'${ofTenant}`;
      return selectPages(connect, { query, parameters: given({ tenantId }) });
    },
  };
}

type Place = Pick<CustomerOrder, 'id' | 'customerKey'>;

function requireOwn(scope: CustomerScope, order: CustomerOrder): void {
  requireWithin(scope, scopeOfKey(order.customerKey), `the list entry of order ${order.id}`);
}

function ifMatch(etag: string): RequestOptions {
  return { accessCondition: { type: 'IfMatch', condition: etag } };
}

/** Only this adapter writes these documents, so they are taken at their word. */
function fromDocument(document: StoredDocument): CustomerOrder {
  return withoutSystemProperties(document) as unknown as CustomerOrder;
}

/** A customer's orders, newest first. */
function customerOrdersQuery(key: string, filter: OrderFilter): Query {
  return newestFirst(['c.customerKey = @customerKey'], { customerKey: key }, filter);
}

/** The orders of a whole tenant, newest first. */
function tenantOrdersQuery(scope: TenantScope, filter: TenantOrderFilter): Query {
  const { conditions, values } = tenantOrdersConditions(scope, filter);
  return newestFirst(conditions, values, filter);
}

/** What an order of the tenant's list has to be, apart from its place in the list. */
export function tenantOrdersConditions(
  { tenantId }: TenantScope,
  filter: Pick<TenantOrderFilter, 'customerId' | 'needsIntervention' | 'statuses' | 'changedBeforeIso'>,
): { readonly conditions: readonly string[]; readonly values: Readonly<Record<string, string | undefined>> } {
  const { customerId, needsIntervention, statuses, changedBeforeIso } = filter;
  const names = (statuses ?? []).map((_, index) => `status${index}`);
  return {
    conditions: [
      customerId === undefined ? 'STARTSWITH(c.customerKey, @customerKey)' : 'c.customerKey = @customerKey',
      ...(needsIntervention === undefined ? [] : [`c.needsIntervention = ${needsIntervention}`]),
      ...(changedBeforeIso === undefined ? [] : ['c.changedAt < @changedBefore']),
      ...(names.length === 0 ? [] : [`c.status IN (${names.map((name) => `@${name}`).join(', ')})`]),
    ],
    values: {
      customerKey: customerKey({ tenantId, customerId: customerId ?? '' }),
      changedBefore: changedBeforeIso,
      ...Object.fromEntries(names.map((name, index) => [name, statuses?.[index]])),
    },
  };
}

/** Newest first, with ties broken by id: two sort keys, which want a composite index. */
function newestFirst(
  whose: readonly string[],
  values: Readonly<Record<string, string | undefined>>,
  { status, fromIso, toIso, after, limit }: OrderFilter,
): Query {
  const conditions = [
    ...whose,
    ...(status === undefined ? [] : ['c.status = @status']),
    ...(fromIso === undefined ? [] : ['c.createdAt >= @from']),
    ...(toIso === undefined ? [] : ['c.createdAt < @to']),
    ...(after === undefined ? [] : ['(c.createdAt < @at OR (c.createdAt = @at AND c.id > @id))']),
  ];
  return {
    query: `SELECT * FROM c WHERE ${conditions.join(' AND ')} ORDER BY c.createdAt DESC, c.id ASC OFFSET 0 LIMIT @limit`,
    parameters: given({
      ...values,
      ...{ status, from: fromIso, to: toIso, limit },
      ...{ at: after?.createdAt, id: after?.id },
    }),
  };
}

function newestChangeQuery(key: string, untilIso: string): Query {
  return {
    query:
      'SELECT VALUE c.changedAt FROM c WHERE c.customerKey = @customerKey AND c.changedAt <= @until ORDER BY c.changedAt DESC OFFSET 0 LIMIT 1',
    parameters: given({ customerKey: key, until: untilIso }),
  };
}

/** Lies beside the daily figures; no part of a day is called so. */
const PLACE = { id: 'feed', dayShard: 'feed' };

/** Whether the feed waits, over the container `daily-stats` that `connect` gives. */
export function createCosmosFeedHold(connect: Connect): FeedHold {
  /** Whether it was set: not where there is no document yet, or another one than `condition` asks for. */
  const patch = async (held: string | null, condition?: string): Promise<boolean> => {
    const operations = [{ op: 'set', path: '/held', value: held } as const];
    const { refused } = await attempt(
      connect,
      (container) =>
        container
          .item(PLACE.id, PLACE.dayShard)
          .patch(condition === undefined ? operations : { condition, operations }),
      ...[404, 412],
    );
    return refused === undefined;
  };
  return {
    holder: async () => {
      const { answer } = await attempt(connect, (container) =>
        container.item(PLACE.id, PLACE.dayShard).read<{ held: string | null }>(),
      );
      return answer?.resource?.held ?? null;
    },
    hold: async (holder) => {
      if (await patch(holder)) return;
      const { refused } = await attempt(
        connect,
        ({ items }) => items.create({ ...PLACE, held: holder }),
        409,
      );
      if (refused !== undefined) await patch(holder);
    },
    release: (holder) => patch(null, `FROM c WHERE c.held = ${JSON.stringify(holder)}`),
  };
}

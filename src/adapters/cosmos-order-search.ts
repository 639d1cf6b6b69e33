// Search over the orders of a tenant in Cosmos DB: counts from the list read model, ids from the orders and their events.
// Every query is over all partitions and served by an index (infra/modules/cosmos.bicep).
import type { TenantScope } from '../domain/scope';
import type { FoundOrder, OrderSearch } from '../ports/order-search';
import type { Connect } from './cosmos-client';
import { tenantOrdersConditions } from './cosmos-read-models';
import { given, selectFrom } from './cosmos-select';

/** The message of a failed order is called after it. */
const FAILED_MESSAGE = /:failed$/;

/** What an order or one of its events has to have, by what the id is then called. */
const WAYS: readonly (readonly [by: FoundOrder['by'], kind: 'order' | 'event', condition: string])[] = [
  ['order', 'order', 'c.orderId = @id'],
  ['customer', 'order', 'c.customerId = @id'],
  ['tracking', 'order', 'c.trackingId = @id'],
  ['transaction', 'order', 'ARRAY_CONTAINS(c.payments, {transactionId: @id}, true)'],
  ['correlation', 'order', 'c.correlationId = @id'],
  // What is sent has the id of its event.
  ['message', 'event', 'c.id = @id'],
];

export function createCosmosOrderSearch(containers: {
  readonly orders: Connect;
  readonly customerOrders: Connect;
}): OrderSearch {
  const found = async (
    { tenantId }: TenantScope,
    [by, kind, condition]: (typeof WAYS)[number],
    id: string,
    limit: number,
  ): Promise<readonly FoundOrder[]> => {
    const rows = await selectFrom<{ orderId: string; customerId?: string }>(containers.orders, {
      query: `SELECT c.orderId, c.customerId FROM c
        WHERE c.kind = @kind AND c.tenantId = @tenantId AND ${condition} OFFSET 0 LIMIT @limit`,
      parameters: given({ kind, tenantId, id, limit }),
    });
    return rows.map(({ orderId, customerId = '' }) => ({ orderId, customerId, by }));
  };
  return {
    count: async (scope, choice) => {
      const { conditions, values } = tenantOrdersConditions(scope, choice);
      const [count = 0] = await selectFrom<number>(containers.customerOrders, {
        query: `SELECT VALUE COUNT(1) FROM c WHERE ${conditions.join(' AND ')}`,
        parameters: given(values),
      });
      return count;
    },
    find: async (scope, id, limit) => {
      const plain = id.replace(FAILED_MESSAGE, '');
      const all = await Promise.all(WAYS.map((way) => found(scope, way, plain, limit)));
      return all.flat();
    },
  };
}

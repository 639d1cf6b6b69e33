// Orders of one customer in the container of the orders, over all partitions: asked when their data is exported or erased.
import { customerKey, type CustomerScope } from '../domain/scope';
import type { CustomerData } from '../ports/customer-data';
import type { Connect } from './cosmos-client';
import { fromOrderDocument } from './cosmos-documents';
import { given, selectFrom, type StoredDocument } from './cosmos-select';

const OF_CUSTOMER = "c.kind = 'order' AND c.customerKey = @customerKey";

/** Over the container that `connect` gives. */
export function createCosmosCustomerData(connect: Connect): CustomerData {
  const select = <T>(
    scope: CustomerScope,
    query: string,
    values: Parameters<typeof given>[0],
  ): Promise<readonly T[]> =>
    selectFrom<T>(connect, { query, parameters: given({ customerKey: customerKey(scope), ...values }) });
  return {
    running: (scope, before, limit) =>
      select<string>(
        scope,
        `SELECT VALUE c.orderId FROM c WHERE ${OF_CUSTOMER} AND c.ended = false AND c.createdAt < @before OFFSET 0 LIMIT @limit`,
        { before, limit },
      ),
    orders: async (scope, after, limit) =>
      (
        await select<StoredDocument>(
          scope,
          `SELECT * FROM c WHERE ${OF_CUSTOMER} AND c.orderId > @after ORDER BY c.orderId OFFSET 0 LIMIT @limit`,
          { after, limit },
        )
      ).map((document) => fromOrderDocument(document).order),
    newestAt: async (scope) =>
      (
        await select<string>(
          scope,
          `SELECT VALUE c.createdAt FROM c WHERE ${OF_CUSTOMER} ORDER BY c.createdAt DESC OFFSET 0 LIMIT 1`,
          {},
        )
      )[0],
  };
}

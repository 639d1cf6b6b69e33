// Orders that wait for an operator or make no progress, in Cosmos DB: queries over all partitions, made when an operator looks.
import { headOf, type OrderHead } from '../domain/order';
import type { OrderQueues, QueuePage } from '../ports/order-queues';
import type { Connect } from './cosmos-client';
import { fromOrderDocument } from './cosmos-documents';
import { given, selectFrom, type Query, type StoredDocument } from './cosmos-select';

const OPEN_RETURNS = 'c.openReturns > 0';
const NO_PROGRESS = `c.ended = false AND c.saga.needsIntervention = false AND c.status != 'awaitingApproval'
  AND c.updatedAt < @before AND (IS_NULL(c.notBefore) OR c.notBefore < @before)`;

/** The queues over the container of the orders that `connect` gives. */
export function createCosmosOrderQueues(connect: Connect): OrderQueues {
  const list = async (query: Query): Promise<readonly OrderHead[]> =>
    (await selectFrom<StoredDocument>(connect, query)).map((document) =>
      headOf(fromOrderDocument(document).order),
    );
  return {
    withOpenReturns: ({ tenantId }, page) => list(pageQuery(OPEN_RETURNS, { tenantId }, page)),
    withoutProgress: ({ tenantId }, before, page) => list(pageQuery(NO_PROGRESS, { tenantId, before }, page)),
    countWithoutProgress: async (before) => {
      const query = `SELECT VALUE COUNT(1) FROM c WHERE c.kind = 'order' AND ${NO_PROGRESS}`;
      const [count = 0] = await selectFrom<number>(connect, { query, parameters: given({ before }) });
      return count;
    },
  };
}

function pageQuery(
  condition: string,
  values: Readonly<Record<string, string>>,
  { afterId, limit }: QueuePage,
): Query {
  const after = afterId === undefined ? '' : ' AND c.orderId > @afterId';
  return {
    query: `SELECT * FROM c WHERE c.kind = 'order' AND c.tenantId = @tenantId AND ${condition}${after} ORDER BY c.orderId OFFSET 0 LIMIT @limit`,
    parameters: given({ ...values, afterId, limit }),
  };
}

// Bulk operations in Cosmos DB, in the container `operations`: beside the acts on each, one document that says how far it is, and
// one for every page with orders that were not acted on.
import type { OperationInput } from '@azure/cosmos';
import type { BulkOperation, BulkProblem } from '../domain/bulk';
import type { BulkStore } from '../ports/bulk-store';
import { attempt, batchError, sendBatch } from './cosmos-attempt';
import type { Connect } from './cosmos-client';
import { given, selectFrom, type Query, type StoredDocument } from './cosmos-select';
import { requireWithin } from './scope-check';

const [CONFLICT, CHANGED] = [409, 412];

/** Only this adapter writes these documents, so they are taken at their word. */
interface BulkDocument {
  readonly id: string;
  readonly subject: string;
  readonly kind: 'bulk';
  readonly operation: BulkOperation;
}

/** The store over the container `operations` that `connect` gives. */
export function createCosmosBulkStore(connect: Connect): BulkStore {
  const read: BulkStore['read'] = async ({ tenantId }, id) => {
    const { answer } = await attempt(connect, (container) =>
      container.item(id, subjectOf(id)).read<BulkDocument & StoredDocument>(),
    );
    const document = answer?.resource;
    return document?.operation.tenantId === tenantId
      ? { operation: document.operation, etag: document._etag }
      : undefined;
  };
  return {
    read,
    create: async (scope, operation) => {
      requireOwn(scope.tenantId, operation);
      const { answer } = await attempt(connect, ({ items }) => items.create(toDocument(operation)), CONFLICT);
      if (answer !== undefined) return { operation, etag: answer.etag };
      const stored = await read(scope, operation.id);
      if (stored === undefined) throw batchError(`bulk operation ${operation.id}`, [CONFLICT]);
      return stored;
    },
    list: async ({ tenantId }, limit) => {
      const found = await selectFrom<BulkDocument>(connect, {
        query:
          "SELECT * FROM c WHERE c.kind = 'bulk' AND c.operation.tenantId = @tenantId ORDER BY c.operation.startedAt DESC OFFSET 0 LIMIT @limit",
        parameters: given({ tenantId, limit }),
      });
      return found.map(({ operation }) => operation);
    },
    write: async (scope, next, etag, problems = []) => {
      requireOwn(scope.tenantId, next);
      const operations: OperationInput[] = [
        {
          operationType: 'Replace',
          id: next.id,
          ifMatch: etag,
          resourceBody: toDocument(next) as unknown as Record<string, never>,
        },
        ...(problems.length === 0 ? [] : [pageOf(next, problems)]),
      ];
      const what = `bulk operation ${next.id}`;
      const statuses = (await sendBatch(connect, what, operations, subjectOf(next.id))).map(
        ({ statusCode }) => statusCode,
      );
      if (statuses.length > 0 && statuses.every((status) => status >= 200 && status < 300)) return true;
      if (statuses.some((status) => status === CHANGED || status === CONFLICT)) return false;
      throw batchError(what, statuses);
    },
    problems: async (scope, id, limit) => {
      if ((await read(scope, id)) === undefined) return [];
      const pages = await selectFrom<{ readonly problems: readonly BulkProblem[] }>(
        connect,
        problemsQuery(limit),
        subjectOf(id),
      );
      return pages.flatMap(({ problems }) => problems).slice(0, limit);
    },
  };
}

function problemsQuery(limit: number): Query {
  return {
    query: "SELECT * FROM c WHERE c.kind = 'bulk-page' ORDER BY c.page OFFSET 0 LIMIT @limit",
    parameters: given({ limit }),
  };
}

const subjectOf = (id: string): string => `bulk:${id}`;

/** Within a field of its own, so that no query for acts finds it. */
function toDocument(operation: BulkOperation): BulkDocument {
  return { id: operation.id, subject: subjectOf(operation.id), kind: 'bulk', operation };
}

function pageOf({ id, pages }: BulkOperation, problems: readonly BulkProblem[]): OperationInput {
  const document = { id: `${id}:page:${pages}`, subject: subjectOf(id), kind: 'bulk-page', page: pages };
  return {
    operationType: 'Create',
    resourceBody: { ...document, problems } as unknown as Record<string, never>,
  };
}

function requireOwn(tenantId: string, operation: BulkOperation): void {
  requireWithin(
    { tenantId },
    { tenantId: operation.tenantId, customerId: '' },
    `bulk operation ${operation.id}`,
  );
}

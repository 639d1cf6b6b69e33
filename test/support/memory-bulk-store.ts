// Bulk operations in memory, which pass the same contract suite as those in Cosmos DB.
import type { BulkProblem } from '../../src/domain/bulk';
import type { BulkStore, StoredBulk } from '../../src/ports/bulk-store';

export interface MemoryBulkStore extends BulkStore {
  /** Called before each write; what it does comes in between. */
  beforeWrite: () => Promise<void>;
}

export function createMemoryBulkStore(): MemoryBulkStore {
  const stored = new Map<string, StoredBulk & { readonly problems: readonly BulkProblem[] }>();
  let writes = 0;
  const own = (tenantId: string, id: string) => {
    const found = stored.get(id);
    return found?.operation.tenantId === tenantId ? found : undefined;
  };
  const store: MemoryBulkStore = {
    beforeWrite: () => Promise.resolve(),
    create: (_, operation) => {
      const existing = stored.get(operation.id);
      if (existing !== undefined) return Promise.resolve(existing);
      const created = { operation, etag: `etag-${++writes}`, problems: [] };
      stored.set(operation.id, created);
      return Promise.resolve(created);
    },
    read: ({ tenantId }, id) => Promise.resolve(own(tenantId, id)),
    list: ({ tenantId }, limit) =>
      Promise.resolve(
        [...stored.values()]
          .map(({ operation }) => operation)
          .filter((operation) => operation.tenantId === tenantId)
          .sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1))
          .slice(0, limit),
      ),
    write: async ({ tenantId }, operation, etag, problems = []) => {
      await store.beforeWrite();
      const before = own(tenantId, operation.id);
      if (before?.etag !== etag) return false;
      const all = [...before.problems, ...problems];
      stored.set(operation.id, { operation, etag: `etag-${++writes}`, problems: all });
      return true;
    },
    problems: ({ tenantId }, id, limit) => Promise.resolve(own(tenantId, id)?.problems.slice(0, limit) ?? []),
  };
  return store;
}

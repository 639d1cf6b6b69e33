// Reading documents by query, as they were written: without what Cosmos DB adds to them. Knows no document.
import type { SqlParameter } from '@azure/cosmos';
import { storeOperation, type Connect } from './cosmos-client';

export type StoredDocument = Record<string, unknown> & { readonly _etag: string };

export interface Query {
  readonly query: string;
  readonly parameters: SqlParameter[];
}

/** The values that are given, as parameters of their names. */
export function given(values: Readonly<Record<string, string | number | undefined>>): SqlParameter[] {
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [{ name: `@${name}`, value }],
  );
}

/** Everything that `query` selects, from one partition if `partitionKey` is given. */
export async function selectFrom<T>(
  connect: Connect,
  query: Query,
  partitionKey?: string,
): Promise<readonly T[]> {
  const container = await storeOperation(connect);
  const options = partitionKey === undefined ? {} : { partitionKey };
  return storeOperation(async () => (await container.items.query<T>(query, options).fetchAll()).resources);
}

export function withoutSystemProperties(document: StoredDocument): Record<string, unknown> {
  const { _rid, _self, _etag, _attachments, _ts, ...fields } = document;
  return fields;
}

const PAGE_SIZE = 200;

/** What `query` selects from all partitions, page by page. */
export async function* selectPages<T>(connect: Connect, query: string | Query): AsyncGenerator<readonly T[]> {
  const container = await storeOperation(connect);
  const pages = container.items.query<T>(query, { maxItemCount: PAGE_SIZE });
  while (pages.hasMoreResults()) {
    // The SDK answers the end of a query with a page that has no list.
    const { resources } = (await storeOperation(() => pages.fetchNext())) as { resources?: readonly T[] };
    if (resources !== undefined) yield resources;
  }
}

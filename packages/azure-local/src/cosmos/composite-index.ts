// Check that a container's indexing policy serves an ORDER BY: the path of a single key is indexed, and there is a composite
// index for several. The look-alike could sort without; the service refuses such a query, so it is refused here too.
import { isIndexed } from './indexed-paths';
import { CosmosError } from './protocol/errors';
import { isObject, type Json } from './protocol/json';
import type { OrderKey } from './sql/query';

/** @throws CosmosError (400) for a key that is not indexed, and for two or more without a composite index of these in this order. */
export function checkOrder(orderBy: readonly OrderKey[], indexingPolicy: Json | undefined): void {
  const [first] = orderBy;
  if (orderBy.length === 1 && first?.path !== undefined && !isIndexed(first.path, indexingPolicy))
    throw new CosmosError(
      400,
      `The index path corresponding to the specified order-by item is excluded: ${first.path}. ` +
        "Add it to includedPaths of the container's indexing policy.",
    );
  if (orderBy.length < 2 || compositeIndexes(indexingPolicy).some((index) => serves(index, orderBy))) return;
  const wanted = orderBy.map(({ path, descending }) => `${path ?? '?'} ${descending ? 'DESC' : 'ASC'}`);
  throw new CosmosError(
    400,
    'The order by query does not have a corresponding composite index that it can be served from: ' +
      `${wanted.join(', ')}. Add it to compositeIndexes of the container's indexing policy.`,
  );
}

/** Read forwards or backwards, so every direction fits or none does. */
function serves(index: readonly Json[], orderBy: readonly OrderKey[]): boolean {
  if (index.length !== orderBy.length) return false;
  const turned = new Set<boolean>();
  for (const [at, { path, descending }] of orderBy.entries()) {
    const entry = index[at];
    if (!isObject(entry) || entry.path !== path) return false;
    turned.add((entry.order === 'descending') !== descending);
  }
  return turned.size === 1;
}

function compositeIndexes(policy: Json | undefined): readonly (readonly Json[])[] {
  const indexes = isObject(policy) ? policy.compositeIndexes : undefined;
  return Array.isArray(indexes) ? indexes.filter((index) => Array.isArray(index)) : [];
}

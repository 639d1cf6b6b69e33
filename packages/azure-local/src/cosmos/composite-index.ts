// Check that a container's indexing policy has a composite index for an ORDER BY of several keys. The look-alike could
// sort without; the service refuses such a query, so it is refused here too.
import { CosmosError } from './protocol/errors';
import { isObject, type Json } from './protocol/json';
import type { OrderKey } from './sql/query';

/** @throws CosmosError (400) for two keys or more without a composite index of these paths in this order. */
export function checkOrder(orderBy: readonly OrderKey[], indexingPolicy: Json | undefined): void {
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

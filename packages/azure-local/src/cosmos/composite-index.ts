// Whether a container's indexing policy serves an order of several keys. The look-alike sorts whatever it is asked to;
// the service refuses what no composite index is there for, and the app would find out in Azure only.
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

// Parser of partition keys: a tuple of JSON scalars, kept as its JSON text. `[{}]` is the service's notation for
// "none".
import { CosmosError, notSimulated } from './protocol/errors';
import { isObject, own, parseJson, type Json, type JsonObject } from './protocol/json';

/** `/a/b` → `['a', 'b']`. */
export function parsePartitionKeyPath(path: Json): readonly string[] {
  if (typeof path !== 'string' || !path.startsWith('/') || path.length < 2)
    throw new CosmosError(
      400,
      `The partition key path ${JSON.stringify(path)} must be of the form /property.`,
    );
  return path.slice(1).split('/');
}

function component(document: JsonObject, path: readonly string[]): Json {
  let value: Json | undefined = document;
  for (const key of path) value = isObject(value) ? own(value, key) : undefined;
  if (value === undefined) return {};
  if (typeof value === 'object' && value !== null)
    throw new CosmosError(400, `The partition key /${path.join('/')} is an array or an object.`);
  checkLength(value);
  return value;
}

/** Of containers whose partition key has version 2, as all here and in infra/modules/cosmos.bicep. */
const KEY_BYTES_AT_MOST = 2_048;

function checkLength(value: Json): void {
  const bytes = typeof value === 'string' ? Buffer.byteLength(value) : 0;
  if (bytes > KEY_BYTES_AT_MOST)
    throw new CosmosError(
      400,
      `The partition key has ${bytes} bytes in UTF-8, over the limit of ${KEY_BYTES_AT_MOST} bytes.`,
    );
}

/** The key that the document itself holds. */
export const partitionKeyOf = (document: JsonObject, paths: readonly (readonly string[])[]): string =>
  JSON.stringify(paths.map((path) => component(document, path)));

/** The key in `x-ms-documentdb-partitionkey`; `components` is how many the container has. */
export function parsePartitionKey(header: string, components: number): string {
  const key = parseJson(header);
  if (Array.isArray(key) && key.length > 0 && key.length < components)
    throw notSimulated(
      `a part of a hierarchical partition key (${key.length} of ${components} components)`,
      'Give all of them, or query without a partition key and filter in WHERE.',
    );
  if (!Array.isArray(key) || key.length !== components)
    throw new CosmosError(
      400,
      `Partition key ${header} provided doesn't correspond to definition in the collection: ${components} component(s) expected.`,
      1001,
    );
  for (const value of key) checkLength(value);
  return JSON.stringify(key);
}

export const partitionKeyMismatch = (): CosmosError =>
  new CosmosError(
    400,
    'PartitionKey extracted from document doesn’t match the one specified in the header',
    1001,
  );

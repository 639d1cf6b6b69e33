// Secondary indexes of a container, created on demand for the shape of a query: equalities on properties of the
// document, then the order of one more. An index is a column that holds one text per document:
//
//   JSON text of [partition key?, value of each property]  +  sortable text of the order property
//
// JSON texts of arrays are prefix-free, so all documents of one tuple of values lie together, in order.
import type { Json, JsonObject } from './protocol/json';
import { own } from './protocol/json';
import { typeRank, type Value } from './sql/values';

export interface IndexShape {
  /** Whether the partition key is the first value: for queries within one partition. */
  readonly partition: boolean;
  readonly equal: readonly string[];
  readonly order: string | null;
}

/** Where a scan goes on: from this row on, including it. */
export interface ScanStart {
  readonly rid: number;
  /** The index entry of the row, in a scan of an index. */
  readonly entry: string;
}

export interface Index {
  readonly shape: IndexShape;
  /** Whether documents older than the index are in it. */
  readonly complete: boolean;
}

export const sameShape = (a: IndexShape, b: IndexShape): boolean =>
  a.partition === b.partition &&
  a.order === b.order &&
  a.equal.length === b.equal.length &&
  a.equal.every((property, at) => property === b.equal[at]);

const bits = Buffer.alloc(8);

/** The sixteen hex digits of a number's bits, turned so that they sort as the numbers do. */
function sortableNumber(value: number): string {
  bits.writeDoubleBE(value === 0 ? 0 : value);
  const flip = (bits[0] as number) >= 0x80 ? 0xff : 0;
  for (let at = 0; at < 8; at += 1) bits[at] = (bits[at] as number) ^ flip;
  if (flip === 0) bits[0] = (bits[0] as number) ^ 0x80;
  return bits.toString('hex');
}

/** A text that sorts as ORDER BY sorts the value. */
export function sortable(value: Value): string {
  const rank = typeRank(value);
  if (typeof value === 'number') return `${rank}${sortableNumber(value)}`;
  return typeof value === 'string' ? `${rank}${value}` : String(rank);
}

export const isScalar = (value: Value): value is string | number | boolean | null =>
  value !== undefined && (value === null || typeof value !== 'object');

/** The text that all entries with these values begin with. */
export const indexPrefix = (shape: IndexShape, partitionKey: string, values: readonly Json[]): string =>
  shape.partition ? `[${partitionKey},${JSON.stringify(values)}]` : JSON.stringify(values);

/** The entry of a document; null (it is not in the index) unless every equality property holds a scalar. */
export function indexEntry(shape: IndexShape, partitionKey: string, document: JsonObject): string | null {
  const values: Json[] = [];
  for (const property of shape.equal) {
    const value = own(document, property);
    if (!isScalar(value)) return null;
    values.push(value);
  }
  const order = shape.order === null ? '' : sortable(own(document, shape.order));
  return indexPrefix(shape, partitionKey, values) + order;
}

/** Above every entry that begins with `prefix`. */
export const prefixEnd = (prefix: string): string => `${prefix}\u{10ffff}`;

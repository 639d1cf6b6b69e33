// Comparison and order of values in the query language. `undefined` is a value of its own: that of a missing property.
import type { Json } from '../protocol/json';

export type Value = Json | undefined;

/** Where a value's type stands in ORDER BY. */
export function typeRank(value: Value): number {
  if (value === undefined) return 0;
  if (value === null) return 1;
  if (typeof value === 'boolean') return value ? 3 : 2;
  if (typeof value === 'number') return 4;
  if (typeof value === 'string') return 5;
  return Array.isArray(value) ? 6 : 7;
}

const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;

/** Strings in code point order, which is the byte order of their UTF-8 and so the order of an index. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left === right) continue;
    const astral = Number(isSurrogate(left)) - Number(isSurrogate(right));
    return astral === 0 ? left - right : astral;
  }
  return a.length - b.length;
}

/** Total order for ORDER BY: by type, then by value; arrays and objects are equal among themselves. */
export function compareForOrder(a: Value, b: Value): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return typeRank(a) - typeRank(b);
}

/** Deep equality of two defined values; different types are not equal. */
export function equalValues(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a))
    return (
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, index) => equalValues(item, b[index] as Json))
    );
  if (Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && equalValues(a[key] as Json, b[key] as Json))
  );
}

/** `<` and its kin: a number below, at or above zero, or undefined where the two cannot be compared. */
export function compareValues(a: Value, b: Value): number | undefined {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  return a === null && b === null ? 0 : undefined;
}

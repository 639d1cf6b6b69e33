// Codec of the continuation tokens of queries: the position where a page ended, and the OFFSET and LIMIT that are
// left. Opaque to clients.
import { CosmosError } from './protocol/errors';
import type { Value } from './sql/values';

/** The place of a row in the whole answer. */
export interface Position {
  readonly keys: readonly Value[];
  readonly rid: number;
  /** Which of the document's rows (JOIN), counted from 1. */
  readonly place: number;
}

export interface Token {
  readonly after: Position | undefined;
  readonly skip: number;
  readonly left: number;
}

/** ASCII, because it travels in a header. */
export function encodeToken({ after, skip, left }: Token): string {
  // An undefined key is an array of none: JSON has no undefined.
  const keys = after?.keys.map((key) => (key === undefined ? [] : [key]));
  const text = JSON.stringify([keys, after?.rid, after?.place, skip, Number.isFinite(left) ? left : null]);
  return Buffer.from(text).toString('base64url');
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

/** What `encodeToken` gave; a CosmosError 400 for any other text. */
export function decodeToken(text: string): Token {
  try {
    const [keys, rid, place, skip, left] = JSON.parse(Buffer.from(text, 'base64url').toString()) as [
      [Value?][] | null,
      number | null,
      number | null,
      number,
      number | null,
    ];
    if (![rid ?? 0, place ?? 0, skip, left ?? 0].every(isCount)) throw new RangeError('no count');
    const after =
      keys === null || rid === null || place === null
        ? undefined
        : { keys: keys.map(([key]) => key), rid, place };
    return { after, skip, left: left ?? Infinity };
  } catch {
    throw new CosmosError(
      400,
      `Invalid continuation token: '${text}' was not issued by this server for a query.`,
    );
  }
}

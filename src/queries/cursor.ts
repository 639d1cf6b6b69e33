// Cursors of lists: where a page ended, as an opaque text that its reader gives back for the next one. What comes or goes
// meanwhile moves no row from one page to another, as it would with page numbers.
//
// cursor.K1  A cursor belongs to one list with one set of filters; another query does not take it.
// cursor.K2  Only the very text that was given out is a cursor. The checksum finds mistakes; it keeps no secret, and a
//   forged cursor shows nothing but another place of the list that its reader may see anyway.
import { createHash } from 'node:crypto';
import type { z } from 'zod';

const CHECKSUM_LENGTH = 16;

/** The text for the place `position` in the list that `query` (its name, its filters) selects. */
export function toCursor(query: unknown, position: unknown): string {
  const json = JSON.stringify([position, checksum(query, position)]);
  return Buffer.from(json).toString('base64url');
}

/** The place that `cursor` names in this list, or undefined when it is no cursor, or one of another list. */
export function positionIn<T>(query: unknown, cursor: string, schema: z.ZodType<T>): T | undefined {
  const decoded = decode(cursor);
  const position: unknown = Array.isArray(decoded) ? decoded[0] : undefined;
  const parsed = schema.safeParse(position);
  return parsed.success && toCursor(query, position) === cursor ? parsed.data : undefined;
}

function decode(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

function checksum(query: unknown, position: unknown): string {
  const text = JSON.stringify([query, position]);
  return createHash('sha256').update(text).digest('base64url').slice(0, CHECKSUM_LENGTH);
}

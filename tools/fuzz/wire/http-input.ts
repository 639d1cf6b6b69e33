// Generated HTTP request: how it becomes bytes, and how it is shown.
import type { ByteEdit } from '../input/byte-edits';
import { edited } from '../input/byte-edits';
import { requestBytes } from './raw-http';

export interface HttpInput {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  /** As UTF-8. */
  readonly body: string;
  /** Damage to the body, before its length is taken. */
  readonly bodyEdits: readonly ByteEdit[];
  /** Damage to the whole request. */
  readonly wireEdits: readonly ByteEdit[];
}

export const isDamaged = ({ bodyEdits, wireEdits }: HttpInput): boolean =>
  bodyEdits.length + wireEdits.length > 0;

export function bytesOf({ body, bodyEdits, wireEdits, ...head }: HttpInput, origin: string): Buffer {
  const request = { ...head, body: edited(Buffer.from(body), bodyEdits) };
  return edited(requestBytes(request, new URL(origin).host), wireEdits);
}

const SHOWN_AT_MOST = 4_000;

/** The bytes as a JSON string of latin1, which is also a string of JavaScript. */
export const shownBytes = (bytes: Buffer): string =>
  JSON.stringify(bytes.toString('latin1')).slice(0, SHOWN_AT_MOST);

// Decoder of message and correlation ids as rhea, and so the SDK, gives them: text, a number, or the bytes of a UUID,
// of an integer that no double holds, or of a binary id. The number of bytes tells these apart, except a binary id of
// 8 or 16 bytes.
import rhea from 'rhea';
import { uuidText } from './uuid';

export type AmqpId = string | number | Buffer | undefined;

const LARGE_INTEGER_BYTES = 8;
const UUID_BYTES = 16;

export function idText(id: AmqpId): string | undefined {
  if (!Buffer.isBuffer(id)) return id?.toString();
  if (id.length === LARGE_INTEGER_BYTES) return id.readBigUInt64BE().toString();
  return id.length === UUID_BYTES ? uuidText(id) : id.toString('hex');
}

/** The id as rhea is to write it: left alone it writes bytes of any number as a UUID, and then the message is unreadable. */
export function encodableId(id: AmqpId): unknown {
  if (!Buffer.isBuffer(id) || id.length === UUID_BYTES) return id;
  return id.length === LARGE_INTEGER_BYTES ? rhea.types.wrap_ulong(id) : rhea.types.wrap_binary(id);
}

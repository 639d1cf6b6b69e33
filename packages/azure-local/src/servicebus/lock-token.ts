// Codec of lock tokens: a UUID, text everywhere but on the wire.
import { randomUUID } from 'node:crypto';
import { uuidBytes } from '../kit/uuid';

/** Where .NET keeps each byte of a GUID: the first three groups are little-endian. */
const DOTNET_ORDER = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15] as const;

export const newLockToken = (): string => randomUUID();

/** The token as a delivery tag: the 16 bytes in .NET's order, which clients turn back. */
export function deliveryTag(token: string): Buffer {
  const uuid = uuidBytes(token);
  return Buffer.from(DOTNET_ORDER.map((place) => uuid[place] ?? 0));
}

// Lock tokens: a UUID, written as text everywhere but on the wire.
import { randomUUID } from 'node:crypto';

/** Where .NET keeps each byte of a GUID: the first three groups are little-endian. */
const DOTNET_ORDER = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15] as const;

export const newLockToken = (): string => randomUUID();

/** The token as the 16 bytes of a plain big-endian UUID: what `$management` speaks. */
export const uuidBytes = (token: string): Buffer => Buffer.from(token.replaceAll('-', ''), 'hex');

/** The token as a delivery tag: the 16 bytes in .NET's order, which clients turn back. */
export function deliveryTag(token: string): Buffer {
  const uuid = uuidBytes(token);
  return Buffer.from(DOTNET_ORDER.map((place) => uuid[place] ?? 0));
}

/** The token that big-endian UUID bytes stand for. */
export function tokenOf(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

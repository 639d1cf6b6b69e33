// Check of the item counts in encoded AMQP values, before rhea decodes them. rhea believes counts: for an array of
// 4,294,967,295 nulls, which is 15 bytes, it makes as many objects and blocks the event loop meanwhile. It ignores
// sizes, and so does this check.
//
// amqp-counts.N1  Bytes hold at most as many values as there are of them, all arrays together: only items of arrays can
//   have no byte of their own, and many arrays that each promise what one may are as bad as one that promises more.

/** Bytes of a fixed-width value by the upper half of its type code (AMQP 1.0, part 1.2). */
export const FIXED_WIDTHS: Readonly<Record<number, number>> = { 4: 0, 5: 1, 6: 2, 7: 4, 8: 8, 9: 16 };
/** Deeper than any SDK goes, and far from the end of the stack. */
const DEPTH_AT_MOST = 100;

interface Walk {
  readonly bytes: Buffer;
  /** How many values may still be promised (amqp-counts.N1). */
  left: number;
}

/**
 * Where the value that begins at `start` ends.
 * @throws RangeError when counts promise more values than there are bytes, or values lie too deep in one another.
 */
export const endOfBounded = (bytes: Buffer, start: number): number =>
  endOfValue({ bytes, left: bytes.length }, start, 0);

/** @throws RangeError as `endOfBounded`, for all values that `bytes` hold. */
export function assertBounded(bytes: Buffer): void {
  const walk = { bytes, left: bytes.length };
  for (let at = 0; at < bytes.length;) at = endOfValue(walk, at, 0);
}

function endOfValue(walk: Walk, start: number, depth: number): number {
  if (depth > DEPTH_AT_MOST) throw new RangeError(`values nested more than ${DEPTH_AT_MOST} deep`);
  const typecode = walk.bytes.readUInt8(start);
  if (typecode !== 0x00) return endOfContent(walk, typecode, start + 1, depth);
  return endOfValue(walk, endOfValue(walk, start + 1, depth + 1), depth + 1);
}

function endOfContent(walk: Walk, typecode: number, start: number, depth: number): number {
  const { bytes } = walk;
  const group = typecode >>> 4;
  const width = FIXED_WIDTHS[group];
  if (width !== undefined) return start + width;
  const sizeBytes = group % 2 === 0 ? 1 : 4;
  const number = (at: number): number => bytes.readUIntBE(at, sizeBytes);
  if (group < 0xc) return start + sizeBytes + number(start);
  const count = number(start + sizeBytes);
  walk.left -= count;
  if (walk.left < 0) throw new RangeError(`${count} values more than ${bytes.length} bytes can hold`);
  let at = start + 2 * sizeBytes;
  if (group < 0xe) {
    for (let item = 0; item < count; item += 1) at = endOfValue(walk, at, depth + 1);
    return at;
  }
  while (bytes.readUInt8(at) === 0x00) at = endOfValue(walk, at + 1, depth + 1);
  const itemType = bytes.readUInt8(at);
  at += 1;
  for (let item = 0; item < count; item += 1) at = endOfContent(walk, itemType, at, depth + 1);
  return at;
}

// Looks over encoded AMQP values before rhea decodes them. rhea believes counts: for an array of 4,294,967,295 nulls, which
// is 15 bytes, it makes as many objects and serves nobody meanwhile. It also passes over sizes, and so does this.

/** Bytes of a fixed-width value by the upper half of its type code (AMQP 1.0, part 1.2). */
const FIXED_WIDTHS: Readonly<Record<number, number>> = { 4: 0, 5: 1, 6: 2, 7: 4, 8: 8, 9: 16 };
/** Deeper than any SDK goes, and far from the end of the stack. */
const DEPTH_AT_MOST = 100;

/**
 * Where the value that begins at `start` ends.
 * @throws RangeError when a count promises more values than there are bytes, or values lie too deep in one another.
 */
export function endOfBounded(bytes: Buffer, start: number, depth = 0): number {
  if (depth > DEPTH_AT_MOST) throw new RangeError(`values in one another, ${DEPTH_AT_MOST} deep`);
  const typecode = bytes.readUInt8(start);
  if (typecode !== 0x00) return endOfContent(bytes, typecode, start + 1, depth);
  return endOfBounded(bytes, endOfBounded(bytes, start + 1, depth + 1), depth + 1);
}

function endOfContent(bytes: Buffer, typecode: number, start: number, depth: number): number {
  const group = typecode >>> 4;
  const width = FIXED_WIDTHS[group];
  if (width !== undefined) return start + width;
  const sizeBytes = group % 2 === 0 ? 1 : 4;
  const number = (at: number): number => bytes.readUIntBE(at, sizeBytes);
  if (group < 0xc) return start + sizeBytes + number(start);
  const count = number(start + sizeBytes);
  if (count > bytes.length) throw new RangeError(`${count} values in ${bytes.length} bytes`);
  let at = start + 2 * sizeBytes;
  if (group < 0xe) {
    for (let item = 0; item < count; item += 1) at = endOfBounded(bytes, at, depth + 1);
    return at;
  }
  while (bytes.readUInt8(at) === 0x00) at = endOfBounded(bytes, at + 1, depth + 1);
  const itemType = bytes.readUInt8(at);
  at += 1;
  for (let item = 0; item < count; item += 1) at = endOfContent(bytes, itemType, at, depth + 1);
  return at;
}

/** @throws RangeError as `endOfBounded`, for every value that `bytes` hold. */
export function assertBounded(bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at = endOfBounded(bytes, at);
}

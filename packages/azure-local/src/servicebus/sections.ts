// Locates the sections of an encoded message without decoding their contents. Pure.
import { FIXED_WIDTHS } from './amqp-counts';

export const SECTION = {
  header: 0x70,
  deliveryAnnotations: 0x71,
  messageAnnotations: 0x72,
  properties: 0x73,
  applicationProperties: 0x74,
  data: 0x75,
  value: 0x77,
} as const;

export interface MessageSection {
  readonly code: number;
  readonly start: number;
  /** Where the described value begins, after the descriptor. */
  readonly valueStart: number;
  readonly end: number;
}

const SMALL_SIZED = new Set([0xa, 0xc, 0xe]);
const DESCRIBED = 0x00;
const SMALL_ULONG = 0x53;
const ULONG = 0x80;

/** The sections in their order. Throws a `RangeError` when the bytes are no AMQP message. */
export function sectionsOf(encoded: Buffer): MessageSection[] {
  const sections: MessageSection[] = [];
  for (let start = 0; start < encoded.length;) {
    const { code, valueStart } = descriptorAt(encoded, start);
    const end = endOfValue(encoded, valueStart);
    if (end > encoded.length) throw new RangeError(`Section 0x${code.toString(16)} is cut short.`);
    sections.push({ code, start, valueStart, end });
    start = end;
  }
  return sections;
}

function descriptorAt(encoded: Buffer, start: number): { code: number; valueStart: number } {
  const type = encoded[start + 1];
  if (encoded[start] === DESCRIBED && type === SMALL_ULONG)
    return { code: encoded.readUInt8(start + 2), valueStart: start + 3 };
  if (encoded[start] === DESCRIBED && type === ULONG)
    return { code: encoded.readUInt32BE(start + 6), valueStart: start + 10 };
  throw new RangeError(`No section of a message begins at byte ${start}.`);
}

function endOfValue(encoded: Buffer, start: number): number {
  const typecode = encoded.readUInt8(start);
  if (typecode === DESCRIBED) return endOfValue(encoded, endOfValue(encoded, start + 1));
  const group = typecode >>> 4;
  const width = FIXED_WIDTHS[group];
  if (width !== undefined) return start + 1 + width;
  return SMALL_SIZED.has(group)
    ? start + 2 + encoded.readUInt8(start + 1)
    : start + 5 + encoded.readUInt32BE(start + 1);
}

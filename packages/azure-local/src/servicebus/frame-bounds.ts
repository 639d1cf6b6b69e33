// Splitter of a client's bytes into frames, which refuses oversized ones before rhea sees them: rhea announces a
// maximum frame size and then accepts any. It knows the frame header, not the performatives.
import { endOfBounded } from './amqp-counts';

const HEAD_BYTES = 8;
const PROTOCOL_HEADER = 0x414d5150;

export interface FrameReader {
  /** The bytes up to the end of the last whole frame, with those kept from before; the rest is kept. */
  read(bytes: Buffer): Buffer;
}

/** @throws RangeError from `read`, for a frame that is larger than `largest`, or whose performative is unbounded. */
export function createFrameReader(largest: number): FrameReader {
  let kept: Buffer = Buffer.alloc(0);
  return {
    read(bytes) {
      const all = kept.length === 0 ? bytes : Buffer.concat([kept, bytes]);
      let end = 0;
      for (let size = sizeOfFrame(all, end, largest); size > 0; size = sizeOfFrame(all, end, largest)) {
        if (end + size > all.length) break;
        assertFrame(all.subarray(end, end + size));
        end += size;
      }
      kept = all.subarray(end);
      return all.subarray(0, end);
    },
  };
}

/** 0 when not even its head is there. */
function sizeOfFrame(bytes: Buffer, start: number, largest: number): number {
  if (bytes.length - start < HEAD_BYTES) return 0;
  const size = bytes.readUInt32BE(start);
  if (size === PROTOCOL_HEADER) return HEAD_BYTES;
  if (size < HEAD_BYTES || size > largest)
    throw new RangeError(`a frame of ${size} bytes, not ${HEAD_BYTES} to ${largest}`);
  return size;
}

function assertFrame(frame: Buffer): void {
  if (frame.readUInt32BE(0) === PROTOCOL_HEADER) return;
  const start = 4 * frame.readUInt8(4);
  if (start < frame.length) endOfBounded(frame, start);
}

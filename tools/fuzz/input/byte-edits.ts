// Damage to bytes, as data, so that a damaged input can be generated, shrunk, printed and sent again.
import fc from 'fast-check';

/** One edit. `at` is a share of the length in 65,536ths, so that it means something for bytes of any length. */
export interface ByteEdit {
  readonly kind: 'flip' | 'set' | 'insert' | 'remove' | 'repeat' | 'cut';
  readonly at: number;
  readonly bytes: readonly number[];
}

/** Bytes that mean something to parsers: ends of numbers, quotes, line ends, broken UTF-8, sizes of frames. */
const TELLING: readonly (readonly number[])[] = [
  [0x00],
  [0xff],
  [0x7f],
  [0x80],
  [0x22],
  [0x5c],
  [0x0a],
  [0x0d, 0x0a],
  [0x0d, 0x0a, 0x0d, 0x0a],
  [0xc3],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xef, 0xbb, 0xbf],
  [0x00, 0x00, 0x00, 0x00],
  [0x00, 0x00, 0x00, 0x01],
  [0x00, 0x00, 0x00, 0x08],
  [0x7f, 0xff, 0xff, 0xff],
  [0x80, 0x00, 0x00, 0x00],
  [0xff, 0xff, 0xff, 0xff],
];

const telling = fc.constantFrom(...TELLING);
const someBytes = fc.oneof(telling, fc.array(fc.nat(255), { minLength: 1, maxLength: 8 }));

/** One edit; it shrinks to fewer and smaller bytes further ahead. */
export const byteEdit: fc.Arbitrary<ByteEdit> = fc.record({
  kind: fc.constantFrom('flip', 'set', 'insert', 'remove', 'repeat', 'cut'),
  at: fc.nat(0xffff),
  bytes: someBytes,
});

/** None to four edits; mostly none when `seldom` is set. */
export const byteEdits = (seldom: boolean): fc.Arbitrary<readonly ByteEdit[]> =>
  seldom
    ? fc.oneof({ weight: 5, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: someEdits })
    : someEdits;

const someEdits = fc.array(byteEdit, { minLength: 1, maxLength: 4 });

/** The bytes with every edit done, one after the other. */
export const edited = (bytes: Buffer, edits: readonly ByteEdit[]): Buffer => edits.reduce(editOnce, bytes);

function editOnce(bytes: Buffer, { kind, at, bytes: given }: ByteEdit): Buffer {
  const start = Math.floor((at / 0x10000) * bytes.length);
  const [head, tail] = [bytes.subarray(0, start), bytes.subarray(start)];
  const piece = Buffer.from(given);
  switch (kind) {
    case 'flip':
      return Buffer.concat([head, Buffer.from([(tail[0] ?? 0) ^ (given[0] ?? 1)]), tail.subarray(1)]);
    case 'set':
      return Buffer.concat([head, piece, tail.subarray(piece.length)]);
    case 'insert':
      return Buffer.concat([head, piece, tail]);
    case 'remove':
      return Buffer.concat([head, tail.subarray((given[0] ?? 1) % 64)]);
    case 'repeat':
      return Buffer.concat([head, tail.subarray(0, 64), tail]);
    case 'cut':
      return head;
  }
}

// What the broker looks at before rhea decodes it: counts of AMQP values, and where frames end.
import fc from 'fast-check';
import { assertBounded } from '../../src/servicebus/amqp-counts';
import { encodeValue, types } from '../../src/servicebus/amqp-types';
import { createFrameReader } from '../../src/servicebus/frame-bounds';

const frame = (body: Buffer): Buffer => {
  const head = Buffer.from([0, 0, 0, 8 + body.length, 2, 0, 0, 0]);
  return Buffer.concat([head, body]);
};

test('every value that rhea encodes is bounded, and ends where its bytes end', () => {
  const plain = fc.oneof(
    fc.string({ maxLength: 300 }),
    fc.integer(),
    fc.double({ noInteger: true }),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  );
  const values = fc.oneof(
    plain,
    fc.array(plain),
    fc.dictionary(fc.string(), fc.oneof(plain, fc.array(plain))),
  );
  fc.assert(
    fc.property(fc.array(values), (all) => {
      const bytes = Buffer.concat(all.map((value) => encodeValue(types.wrap(value))));
      expect(() => assertBounded(bytes)).not.toThrow();
    }),
  );
});

test.each([
  ['an array', [0xe0, 2, 200, 0x40]],
  [
    'a large array in a described list',
    [0x00, 0x53, 0x10, 0xc0, 12, 1, 0xf0, 0, 0, 0, 5, 0xff, 0xff, 0xff, 0xff, 0x41],
  ],
  ['a map', [0xd1, 0, 0, 0, 4, 0x7f, 0xff, 0xff, 0xff]],
])('%s that promises more values than it has bytes is refused', (_, bytes) => {
  expect(() => assertBounded(Buffer.from(bytes))).toThrow(RangeError);
});

test('arrays that promise more values than there are bytes only together are refused too', () => {
  const fiftyNulls = [0xf0, 0, 0, 0, 5, 0, 0, 0, 50, 0x40];
  const nulls = (count: number): number[] => Array.from({ length: count }, () => 0x40);
  expect(() => assertBounded(Buffer.from([...fiftyNulls, ...nulls(190)]))).not.toThrow();
  const many = Array.from({ length: 20 }, () => fiftyNulls).flat();
  expect(() => assertBounded(Buffer.from(many))).toThrow('50 values more than 200 bytes can hold');
});

test('frames are the same however the bytes arrive', () => {
  const frames = [Buffer.from('AMQP\0\u0001\0\0'), frame(Buffer.from([0x40])), frame(Buffer.alloc(0))];
  const whole = Buffer.concat(frames);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1 }), (lengths) => {
      const reader = createFrameReader(100);
      const given: Buffer[] = [];
      for (let at = 0, n = 0; at < whole.length; n += 1) {
        const length = lengths[n % lengths.length] ?? 1;
        given.push(reader.read(whole.subarray(at, at + length)));
        at += length;
      }
      expect(Buffer.concat(given)).toEqual(whole);
      expect(given.filter(({ length }) => length > 0).every(({ length }) => length >= 8)).toBe(true);
    }),
  );
});

test('a frame that is announced too large or smaller than its head is refused before it has come', () => {
  for (const size of [0, 7, 101, 0x7fffffff]) {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(size);
    expect(() => createFrameReader(100).read(head)).toThrow(`a frame of ${size} bytes`);
  }
});

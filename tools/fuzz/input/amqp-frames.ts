// Generators of wrong AMQP frames, as bytes: performatives with wrong fields, wrong channels, handles that were never
// attached, wrong sizes and counts, frames cut in half. Format: AMQP 1.0, part 1 (types) and 2 (transport).
import fc from 'fast-check';

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
};

const code = (first: number, ...rest: readonly Uint8Array[]): Buffer =>
  Buffer.concat([Buffer.from([first]), ...rest]);

const uints = fc
  .constantFrom(0, 1, 2, 3, 7, 255, 65_535, 2_147_483_647, 4_294_967_295)
  .map((value) => code(0x70, uint32(value)));

const texts = fc.oneof(
  fc.constantFrom('', 'order-failures', 'orders/$management', '$cbs', 'nobody', '\0', 'x'.repeat(300)),
  fc.string({ maxLength: 20, unit: 'binary' }),
);

/** A string, a symbol or binary; a short length where it fits. */
const named = fc.tuple(fc.constantFrom(0xa0, 0xa1, 0xa3), texts).map(([short, text]) => {
  const bytes = Buffer.from(text);
  return bytes.length < 256
    ? code(short, Buffer.from([bytes.length]), bytes)
    : code(short + 0x10, uint32(bytes.length), bytes);
});

const fixed = fc.oneof(
  fc.constantFrom(0x40, 0x41, 0x42, 0x43, 0x44, 0x45).map((constructor) => code(constructor)),
  ...(
    [
      [0x50, 1],
      [0x52, 1],
      [0x56, 1],
      [0x60, 2],
      [0x71, 4],
      [0x72, 4],
      [0x80, 8],
      [0x82, 8],
      [0x83, 8],
      [0x98, 16],
    ] as const
  ).map(([constructor, length]) =>
    fc
      .uint8Array({ minLength: length, maxLength: length })
      .map((bytes) => code(constructor, Buffer.from(bytes))),
  ),
);

/** A list, map or array (whose elements need not be of one type), with a count that may be a lie. */
function compound(constructor: number, items: readonly Buffer[], lie: number): Buffer {
  const body = Buffer.concat(items);
  return code(constructor, uint32(body.length + 4), uint32(items.length + lie), body);
}

const { value } = fc.letrec<{ value: Buffer }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { weight: 3, arbitrary: fixed },
    { weight: 3, arbitrary: uints },
    { weight: 2, arbitrary: named },
    {
      weight: 1,
      arbitrary: fc
        .tuple(
          fc.constantFrom(0xd0, 0xd1, 0xf0),
          fc.array(tie('value'), { maxLength: 4 }),
          fc.constantFrom(0, 0, 0, 1, -1, 1_000_000),
        )
        .map(([constructor, items, lie]) => compound(constructor, items, lie)),
    },
    { weight: 1, arbitrary: fc.tuple(uints, tie('value')).map((parts) => code(0x00, ...parts)) },
  ),
}));

/** open, begin, attach, flow, transfer, disposition, detach, end, close; and some that are no performatives. */
const descriptors = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: 0x10, max: 0x18 }) },
  { weight: 3, arbitrary: fc.constant(0x14) },
  { weight: 1, arbitrary: fc.constantFrom(0x00, 0x0f, 0x19, 0x24, 0x40, 0x70, 0xff) },
);

/** Mostly what a field of some performative may be. */
const fields = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: uints },
    { weight: 3, arbitrary: fc.constantFrom(0x40, 0x41, 0x42).map((constructor) => code(constructor)) },
    { weight: 2, arbitrary: named },
    { weight: 2, arbitrary: value },
  ),
  { maxLength: 14 },
);

interface FrameParts {
  readonly descriptor: number;
  readonly fields: readonly Buffer[];
  readonly countLie: number;
  readonly payload: Uint8Array;
  readonly channel: number;
  readonly offset: number;
  readonly type: number;
  /** What the size says beyond the frame. */
  readonly sizeLie: number;
  /** How many of its bytes are sent. */
  readonly cut: number;
}

function frameBytes(parts: FrameParts): Buffer {
  const performative = code(
    0x00,
    Buffer.from([0x53, parts.descriptor]),
    compound(0xd0, parts.fields, parts.countLie),
  );
  const body = Buffer.concat([performative, parts.payload]);
  const head = Buffer.from([0, 0, 0, 0, parts.offset, parts.type, 0, 0]);
  head.writeUInt32BE(Math.max(0, head.length + body.length + parts.sizeLie));
  head.writeUInt16BE(parts.channel, 6);
  return Buffer.concat([head, body]).subarray(0, parts.cut);
}

const usually = <T>(common: T, ...odd: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(common) }, { weight: 1, arbitrary: fc.constantFrom(...odd) });

/** The bytes of one frame, whole or not. */
export const amqpFrames: fc.Arbitrary<Buffer> = fc
  .record<FrameParts>({
    descriptor: descriptors,
    fields,
    countLie: usually(0, 1, -1, 100_000_000),
    payload: fc.oneof(
      { weight: 2, arbitrary: fc.constant(Buffer.alloc(0)) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }) },
      { weight: 1, arbitrary: fc.constant(Buffer.from([0x00, 0x53, 0x75, 0xa0, 0x02, 0x7b, 0x7d])) },
      { weight: 1, arbitrary: fc.constant(Buffer.alloc(100_000, 0x41)) },
    ),
    channel: usually(0, 1, 255, 65_535),
    offset: usually(2, 0, 1, 3, 255),
    type: usually(0, 1, 2, 255),
    sizeLie: usually(0, 1, -1, 1_000, 16_777_216, 2_147_000_000, -1_000_000),
    cut: usually(Infinity, 1, 4, 7, 8, 9, 20),
  })
  .map(frameBytes);

// HybridRow record streams, and the batches in them: what the .NET client sends is read, and what is written reads back.
import fc from 'fast-check';
import { readOperationRows } from '../../src/cosmos/batch-rows';
import { CosmosError } from '../../src/cosmos/protocol/errors';
import { readRecords, writeRecords, type Row, type RowLayout } from '../../src/cosmos/hybrid-row';
import { DOTNET_BATCH } from '../../testing/dotnet-batch';

const LAYOUT: RowLayout = {
  schemaId: 42,
  fixed: ['number', 'other'],
  variable: [
    ['name', 'utf8'],
    ['bytes', 'binary'],
  ],
  sparse: [
    ['count', 'uint32'],
    ['share', 'float64'],
    ['signed', 'int32'],
    ['note', 'utf8'],
    ['flag', 'bool'],
  ],
};

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const rows = fc.array(
  fc
    .record(
      {
        number: int32,
        other: int32,
        name: fc.string({ unit: 'grapheme' }),
        bytes: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
        count: fc.nat(),
        share: fc.double({ noNaN: true }),
        signed: int32,
        note: fc.string({ unit: 'grapheme', maxLength: 200 }),
        flag: fc.boolean(),
      },
      { requiredKeys: [] },
    )
    .map((fields): Row => new Map(Object.entries(fields))),
  { maxLength: 4 },
);

/** In the order of their names: a row has its fields in the order of the layout. */
const sorted = (all: readonly Row[]): unknown => all.map((row) => [...row].sort());

/** The rows, or the refusal. */
function read(bytes: Buffer): readonly Row[] | CosmosError {
  try {
    return readRecords(bytes, LAYOUT);
  } catch (error) {
    if (error instanceof CosmosError) return error;
    throw error;
  }
}

describe('a stream of records', () => {
  test('reads back as it was written, whatever fields its rows have', () => {
    fc.assert(
      fc.property(rows, (written) => {
        expect(sorted(readRecords(writeRecords(written, LAYOUT), LAYOUT))).toEqual(sorted(written));
      }),
    );
  });

  test('is refused with 400 or has fewer records when it is cut short', () => {
    fc.assert(
      fc.property(rows, fc.nat(), (written, length) => {
        const whole = writeRecords(written, LAYOUT);
        const found = read(whole.subarray(0, length % whole.length));
        if (found instanceof CosmosError) expect(found.status).toBe(400);
        else expect(found.length).toBeLessThanOrEqual(written.length);
      }),
    );
  });

  test('is refused with 400 for bytes that are none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), (bytes) => {
        expect(read(Buffer.from(bytes))).toMatchObject({ status: 400 });
      }),
    );
  });

  test('is refused when a byte of a record is another', () => {
    const whole = writeRecords([new Map([['name', 'abc']])], LAYOUT);
    whole[whole.length - 1] = 0;
    expect(() => readRecords(whole, LAYOUT)).toThrow('checksum');
  });

  test('is refused when its records have another schema', () => {
    const other = writeRecords([new Map()], { ...LAYOUT, schemaId: 43 });
    expect(() => readRecords(other, LAYOUT)).toThrow('has schema 43, expected 42');
  });
});

test('a batch of the .NET client is read as the operations of a batch', () => {
  const thing = (id: string, n: number): object => ({ id, kind: 'a', n, text: null, _etag: null });
  expect(readOperationRows(DOTNET_BATCH)).toEqual([
    { operationType: 'Create', resourceBody: thing('create', 2) },
    { operationType: 'Upsert', resourceBody: thing('upsert', 3) },
    { operationType: 'Replace', id: 'replace', resourceBody: thing('replace', 4) },
    { operationType: 'Delete', id: 'delete' },
    { operationType: 'Read', id: 'read' },
    {
      operationType: 'Patch',
      id: 'patch',
      resourceBody: { operations: [{ op: 'incr', path: '/n', value: 4 }] },
    },
  ]);
});

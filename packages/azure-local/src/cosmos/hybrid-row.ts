// Reader and writer of HybridRow record streams: the binary form in which the .NET client sends transactional batches and
// reads their results. Knows layouts of rows, and nothing of batches. https://github.com/microsoft/HybridRow
//
//   stream   segment row, then for each record: record row (length and CRC32 of what follows), row
//   row      0x81, schema id, a presence bit per fixed and variable field, fixed fields, variable fields, sparse fields
//
// Numbers are little-endian. A variable field is its length and its bytes. A sparse field is a type code, a path and a
// value; the path is the number of a field of the layout, or a number beyond those and as many bytes of text.
import { crc32 } from 'node:zlib';
import { CosmosError } from './protocol/errors';

export type RowValue = number | boolean | string | Buffer;

/** The fields that a row has, by name. */
export type Row = ReadonlyMap<string, RowValue>;

export interface RowLayout {
  readonly schemaId: number;
  /** Each an int32. */
  readonly fixed: readonly string[];
  readonly variable: readonly (readonly [name: string, type: 'utf8' | 'binary'])[];
  /** The type is for writing: read is what the row itself says. */
  readonly sparse: readonly (readonly [name: string, type: SparseType])[];
}

type SparseType = 'bool' | 'int32' | 'uint32' | 'float64' | 'utf8';

const VERSION = 0x81;
const SEGMENT: RowLayout = { schemaId: 0x7fffd8f0, fixed: ['length'], variable: [], sparse: [] };
/** Its fields have no presence bits: length, CRC32. */
const RECORD_SCHEMA = 0x7fffd8f1;
const SEGMENT_BYTES = 10;
const TYPE = { false: 2, true: 3, int32: 7, uint32: 11, float64: 16, utf8: 20 } as const;

/** Whether a body is a record stream: no JSON text begins with this byte. */
export const isRecordStream = (bytes: Buffer): boolean => bytes[0] === VERSION;

const malformed = (why: string): CosmosError =>
  new CosmosError(400, `The request body is not a stream of HybridRow records: ${why}.`);

class Reader {
  constructor(
    private readonly bytes: Buffer,
    private at = 0,
  ) {}

  get ended(): boolean {
    return this.at >= this.bytes.length;
  }

  take(length: number): Buffer {
    const taken = this.bytes.subarray(this.at, this.at + length);
    if (taken.length < length) throw malformed('it ends in the middle of a field');
    this.at += length;
    return taken;
  }

  byte(): number {
    return this.take(1).readUInt8();
  }

  int32(): number {
    return this.take(4).readInt32LE();
  }

  uint32(): number {
    return this.take(4).readUInt32LE();
  }

  /** Seven bits a byte, the lowest first; four bytes are more than any body here needs. */
  varuint(): number {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw malformed('a length has more than 28 bits');
  }

  /** The schema id of the row that begins here. */
  header(): number {
    if (this.byte() !== VERSION) throw malformed('a row does not begin with version 0x81');
    return this.int32();
  }
}

/** The rows of `bytes`, all of one layout. @throws CosmosError (400) for anything else. */
export function readRecords(bytes: Buffer, layout: RowLayout): readonly Row[] {
  const reader = new Reader(bytes);
  const rows: Row[] = [];
  while (!reader.ended) {
    const schema = reader.header();
    if (schema === SEGMENT.schemaId) skipSegment(reader);
    else if (schema === RECORD_SCHEMA) rows.push(readRecord(reader, layout));
    else throw malformed(`it has a row of schema ${schema} between its records`);
  }
  return rows;
}

/** What may follow the length, comments and a schema, is for readers that do not know the layout. */
function skipSegment(reader: Reader): void {
  reader.byte();
  reader.take(Math.max(0, reader.int32() - SEGMENT_BYTES));
}

function readRecord(reader: Reader, layout: RowLayout): Row {
  const [length, checksum] = [reader.int32(), reader.uint32()];
  if (length < 0) throw malformed('the length of a record is negative');
  const bytes = reader.take(length);
  if (crc32(bytes) !== checksum) throw malformed('the checksum of a record is wrong');
  return readRow(bytes, layout);
}

function readRow(bytes: Buffer, layout: RowLayout): Row {
  const reader = new Reader(bytes);
  const schema = reader.header();
  if (schema !== layout.schemaId)
    throw malformed(`a record has schema ${schema}, expected ${layout.schemaId}`);
  const bits = reader.take(presenceBytes(layout));
  const isPresent = (field: number): boolean => ((bits[field >> 3] ?? 0) & (1 << (field & 7))) !== 0;
  const row = new Map<string, RowValue>();
  for (const [at, name] of layout.fixed.entries()) {
    const value = reader.int32();
    if (isPresent(at)) row.set(name, value);
  }
  for (const [at, [name, type]] of layout.variable.entries()) {
    if (!isPresent(layout.fixed.length + at)) continue;
    const value = reader.take(reader.varuint());
    row.set(name, type === 'utf8' ? value.toString() : value);
  }
  const paths = pathsOf(layout);
  while (!reader.ended) {
    const type = reader.byte();
    const token = reader.varuint();
    const path = paths[token] ?? reader.take(token - paths.length).toString();
    row.set(path, readSparse(reader, type, path));
  }
  return row;
}

function readSparse(reader: Reader, type: number, path: string): RowValue {
  switch (type) {
    case TYPE.false:
    case TYPE.true:
      return type === TYPE.true;
    case TYPE.int32:
      return reader.int32();
    case TYPE.uint32:
      return reader.uint32();
    case TYPE.float64:
      return reader.take(8).readDoubleLE();
    case TYPE.utf8:
      return reader.take(reader.varuint()).toString();
    default:
      throw malformed(`the field ${path} has the type ${type}, which is not read here`);
  }
}

const presenceBytes = ({ fixed, variable }: RowLayout): number =>
  Math.ceil((fixed.length + variable.length) / 8);

/** The paths that have numbers; the first is the empty one. */
const pathsOf = ({ fixed, variable, sparse }: RowLayout): readonly string[] => [
  '',
  ...fixed,
  ...[...variable, ...sparse].map(([name]) => name),
];

/** A stream with one record per row. A field that is not in the layout is an error of the caller. */
export function writeRecords(rows: readonly Row[], layout: RowLayout): Buffer {
  const records = rows.flatMap((row) => {
    const body = writeRow(row, layout);
    return [header(RECORD_SCHEMA), int32(body.length), uint32(crc32(body)), body];
  });
  return Buffer.concat([writeRow(new Map([['length', SEGMENT_BYTES]]), SEGMENT), ...records]);
}

function writeRow(row: Row, layout: RowLayout): Buffer {
  const bits = Buffer.alloc(presenceBytes(layout));
  for (const [at, name] of [...layout.fixed, ...layout.variable.map(([name]) => name)].entries())
    if (row.has(name)) bits[at >> 3] = (bits[at >> 3] ?? 0) | (1 << (at & 7));
  const fixed = layout.fixed.map((name) => int32(Number(row.get(name) ?? 0)));
  const variable = layout.variable.flatMap(([name]) => {
    const value = row.get(name);
    return value === undefined ? [] : [sized(value)];
  });
  const paths = pathsOf(layout);
  const sparse = layout.sparse.flatMap(([name, type]) => {
    const value = row.get(name);
    return value === undefined ? [] : writeSparse(type, varuint(paths.indexOf(name)), value);
  });
  return Buffer.concat([header(layout.schemaId), bits, ...fixed, ...variable, ...sparse]);
}

function writeSparse(type: SparseType, path: Buffer, value: RowValue): readonly Buffer[] {
  if (type === 'bool') return [Buffer.of(value === true ? TYPE.true : TYPE.false), path];
  return [Buffer.of(TYPE[type]), path, ENCODE[type](value)];
}

function header(schemaId: number): Buffer {
  return Buffer.concat([Buffer.of(VERSION), int32(schemaId)]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function float64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}

function varuint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.of(...bytes, rest);
}

function sized(value: RowValue): Buffer {
  const bytes = Buffer.isBuffer(value) ? value : Buffer.from(String(value));
  return Buffer.concat([varuint(bytes.length), bytes]);
}

const ENCODE: Readonly<Record<Exclude<SparseType, 'bool'>, (value: RowValue) => Buffer>> = {
  int32: (value) => int32(Number(value)),
  uint32: (value) => uint32(Number(value)),
  float64: (value) => float64(Number(value)),
  utf8: sized,
};

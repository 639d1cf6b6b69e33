// Typed access to rhea's codec of AMQP values, where its typings leave it out.
import { types as rheaTypes } from 'rhea';
import { endOfBounded } from './amqp-counts';

/** A value with its AMQP type, as it stands on the wire; a map's value is a flat list of keys and values. */
export interface Typed {
  readonly type: { readonly typecode: number };
  readonly value: unknown;
  readonly descriptor?: Typed;
}

interface Codec {
  Reader: new (buffer: Buffer) => { read(): Typed };
  Writer: new () => { write(value: Typed): void; toBuffer(): Buffer };
  described(descriptor: Typed, value: Typed): Typed;
  unwrap(value: Typed): unknown;
  wrap(value: unknown): Typed;
  wrap_array(values: readonly unknown[], typecode: number, descriptors: undefined): Typed;
  wrap_int(value: number): Typed;
  wrap_list(values: readonly unknown[]): Typed;
  wrap_long(value: number | Buffer): Typed;
  wrap_string(value: string): Typed;
  wrap_symbol(value: string): Typed;
  wrap_uint(value: number): Typed;
  wrap_timestamp(value: number): Typed;
  wrap_ulong(value: number | Buffer): Typed;
  wrap_uuid(value: Buffer): Typed;
  Map32: (value: readonly Typed[]) => Typed;
}

export const types = rheaTypes as unknown as Codec;

export const TYPECODE = { long: 0x81, timestamp: 0x83, uuid: 0x98 } as const;

/** The value that `encoded` holds. @throws RangeError for one that is unbounded. */
export function decodeValue(encoded: Buffer): Typed {
  endOfBounded(encoded, 0);
  return new types.Reader(encoded).read();
}

export function encodeValue(value: Typed): Buffer {
  const writer = new types.Writer();
  writer.write(value);
  return writer.toBuffer();
}

/** A value under a numeric descriptor: a section, an outcome, a performative. */
export const described = (code: number, value: Typed): Typed =>
  types.described(types.wrap_ulong(code), value);

/** The entries of a map with text or symbol keys, in their order. */
export function mapEntries(map: Typed | undefined): [name: string, value: Typed][] {
  const flat = Array.isArray(map?.value) ? (map.value as readonly Typed[]) : [];
  const entries: [string, Typed][] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) {
    const [key, value] = [flat[at], flat[at + 1]];
    if (key !== undefined && value !== undefined) entries.push([textOf(key) ?? '', value]);
  }
  return entries;
}

/** The fields of a list, such as a section or an outcome. */
export const listFields = (list: Typed | undefined): readonly (Typed | undefined)[] =>
  Array.isArray(list?.value) ? (list.value as readonly (Typed | undefined)[]) : [];

/** The text of a field, or undefined where it is null or absent; bytes (a UUID) are written in hexadecimal. */
export function textOf(field: Typed | undefined): string | undefined {
  const value = field?.value as string | number | boolean | Buffer | null | undefined;
  if (value === undefined || value === null) return undefined;
  return Buffer.isBuffer(value) ? value.toString('hex') : String(value);
}

// Schemas of what traces and metrics share in OTLP/JSON: attributes and times.
import { z } from 'zod';

export const nanos = z.union([z.string().regex(/^\d{1,20}$/), z.number().min(0)]);

export const attributes = z
  .array(z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) }))
  .default([]);

export type Scalars = Readonly<Record<string, string | number | boolean>>;

/** Microseconds are kept: a float of this size has no nanoseconds. */
export const toMs = (unixNano: string | number): number => Number(BigInt(unixNano) / 1_000n) / 1_000;

/** Scalars only; a whole number may come as text, as protobuf's JSON has 64 bits. */
export function valuesOf(given: z.output<typeof attributes>): Scalars {
  const values: Record<string, string | number | boolean> = {};
  for (const { key, value } of given) {
    const { stringValue, intValue, doubleValue, boolValue } = value;
    const scalar =
      stringValue ?? (intValue === undefined ? undefined : Number(intValue)) ?? doubleValue ?? boolValue;
    if (typeof scalar === 'string' || typeof scalar === 'number' || typeof scalar === 'boolean')
      values[key] = scalar;
  }
  return values;
}

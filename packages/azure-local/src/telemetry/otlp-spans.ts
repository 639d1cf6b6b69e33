// Parser of the body of `POST /v1/traces`: OTLP/JSON as OpenTelemetry's exporters send it. What is beside spans (events, scopes,
// dropped counts) is not kept.
import { z } from 'zod';

/** A span as it is kept and given back. Times are milliseconds since 1970, with fractions. */
export interface StoredSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly service: string;
  readonly name: string;
  readonly kind: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  /** What its status says; null where that is no error. */
  readonly error: string | null;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
}

export const KINDS: readonly string[] = [
  'unspecified',
  'internal',
  'server',
  'client',
  'producer',
  'consumer',
];
export const STATUS_ERROR = 2;
const MAX_NAME = 256;
/** Attributes that are larger together are left out: what is kept is bounded by rows, and a row by this. */
const MAX_ATTRIBUTES = 8_192;

const hex = (digits: number) => z.string().regex(new RegExp(`^[0-9a-fA-F]{${digits}}$`));
const nanos = z.union([z.string().regex(/^\d{1,20}$/), z.number().min(0)]);
const attributes = z
  .array(z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) }))
  .default([]);
const span = z.object({
  traceId: hex(32),
  spanId: hex(16),
  parentSpanId: hex(16).or(z.literal('')).optional(),
  name: z.string().default(''),
  kind: z.int().default(0),
  startTimeUnixNano: nanos,
  endTimeUnixNano: nanos,
  attributes,
  status: z.object({ code: z.int().default(0), message: z.string().default('') }).optional(),
  links: z.array(z.object({ traceId: hex(32), spanId: hex(16) })).default([]),
});
const request = z.object({
  resourceSpans: z
    .array(
      z.object({
        resource: z.object({ attributes }).optional(),
        scopeSpans: z.array(z.object({ spans: z.array(span).default([]) })).default([]),
      }),
    )
    .default([]),
});

/** The spans in a request, or in a sentence what is wrong with it. */
export function readOtlpSpans(json: unknown): readonly StoredSpan[] | string {
  const parsed = request.safeParse(json);
  if (!parsed.success) return `not an OTLP request of traces: ${z.prettifyError(parsed.error)}`;
  return parsed.data.resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = valuesOf(resource?.attributes ?? [])['service.name'];
    return scopeSpans.flatMap(({ spans }) => spans.map((one) => toStored(one, String(service ?? ''))));
  });
}

function toStored(given: z.output<typeof span>, service: string): StoredSpan {
  const { parentSpanId = '', status } = given;
  return {
    traceId: given.traceId.toLowerCase(),
    spanId: given.spanId.toLowerCase(),
    parentSpanId: parentSpanId === '' ? null : parentSpanId.toLowerCase(),
    service: service.slice(0, MAX_NAME),
    name: given.name.slice(0, MAX_NAME),
    kind: KINDS[given.kind] ?? 'unspecified',
    startMs: toMs(given.startTimeUnixNano),
    endMs: toMs(given.endTimeUnixNano),
    attributes: bounded(valuesOf(given.attributes)),
    error: status?.code === STATUS_ERROR ? status.message.slice(0, MAX_NAME) : null,
    links: given.links.slice(0, 32).map(({ traceId, spanId }) => ({ traceId, spanId })),
  };
}

/** Microseconds are kept: a float of this size has no nanoseconds. */
const toMs = (unixNano: string | number): number => Number(BigInt(unixNano) / 1_000n) / 1_000;

/** Scalars only; a whole number may come as text, as protobuf's JSON has 64 bits. */
function valuesOf(given: z.output<typeof attributes>): StoredSpan['attributes'] {
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

function bounded(given: StoredSpan['attributes']): StoredSpan['attributes'] {
  return JSON.stringify(given).length <= MAX_ATTRIBUTES ? given : { 'attributes.tooLarge': true };
}

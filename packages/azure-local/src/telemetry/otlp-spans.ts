// Parser of the body of `POST /v1/traces`: OTLP/JSON as OpenTelemetry's exporters send it. What is beside spans (events, scopes,
// dropped counts) is not given back. A request is checked as it comes; its spans are made only when somebody asks for them.
import { z } from 'zod';

/** A span as it is given back. Times are milliseconds since 1970, with fractions. */
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
/** Attributes that are larger together are left out. */
const MAX_ATTRIBUTES = 8_192;

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

const hex = (digits: number) => z.string().regex(new RegExp(`^[0-9a-fA-F]{${digits}}$`));
export const nanos = z.union([z.string().regex(/^\d{1,20}$/), z.number().min(0)]);
/** By hand: zod would copy each of them, and there are more of them than of anything else. */
export const attributes = z
  .custom<readonly Attribute[]>(isAttributes, 'expected a list of { "key": "…", "value": { … } }')
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

export type OtlpRequest = z.output<typeof request>;

/** A request, or in a sentence what is wrong with it. */
export function readOtlpRequest(json: unknown): OtlpRequest | string {
  const parsed = request.safeParse(json);
  return parsed.success ? parsed.data : `not an OTLP request of traces: ${z.prettifyError(parsed.error)}`;
}

/** The traces that the spans of a request are of. */
export function tracesIn({ resourceSpans }: OtlpRequest): ReadonlySet<string> {
  const traces = new Set<string>();
  for (const { scopeSpans } of resourceSpans)
    for (const { spans } of scopeSpans) for (const { traceId } of spans) traces.add(traceId.toLowerCase());
  return traces;
}

export function spansIn({ resourceSpans }: OtlpRequest): readonly StoredSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
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
export const toMs = (unixNano: string | number): number => Number(BigInt(unixNano) / 1_000n) / 1_000;

/** Scalars only; a whole number may come as text, as protobuf's JSON has 64 bits. */
export function valuesOf(given: readonly Attribute[]): StoredSpan['attributes'] {
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

function isAttributes(given: unknown): boolean {
  return given === undefined || (Array.isArray(given) && given.every(isAttribute));
}

function isAttribute(given: unknown): given is Attribute {
  if (!isObject(given) || !('key' in given && 'value' in given)) return false;
  return typeof given.key === 'string' && isObject(given.value);
}

const isObject = (given: unknown): given is object =>
  typeof given === 'object' && given !== null && !Array.isArray(given);

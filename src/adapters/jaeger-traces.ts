// Client of a store of traces that answers as Jaeger's query API (v3) does: a trace as OTLP/JSON. It serves the console's page of
// an order only: no saga calls it, so it has no breaker and does not retry.
// https://www.jaegertracing.io/docs/latest/architecture/apis/
import { z } from 'zod';
import type { StoredSpan, TraceStore } from '../ports/trace-store';

const TIMEOUT_MS = 5_000;
const NOT_FOUND = 404;
const STATUS_ERROR = 2;

const nanos = z.union([z.string().regex(/^\d{1,20}$/), z.int().min(0)]).default('0');
const attributes = z
  .array(z.object({ key: z.string(), value: z.record(z.string(), z.unknown()).default({}) }))
  .default([]);
const span = z.object({
  spanId: z.string(),
  parentSpanId: z.string().default(''),
  name: z.string().default(''),
  startTimeUnixNano: nanos,
  endTimeUnixNano: nanos,
  attributes,
  status: z
    .object({ code: z.int().default(0), message: z.string().default('') })
    .default({ code: 0, message: '' }),
});
const trace = z.object({
  result: z.object({
    resourceSpans: z.array(
      z.object({
        resource: z.object({ attributes }).default({ attributes: [] }),
        scopeSpans: z.array(z.object({ spans: z.array(span).default([]) })).default([]),
      }),
    ),
  }),
});

/** The store at `baseUrl`; undefined for an empty one. */
export function createJaegerTraces(baseUrl: string): TraceStore | undefined {
  if (baseUrl === '') return undefined;
  return {
    async spansOf(traceId) {
      try {
        const response = await fetch(`${baseUrl}/api/v3/traces/${traceId}`, {
          signal: AbortSignal.timeout(TIMEOUT_MS),
        });
        if (response.status === NOT_FOUND) return [];
        return response.ok ? spansIn(trace.parse(await response.json())) : undefined;
      } catch {
        // Away, or no such store: the caller says so.
        return undefined;
      }
    },
  };
}

function spansIn({ result }: z.output<typeof trace>): readonly StoredSpan[] {
  return result.resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(valuesOf(resource.attributes)['service.name'] ?? '');
    return scopeSpans.flatMap(({ spans }) => spans.map((given) => toStored(given, service)));
  });
}

function toStored(given: z.output<typeof span>, service: string): StoredSpan {
  const { spanId, parentSpanId, name, status } = given;
  return {
    ...{ spanId, service, name, parentSpanId: parentSpanId === '' ? null : parentSpanId },
    startMs: toMs(given.startTimeUnixNano),
    endMs: toMs(given.endTimeUnixNano),
    attributes: valuesOf(given.attributes),
    error: status.code === STATUS_ERROR ? status.message : null,
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

// Writer of OTLP/JSON: spans as they are kept, in the form in which Jaeger's query API (v3) gives traces. Pure.
// https://www.jaegertracing.io/docs/latest/architecture/apis/
import { KINDS, STATUS_ERROR, type StoredSpan } from './otlp-spans';

/** One group of spans for each service. */
export function toOtlpTraces(spans: readonly StoredSpan[]): object {
  const services = [...new Set(spans.map(({ service }) => service))];
  return {
    resourceSpans: services.map((service) => ({
      resource: { attributes: [toAttribute(['service.name', service])] },
      scopeSpans: [{ scope: {}, spans: spans.filter((span) => span.service === service).map(toOtlp) }],
    })),
  };
}

function toOtlp({ traceId, spanId, parentSpanId, name, kind, ...span }: StoredSpan): object {
  return {
    ...{ traceId, spanId, parentSpanId: parentSpanId ?? '', name, kind: Math.max(0, KINDS.indexOf(kind)) },
    startTimeUnixNano: toUnixNano(span.startMs),
    endTimeUnixNano: toUnixNano(span.endMs),
    attributes: Object.entries(span.attributes).map(toAttribute),
    status: span.error === null ? {} : { code: STATUS_ERROR, message: span.error },
    links: span.links,
  };
}

function toAttribute([key, value]: readonly [string, string | number | boolean]): object {
  if (typeof value === 'string') return { key, value: { stringValue: value } };
  if (typeof value === 'boolean') return { key, value: { boolValue: value } };
  // 64 bits are text in the JSON of protobuf.
  return { key, value: Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value } };
}

/** From whole microseconds, which is what is kept. */
const toUnixNano = (ms: number): string => (BigInt(Math.round(ms * 1_000)) * 1_000n).toString();

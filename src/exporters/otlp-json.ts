// Encoder of spans as a request of OTLP/JSON. From the app's own spans at once, without those of an SDK between: an SDK's span
// holds ten times as much, and its JSON a quarter more (fields that are empty).
import type { ExportSettings } from '../telemetry/traces/exporter';
import type { Attributes, Span } from '../telemetry/traces/span';

const KINDS: Readonly<Record<Span['kind'], number>> = {
  internal: 1,
  server: 2,
  client: 3,
  producer: 4,
  consumer: 5,
};
const STATUS_ERROR = 2;

/** The body of a `POST /v1/traces`. */
export function traceRequest(
  spans: readonly Span[],
  { serviceName, instanceId }: Pick<ExportSettings, 'serviceName' | 'instanceId'>,
): string {
  const resource = attributesOf({ 'service.name': serviceName, 'service.instance.id': instanceId });
  return JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: resource },
        scopeSpans: [{ scope: { name: 'order-saga' }, spans: spans.map(spanOf) }],
      },
    ],
  });
}

function spanOf({
  context,
  parentSpanId,
  name,
  kind,
  startMs,
  endMs,
  attributes,
  error,
  links,
}: Span): object {
  const given = attributesOf(attributes);
  if (error !== undefined) given.push(attributeOf('error.code', error));
  return {
    traceId: context.traceId,
    spanId: context.spanId,
    // What is undefined is not in the JSON.
    parentSpanId,
    name,
    kind: KINDS[kind],
    startTimeUnixNano: nanosOf(startMs),
    endTimeUnixNano: nanosOf(endMs),
    attributes: given,
    status: error === undefined ? undefined : { code: STATUS_ERROR, message: error },
    links:
      links.length === 0
        ? undefined
        : links.map(({ traceId, spanId }) => ({ traceId, spanId, attributes: [] })),
  };
}

interface Attribute {
  readonly key: string;
  readonly value: object;
}

function attributesOf(given: Attributes): Attribute[] {
  const attributes: Attribute[] = [];
  for (const key in given) {
    const value = given[key];
    if (value !== undefined) attributes.push(attributeOf(key, value));
  }
  return attributes;
}

function attributeOf(key: string, value: string | number | boolean): Attribute {
  if (typeof value === 'string') return { key, value: { stringValue: value } };
  if (typeof value === 'boolean') return { key, value: { boolValue: value } };
  return { key, value: Number.isInteger(value) ? { intValue: value } : { doubleValue: value } };
}

/** Nanoseconds since 1970 as text: a number has no room for them. The time has microseconds. */
function nanosOf(ms: number): string {
  const micros = Math.round(ms * 1_000);
  return `${micros}000`;
}

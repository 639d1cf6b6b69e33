// Converter of the app's spans to spans of OpenTelemetry, through the tracer of an SDK: its processors and exporter take them from
// there. The ids are the app's own; an SDK makes random ones, which no other host could name as parents.
import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type SpanContext,
  type Tracer,
} from '@opentelemetry/api';
import type { Span, SpanContext as OwnContext } from '../telemetry/traces/span';

const KINDS: Readonly<Record<Span['kind'], SpanKind>> = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

export function recordSpans(tracer: Tracer, spans: readonly Span[]): void {
  for (const span of spans) recordSpan(tracer, span);
}

function recordSpan(tracer: Tracer, { context, parentSpanId, ...span }: Span): void {
  const parent =
    parentSpanId === undefined
      ? ROOT_CONTEXT
      : trace.setSpanContext(ROOT_CONTEXT, toOpenTelemetry({ ...context, spanId: parentSpanId }));
  const recorded = tracer.startSpan(
    span.name,
    {
      kind: KINDS[span.kind],
      startTime: span.startMs,
      // Application Insights shows no text of a status.
      attributes: { ...span.attributes, ...(span.error === undefined ? {} : { 'error.code': span.error }) },
      links: span.links.map((link) => ({ context: toOpenTelemetry(link) })),
    },
    parent,
  );
  // Before it ends nobody has read them.
  Object.assign(recorded.spanContext(), { traceId: context.traceId, spanId: context.spanId });
  if (span.error !== undefined) recorded.setStatus({ code: SpanStatusCode.ERROR, message: span.error });
  recorded.end(span.endMs);
}

function toOpenTelemetry({ traceId, spanId, isSampled }: OwnContext): SpanContext {
  return { traceId, spanId, traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE, isRemote: true };
}

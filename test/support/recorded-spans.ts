// Spans that a tracing has made, kept in memory, and their tree as text: names, outcomes and errors, without times.
import { nodesOf } from '../../local/trace/waterfall';
import type { Span } from '../../src/telemetry/traces/span';
import { createTracing, type Tracing } from '../../src/telemetry/traces/tracing';

export interface RecordedSpans {
  readonly tracing: Tracing;
  /** Every span as it ended, the same one twice too. */
  readonly spans: Span[];
  /** The tree of each trace. */
  readonly tree: () => string;
}

/** Records by a clock that goes on with every look: what begins later is later. */
export function recordSpans(ratio = 1): RecordedSpans {
  const spans: Span[] = [];
  let now = 0;
  const tracing = createTracing({
    ratio,
    nowMs: () => (now += 1),
    sink: (span) => void spans.push(span),
  });
  return { tracing, spans, tree: () => treeOf(spans) };
}

/** The saga's own times are the order's; its children put it into its place. */
function treeOf(spans: readonly Span[]): string {
  const traceIds = [...new Set(spans.map(({ context }) => context.traceId))];
  return traceIds
    .map((traceId) => {
      const own = spans.filter(({ context }) => context.traceId === traceId).map(toStored);
      return nodesOf(own)
        .map(({ span, depth }) => `${'  '.repeat(depth)}${span.name}${resultOf(span)}`)
        .join('\n');
    })
    .join('\n');
}

type Drawn = Parameters<typeof nodesOf>[0][number];

function toStored({ context, parentSpanId, ...span }: Span): Drawn {
  return {
    ...{ ...span, traceId: context.traceId, spanId: context.spanId, parentSpanId: parentSpanId ?? null },
    ...{ service: 'order-saga', error: span.error ?? null, links: [] },
  };
}

function resultOf({ attributes, error }: Drawn): string {
  const attempt = Number(attributes['attempt'] ?? 1) > 1 ? ` #${String(attributes['attempt'])}` : '';
  const outcome = attributes['outcome'] ?? attributes['http.response.status_code'];
  return `${attempt}${outcome === undefined ? '' : ` ${String(outcome)}`}${error === null ? '' : ` ! ${error}`}`;
}

// Composition of tracing: a queue before each exporter, and the decorators of the seams.
import type { Config } from '../config';
import type { Meter } from '../ports/meter';
import { createSpanQueue, type SpanQueue } from '../telemetry/traces/span-queue';
import type { SpanExporter } from '../telemetry/traces/exporter';
import { createTracing, NO_TRACING, type Tracing } from '../telemetry/traces/tracing';

export interface StartedTracing {
  readonly tracing: Tracing;
  /** To be flushed at the end. */
  readonly queues: readonly SpanQueue[];
}

/** Tracing to `exporters`; without one it does nothing. */
export function startTracing(
  config: Config,
  meter: Meter,
  exporters: readonly SpanExporter[],
): StartedTracing {
  if (exporters.length === 0) return { tracing: NO_TRACING, queues: [] };
  const queues = exporters.map((exporter) => queueOf(exporter, meter));
  const { timeOrigin } = performance;
  const tracing = createTracing({
    ratio: config.traceRatio,
    nowMs: () => timeOrigin + performance.now(),
    sink: (span) => {
      for (const queue of queues) queue.add(span);
    },
  });
  return { tracing, queues };
}

function queueOf(exporter: SpanExporter, meter: Meter): SpanQueue {
  return createSpanQueue(exporter, (result, spans) =>
    meter.add('order_saga_spans_total', { exporter: exporter.name, result }, spans),
  );
}

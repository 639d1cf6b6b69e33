// Composition of tracing: a queue before each exporter, and the decorators of the seams.
import type { Config } from '../config';
import { flushAtEnd } from '../functions/flush-spans.hook';
import type { Meter } from '../ports/meter';
import { createSpanQueue } from '../telemetry/traces/span-queue';
import type { SpanExporter } from '../telemetry/traces/exporter';
import { createTracing, NO_TRACING, type Tracing } from '../telemetry/traces/tracing';

/** Tracing to `exporters`; without one it does nothing. */
export function startTracing(config: Config, meter: Meter, exporters: readonly SpanExporter[]): Tracing {
  const [first] = exporters;
  if (first === undefined) return NO_TRACING;
  const queues = exporters.map((exporter) => queueOf(exporter, meter));
  flushAtEnd(queues);
  return createTracing({
    ratio: config.traceRatio,
    nowMs: () => performance.timeOrigin + performance.now(),
    sink: (span) => {
      for (const queue of queues) queue.add(span);
    },
    activate: first.activate,
  });
}

function queueOf(exporter: SpanExporter, meter: Meter): ReturnType<typeof createSpanQueue> {
  return createSpanQueue(exporter, (result, spans) =>
    meter.add('order_saga_spans_total', { exporter: exporter.name, result }, spans),
  );
}

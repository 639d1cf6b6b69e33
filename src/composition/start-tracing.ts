// Composition of tracing: exporters by their settings, a queue before each, and the decorators of the seams.
import type { Config } from '../config';
import { flushAtEnd } from '../functions/flush-spans.hook';
import type { Meter } from '../ports/meter';
import { createSpanQueue } from '../telemetry/traces/span-queue';
import type { SpanExporter } from '../telemetry/traces/exporter';
import { createTracing, NO_TRACING, type Tracing } from '../telemetry/traces/tracing';
import { warnAtStart } from '../telemetry/start-warnings';
import { instanceIdOf } from './instance-id';
import { loadExporters } from './load-exporters';

/** Tracing to what the settings name; where they name nothing it does nothing, and no exporter is loaded. */
export function startTracing(config: Config, meter: Meter, folder: string): Tracing {
  const instanceId = instanceIdOf(config);
  const exporters = loadExporters(folder, { ...config, instanceId }, (line) => warnAtStart([line]));
  if (exporters.length === 0) return NO_TRACING;
  const queues = exporters.map((exporter) => queueOf(exporter, meter));
  flushAtEnd(queues);
  return createTracing({
    ratio: config.traceRatio,
    nowMs: () => performance.timeOrigin + performance.now(),
    sink: (span) => {
      for (const queue of queues) queue.add(span);
    },
  });
}

function queueOf(exporter: SpanExporter, meter: Meter): ReturnType<typeof createSpanQueue> {
  return createSpanQueue(exporter, (result, spans) =>
    meter.add('order_saga_spans_total', { exporter: exporter.name, result }, spans),
  );
}

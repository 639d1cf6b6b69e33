// Composition of telemetry: exporters by their settings, tracing to them, and a pump of metrics before each.
import type { Config } from '../config';
import { flushAtEnd } from '../functions/flush-spans.hook';
import { createMetricPump } from '../telemetry/metric-export/metric-pump';
import type { Metrics } from '../telemetry/metrics';
import { warnAtStart } from '../telemetry/start-warnings';
import type { Tracing } from '../telemetry/traces/tracing';
import { instanceIdOf } from './instance-id';
import { loadExporters } from './load-exporters';
import { startTracing } from './start-tracing';

export interface Telemetry {
  readonly tracing: Tracing;
  /** Begins to export metrics; `refresh` brings gauges up to date that are asked of others. */
  readonly startMetrics: (refresh: () => Promise<void>) => void;
}

/** Where the settings name no target no exporter is loaded, and there is no timer. */
export function startTelemetry(config: Config, metrics: Metrics, folder: string): Telemetry {
  const settings = { ...config, instanceId: instanceIdOf(config) };
  const exporters = loadExporters(folder, settings, (line) => warnAtStart([line]));
  const { tracing, queues } = startTracing(
    config,
    metrics,
    exporters.map(({ spans }) => spans),
  );
  const pumps = exporters.map((exporter) =>
    createMetricPump({
      exporter: exporter.metrics,
      read: () => metrics.read(),
      startMs: performance.timeOrigin,
      nowMs: () => Date.now(),
      count: (result) =>
        metrics.add('order_saga_metric_exports_total', { exporter: exporter.metrics.name, result }),
    }),
  );
  if (exporters.length > 0) flushAtEnd([...queues, ...pumps]);
  return {
    tracing,
    startMetrics: (refresh) => {
      for (const pump of pumps) pump.start(config.metricExportIntervalMs, refresh);
    },
  };
}

// Composition of the export of metrics: a pump for each exporter. Without an exporter there is none, and no timer.
import { flushAtEnd } from '../functions/flush-spans.hook';
import { createMetricPump } from '../telemetry/metric-export/metric-pump';
import type { Parts } from './parts';

/** `refresh` brings gauges up to date that are asked of others. */
export function startMetricExport(
  { config, metrics, metricExporters, clock }: Parts,
  refresh: () => Promise<void>,
): void {
  if (metricExporters.length === 0) return;
  const pumps = metricExporters.map((exporter) =>
    createMetricPump({
      exporter,
      read: () => metrics.read(),
      refresh,
      startMs: performance.timeOrigin,
      nowMs: () => clock.nowMs(),
      count: (result) => metrics.add('order_saga_metric_exports_total', { exporter: exporter.name, result }),
    }),
  );
  for (const pump of pumps) pump.start(config.metricExportIntervalMs);
  flushAtEnd(pumps);
}

// Composition of telemetry: exporters by their settings, and tracing to them. Metrics go to them once the gauges that operators
// see are there (start-metric-export.ts).
import type { Config } from '../config';
import type { MetricExporter } from '../telemetry/metric-export/metric-exporter';
import type { Meter } from '../ports/meter';
import { warnAtStart } from '../telemetry/start-warnings';
import type { Tracing } from '../telemetry/traces/tracing';
import { instanceIdOf } from './instance-id';
import { loadExporters } from './load-exporters';
import { startTracing } from './start-tracing';

export interface Telemetry {
  readonly tracing: Tracing;
  readonly metricExporters: readonly MetricExporter[];
}

/** Where the settings name no target no exporter is loaded. */
export function startTelemetry(config: Config, meter: Meter, folder: string): Telemetry {
  const settings = { ...config, instanceId: instanceIdOf(config) };
  const exporters = loadExporters(folder, settings, (line) => warnAtStart([line]));
  return {
    tracing: startTracing(
      config,
      meter,
      exporters.map(({ spans }) => spans),
    ),
    metricExporters: exporters.map(({ metrics }) => metrics),
  };
}

// Loader of the exporters of spans and metrics: each target is a bundle of its own beside the app's, and is loaded only where its setting is there.
// So an app that exports nothing pays nothing for them.
import { createRequire } from 'node:module';
import path from 'node:path';
import type { MetricExporter } from '../telemetry/metric-export/metric-exporter';
import type { ExporterModule, ExportSettings, SpanExporter } from '../telemetry/traces/exporter';

export interface Exporters {
  readonly spans: SpanExporter;
  readonly metrics: MetricExporter;
}

/** The exporters whose settings are there. One that cannot be loaded stops nothing: `warn` is told. */
export function loadExporters(
  folder: string,
  settings: ExportSettings,
  warn: (line: string) => void,
): readonly Exporters[] {
  const load = createRequire(path.join(folder, 'main.js'));
  const { otlpEndpoint, appInsightsConnectionString } = settings;
  const wanted = [
    ...(otlpEndpoint === '' ? [] : ['./exporters/otlp.js']),
    ...(appInsightsConnectionString === '' ? [] : ['./exporters/app-insights.js']),
  ];
  return wanted.flatMap((bundle) => {
    try {
      const exporters = load(bundle) as ExporterModule;
      return [
        { spans: exporters.createExporter(settings), metrics: exporters.createMetricExporter(settings) },
      ];
    } catch (error) {
      warn(
        `no traces and metrics go through ${bundle}: ${error instanceof Error ? error.message : String(error)}`,
      );
      return [];
    }
  });
}

// Loader of the exporters of spans: each is a bundle of its own beside the app's, and is loaded only where its setting is there.
// So an app that exports nothing pays nothing for them.
import { createRequire } from 'node:module';
import path from 'node:path';
import type { ExporterModule, ExportSettings, SpanExporter } from '../telemetry/traces/exporter';

/** The exporters whose settings are there. One that cannot be loaded stops nothing: `warn` is told. */
export function loadExporters(
  folder: string,
  settings: ExportSettings,
  warn: (line: string) => void,
): readonly SpanExporter[] {
  const load = createRequire(path.join(folder, 'main.js'));
  const { otlpEndpoint, appInsightsConnectionString } = settings;
  const wanted = [
    ...(otlpEndpoint === '' ? [] : ['./exporters/otlp.js']),
    ...(appInsightsConnectionString === '' ? [] : ['./exporters/app-insights.js']),
  ];
  return wanted.flatMap((bundle) => {
    try {
      return [(load(bundle) as ExporterModule).createExporter(settings)];
    } catch (error) {
      warn(`no traces go through ${bundle}: ${error instanceof Error ? error.message : String(error)}`);
      return [];
    }
  });
}

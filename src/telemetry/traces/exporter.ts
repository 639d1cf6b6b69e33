// Interface of an exporter of spans, and of the bundle of its own that it comes in.
import type { MetricExporter } from '../metric-export/metric-exporter';
import type { Span } from './span';

/** Takes spans out of this process. It may reject, refuse or hang: its caller bounds it. */
export interface SpanExporter {
  readonly name: 'otlp' | 'application-insights';
  export(spans: readonly Span[]): Promise<void>;
}

export interface ExportSettings {
  readonly otlpEndpoint: string;
  readonly appInsightsConnectionString: string;
  /** `Authorization=AAD;ClientId=…`, as the Functions host reads it; empty: the connection string is enough. */
  readonly appInsightsAuthentication: string;
  readonly serviceName: string;
  readonly instanceId: string;
}

/** What a bundle of an exporter exports. */
export interface ExporterModule {
  createExporter(settings: ExportSettings): SpanExporter;
  createMetricExporter(settings: ExportSettings): MetricExporter;
}

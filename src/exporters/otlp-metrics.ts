// Exporter of metrics as OTLP/JSON over HTTP, cumulative: each export holds all that was counted since the app began to count.
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { AggregationTemporality } from '@opentelemetry/sdk-metrics';
import type { ExporterModule } from '../telemetry/traces/exporter';
import { exportTo } from './export-result';
import { resourceMetricsOf } from './metric-data';
import { resourceOf } from './resource';

export const createMetricExporter: ExporterModule['createMetricExporter'] = (settings) => {
  const exporter = new OTLPMetricExporter();
  const resource = resourceOf(settings);
  const temporality = AggregationTemporality.CUMULATIVE;
  return {
    name: 'otlp',
    export: (readings, period) =>
      exportTo(exporter, resourceMetricsOf(readings, { resource, temporality, period })),
  };
};

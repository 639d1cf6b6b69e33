// Exporter of metrics to Application Insights, as custom metrics. That adds up what it is sent, so each export holds the changes
// since the last one that it took. One that was refused changes nothing: the next one holds its changes too.
import { AzureMonitorMetricExporter } from '@azure/monitor-opentelemetry-exporter';
import { AggregationTemporality } from '@opentelemetry/sdk-metrics';
import type { ExporterModule } from '../telemetry/traces/exporter';
import type { Reading } from '../telemetry/metric-export/reading';
import { ingestionOptions } from './app-insights-options';
import { exportTo } from './export-result';
import { changesSince } from './metric-changes';
import { resourceMetricsOf } from './metric-data';
import { resourceOf } from './resource';

export const createMetricExporter: ExporterModule['createMetricExporter'] = (settings) => {
  const exporter = new AzureMonitorMetricExporter(ingestionOptions(settings));
  const resource = resourceOf(settings);
  const temporality = AggregationTemporality.DELTA;
  let taken: readonly Reading[] = [];
  return {
    name: 'application-insights',
    async export(readings, period) {
      const changes = changesSince(taken, readings);
      await exportTo(exporter, resourceMetricsOf(changes, { resource, temporality, period }));
      taken = readings;
    },
  };
};

// Exporters of spans and metrics to Application Insights. A bundle of its own, loaded where APPLICATIONINSIGHTS_CONNECTION_STRING is set.
// Everything that the SDK collects by itself is off: it counts what the Functions host counts too, costs every request, and its
// rate limit would cut traces apart.
import { useAzureMonitor } from 'applicationinsights';
import { trace, type TracerProvider } from '@opentelemetry/api';
import type { SpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { ExporterModule } from '../telemetry/traces/exporter';
import { ingestionOptions } from './app-insights-options';
import { resourceOf } from './resource';
import { recordSpans } from './record-spans';

export { createMetricExporter } from './app-insights-metrics';

const off = { enabled: false };

export const createExporter: ExporterModule['createExporter'] = (settings) => {
  useAzureMonitor({
    resource: resourceOf(settings),
    azureMonitorExporterOptions: ingestionOptions(settings),
    samplingRatio: 1,
    tracesPerSecond: 0,
    enableLiveMetrics: false,
    enableStandardMetrics: false,
    enablePerformanceCounters: false,
    enableAutoCollectExceptions: false,
    enableAutoCollectPerformance: false,
    instrumentationOptions: {
      http: off,
      azureSdk: off,
      mongoDb: off,
      mySql: off,
      postgreSql: off,
      redis: off,
      redis4: off,
      bunyan: off,
      winston: off,
    },
  });
  const tracer = trace.getTracer('order-saga');
  return {
    name: 'application-insights',
    export: (spans) => {
      recordSpans(tracer, spans);
      return flush();
    },
  };
};

/** The API has no way to flush: the provider behind its proxy has. */
function flush(): Promise<void> {
  const proxy: TracerProvider & { getDelegate?(): TracerProvider } = trace.getTracerProvider();
  return (proxy.getDelegate?.() as unknown as Pick<SpanProcessor, 'forceFlush'>).forceFlush();
}

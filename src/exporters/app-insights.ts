// Exporter of spans to Application Insights. A bundle of its own, loaded where APPLICATIONINSIGHTS_CONNECTION_STRING is set.
// Everything that the SDK collects by itself is off: it counts what the Functions host counts too, costs every request, and its
// rate limit would cut traces apart.
import { DefaultAzureCredential } from '@azure/identity';
import { useAzureMonitor } from 'applicationinsights';
import { trace, type TracerProvider } from '@opentelemetry/api';
import type { SpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { ExporterModule } from '../telemetry/traces/exporter';
import { clientIdIn } from './authentication';
import { resourceOf } from './resource';
import { recordSpans } from './record-spans';

const off = { enabled: false };

export const createExporter: ExporterModule['createExporter'] = (settings) => {
  // What the SDK tells its makers about itself.
  process.env['APPLICATION_INSIGHTS_NO_STATSBEAT'] ??= 'true';
  process.env['APPLICATIONINSIGHTS_SDKSTATS_DISABLED'] ??= 'true';
  const identity = clientIdIn(settings.appInsightsAuthentication);
  useAzureMonitor({
    resource: resourceOf(settings),
    azureMonitorExporterOptions: {
      connectionString: settings.appInsightsConnectionString,
      disableOfflineStorage: true,
      ...(identity === undefined ? {} : { credential: new DefaultAzureCredential(identity) }),
    },
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

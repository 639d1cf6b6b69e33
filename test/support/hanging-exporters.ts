// Receivers of both targets of traces and metrics, OTLP and Application Insights, that take what they are sent and never answer.
import { openSpanSink } from './span-sink';

export interface HangingExporters {
  /** What a system is started with, so that its hosts export to both. */
  readonly environment: Readonly<Record<string, string>>;
  readonly settings: Readonly<Record<string, string>>;
  /** Whether both were sent spans and metrics. */
  areBothAsked(): boolean;
  close(): void;
}

export async function openHangingExporters(): Promise<HangingExporters> {
  const otlp = await openSpanSink('http');
  const ingestion = await openSpanSink('https');
  otlp.behaviour = 'hang';
  ingestion.behaviour = 'hang';
  return {
    environment: ingestion.trusted,
    settings: {
      OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url,
      OTEL_METRIC_EXPORT_INTERVAL: '1000',
      APPLICATIONINSIGHTS_CONNECTION_STRING: `InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint=${ingestion.url}/`,
    },
    areBothAsked() {
      const paths = new Set(otlp.received.map((request) => request.path));
      const items = JSON.stringify(ingestion.received);
      const asked = ['"RequestData"', '"order_saga_'].every((part) => items.includes(part));
      return asked && paths.has('/v1/traces') && paths.has('/v1/metrics');
    },
    close() {
      otlp.close();
      ingestion.close();
    },
  };
}

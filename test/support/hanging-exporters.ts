// Receivers of both exporters of traces, OTLP and Application Insights, that take what they are sent and never answer.
import { openSpanSink } from './span-sink';

export interface HangingExporters {
  /** What a system is started with, so that its hosts export to both. */
  readonly environment: Readonly<Record<string, string>>;
  readonly settings: Readonly<Record<string, string>>;
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
      APPLICATIONINSIGHTS_CONNECTION_STRING: `InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint=${ingestion.url}/`,
    },
    areBothAsked: () => otlp.received.length > 0 && ingestion.received.length > 0,
    close() {
      otlp.close();
      ingestion.close();
    },
  };
}

// Exporters of spans and metrics as OTLP/JSON over HTTP. A bundle of its own, loaded where OTEL_EXPORTER_OTLP_ENDPOINT is set. The sending is
// OpenTelemetry's: it reads that and the other OTEL_EXPORTER_OTLP_… settings (headers, time-out, certificate) and tries again.
import {
  convertLegacyHttpOptions,
  createOtlpHttpExportDelegate,
} from '@opentelemetry/otlp-exporter-base/node-http';
import type { ExporterModule } from '../telemetry/traces/exporter';
import { traceRequest } from './otlp-json';

export { createMetricExporter } from './otlp-metrics';

/** Of the SDK's ExportResultCode. */
const SUCCESS = 0;
interface Result {
  readonly code: number;
  readonly error?: Error;
}

export const createExporter: ExporterModule['createExporter'] = (settings) => {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- how OpenTelemetry's exporters read their settings; 0.218 has no other
  const options = convertLegacyHttpOptions({}, 'TRACES', 'v1/traces', { 'Content-Type': 'application/json' });
  const sending = createOtlpHttpExportDelegate(options, {
    serializeRequest: (body: string) => Buffer.from(body),
    deserializeResponse: () => ({}),
  });
  return {
    name: 'otlp',
    export: (spans) =>
      new Promise((resolve, reject) => {
        sending.export(traceRequest(spans, settings), ({ code, error }: Result) => {
          if (code === SUCCESS) resolve();
          else reject(error ?? new Error('the export failed'));
        });
      }),
  };
};

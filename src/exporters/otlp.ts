// Exporter of spans as OTLP/JSON over HTTP. A bundle of its own, loaded where OTEL_EXPORTER_OTLP_ENDPOINT is set; the SDK reads
// that and the other OTEL_EXPORTER_OTLP_… settings (headers, time-out, certificate) itself.
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { AlwaysOnSampler, BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { ExporterModule } from '../telemetry/traces/exporter';
import { resourceOf } from './resource';
import { recordSpans } from './record-spans';

/** Of the SDK's own queue, in which one batch of ours lies at a time. */
const BATCH = { maxQueueSize: 512, maxExportBatchSize: 512 };

export const createExporter: ExporterModule['createExporter'] = (settings) => {
  const provider = new BasicTracerProvider({
    resource: resourceOf(settings),
    // What comes here is sampled.
    sampler: new AlwaysOnSampler(),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter(), BATCH)],
  });
  const tracer = provider.getTracer('order-saga');
  return {
    name: 'otlp',
    export: (spans) => {
      recordSpans(tracer, spans);
      return provider.forceFlush();
    },
  };
};

// Makes a span of the app the active one of OpenTelemetry, for the SDKs that ask for it: the durable client sends it on.
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import type { SpanExporter } from '../telemetry/traces/exporter';
import { toOpenTelemetry } from './record-spans';

export const activate: SpanExporter['activate'] = (span, work) =>
  context.with(trace.setSpanContext(ROOT_CONTEXT, toOpenTelemetry(span)), work);

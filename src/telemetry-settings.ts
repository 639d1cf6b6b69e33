// Settings of telemetry, under the names that OpenTelemetry and Application Insights use everywhere. Part of the table of
// config.ts.
import { z } from 'zod';
import { baseUrl, pageUrl, setting, text, wholeNumber } from './setting-kinds';
import { numberText } from './validation';

export const TELEMETRY_SETTINGS = {
  otlpEndpoint: setting(
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    baseUrl.default(''),
    '',
    'Where traces and metrics go as OTLP/JSON over HTTP (`/v1/traces` and `/v1/metrics` below it); empty = nowhere',
  ),
  appInsightsConnectionString: setting(
    'APPLICATIONINSIGHTS_CONNECTION_STRING',
    z.string().trim().default(''),
    '',
    'Application Insights that traces and metrics go to; empty = none',
  ),
  appInsightsAuthentication: setting(
    'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
    z.string().default(''),
    '',
    '`Authorization=AAD;ClientId=…`: traces and metrics are sent with that managed identity',
  ),
  serviceName: setting(
    'OTEL_SERVICE_NAME',
    text('order-saga'),
    'order-saga',
    'What the app is called in traces and metrics',
  ),
  traceRatio: setting(
    'OTEL_TRACES_SAMPLER_ARG',
    numberText({ min: 0, max: 1, fractions: true }).default(1),
    '1',
    'How many of the traces that begin here are exported, from 0 to 1; a caller that sends a `traceparent` decides by itself',
  ),
  metricExportIntervalMs: setting(
    'OTEL_METRIC_EXPORT_INTERVAL',
    wholeNumber(60_000, 1_000, 86_400_000),
    '60000',
    'Milliseconds between two exports of metrics, to wherever traces go',
  ),
  traceQueryUrl: setting(
    'OrderProcessing:TraceQueryUrl',
    baseUrl.default(''),
    '',
    'Store of traces that the console reads the spans of an order from, by the query API of Jaeger (`/api/v3/traces` below it); empty = it draws none',
  ),
  traceLink: setting(
    'OrderProcessing:TraceLink',
    pageUrl('{traceId}'),
    '',
    'Address of the page where people look at a trace, with `{traceId}` in it; the console links to it; empty = it does not',
  ),
} as const;

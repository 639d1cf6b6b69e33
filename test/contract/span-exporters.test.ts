// What the built exporters send, to a sink of OTLP and to a fake ingestion of Application Insights over TLS.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Span } from '../../src/telemetry/traces/span';
import { openSpanSink, type SpanSink } from '../support/span-sink';

const PROGRAM = path.resolve('test/support/export-spans.cjs');
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const COUNT = 200;

const spans: readonly Span[] = Array.from({ length: COUNT }, (_, index) => ({
  context: { traceId: TRACE_ID, spanId: String(index + 1).padStart(16, '0'), isSampled: true },
  parentSpanId: index === 0 ? undefined : '0000000000000001',
  name: index === 0 ? 'POST /api/orders' : `step ${index}`,
  kind: index === 0 ? 'server' : 'internal',
  startMs: 1_700_000_000_000.25,
  endMs: 1_700_000_000_010.5,
  attributes: { 'order.id': 'o1', attempt: 2 },
  error: index === 1 ? 'PAYMENT_FAILED' : undefined,
  links: [],
}));

let sink: SpanSink;
afterEach(() => sink.close());

/** Exports `spans` in a process of its own and gives what that says. */
async function exported(bundle: string, settings: object, environment: object): Promise<string> {
  const args = [
    PROGRAM,
    path.resolve(`dist/exporters/${bundle}.js`),
    JSON.stringify(settings),
    JSON.stringify(spans),
  ];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    env: { ...process.env, ...environment },
  });
  return stdout.trim();
}

const SETTINGS = { serviceName: 'order-saga', instanceId: 'host-1', appInsightsAuthentication: '' };

describe('OTLP', () => {
  const toSink = (): Promise<string> => exported('otlp', SETTINGS, { OTEL_EXPORTER_OTLP_ENDPOINT: sink.url });

  test('every span arrives as OTLP/JSON with its own ids, parent, attributes and error', async () => {
    sink = await openSpanSink('http');
    await expect(toSink()).resolves.toBe('exported');
    const [{ path: where, body } = { path: '', body: {} }] = sink.received;
    expect(where).toBe('/v1/traces');
    const { resourceSpans } = body as { resourceSpans: { scopeSpans: { spans: object[] }[] }[] };
    const sent = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
    expect(sent).toHaveLength(COUNT);
    expect(sent[1]).toMatchObject({
      ...{ traceId: TRACE_ID, spanId: '0000000000000002', parentSpanId: '0000000000000001', name: 'step 1' },
      ...{ startTimeUnixNano: '1700000000000250000', endTimeUnixNano: '1700000000010500000' },
      status: { code: 2, message: 'PAYMENT_FAILED' },
    });
    expect(sent[0]).not.toHaveProperty('parentSpanId');
    expect(JSON.stringify(body)).toContain('{"key":"order.id","value":{"stringValue":"o1"}}');
    expect(JSON.stringify(body)).toContain('{"key":"service.name","value":{"stringValue":"order-saga"}}');
  });

  test('what the sink refuses is told as a failure, and ends no process', async () => {
    sink = await openSpanSink('http');
    sink.behaviour = 'refuse';
    await expect(toSink()).resolves.toMatch(/^failed/);
  });
});

describe('Application Insights', () => {
  const toSink = (): Promise<string> => {
    const appInsightsConnectionString = `InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint=${sink.url}/`;
    return exported('app-insights', { ...SETTINGS, appInsightsConnectionString }, sink.trusted);
  };

  test('every span arrives, as a request or dependency with its own ids, parent, attributes and success', async () => {
    sink = await openSpanSink('https');
    await expect(toSink()).resolves.toBe('exported');
    const items = sink.received
      .flatMap(({ body }) => body as TelemetryItem[])
      .filter(({ data }) => data.baseType !== 'MetricData');
    expect(items).toHaveLength(COUNT);
    const [request] = items.filter(({ data }) => data.baseType === 'RequestData');
    expect(request).toMatchObject({
      tags: { 'ai.operation.id': TRACE_ID, 'ai.cloud.role': 'order-saga', 'ai.cloud.roleInstance': 'host-1' },
      data: { baseData: { id: '0000000000000001', name: 'POST /api/orders', success: true } },
    });
    const failed = items.find(({ data }) => data.baseData.id === '0000000000000002');
    expect(failed).toMatchObject({
      tags: { 'ai.operation.id': TRACE_ID, 'ai.operation.parentId': '0000000000000001' },
      data: {
        baseType: 'RemoteDependencyData',
        baseData: { success: false, properties: { 'order.id': 'o1', 'error.code': 'PAYMENT_FAILED' } },
      },
    });
  });

  test('what the ingestion refuses is told as a failure, and ends no process', async () => {
    sink = await openSpanSink('https');
    sink.behaviour = 'refuse';
    await expect(toSink()).resolves.toMatch(/^failed/);
  });
});

interface TelemetryItem {
  readonly tags: Readonly<Record<string, string>>;
  readonly data: { readonly baseType: string; readonly baseData: { readonly id: string } };
}

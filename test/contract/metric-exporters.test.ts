// What the built exporters send of metrics, to a sink of OTLP and to a fake ingestion of Application Insights over TLS.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { createMetrics } from '../../src/telemetry/metrics';
import type { Reading } from '../../src/telemetry/metric-export/reading';
import { openSpanSink, type SpanSink } from '../support/span-sink';

const PROGRAM = path.resolve('test/support/export-metrics.cjs');
const SETTINGS = { serviceName: 'order-saga', instanceId: 'host-1', appInsightsAuthentication: '' };

/** Two readings of a meter, between which three orders were placed. */
function twoReadings(): readonly (readonly Reading[])[] {
  const metrics = createMetrics();
  metrics.add('order_saga_orders_total', { outcome: 'placed' }, 4);
  metrics.record('order_saga_step_duration_seconds', { step: 'ProcessPayment', outcome: 'done' }, 0.25);
  metrics.record('order_saga_step_duration_seconds', { step: 'ProcessPayment', outcome: 'done' }, 60);
  metrics.observe('order_saga_dead_letters', { queue: 'orders' }, () => 1);
  const first = metrics.read();
  metrics.add('order_saga_orders_total', { outcome: 'placed' }, 3);
  return [first, metrics.read()];
}

let sink: SpanSink;
afterEach(() => sink.close());

/** Exports the readings in a process of its own and gives what became of each. */
async function exported(bundle: string, settings: object, environment: object): Promise<readonly string[]> {
  const args = [
    PROGRAM,
    path.resolve(`dist/exporters/${bundle}.js`),
    JSON.stringify(settings),
    JSON.stringify(twoReadings()),
  ];
  const env = { ...process.env, ...environment };
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  return stdout.trim().split('\n');
}

describe('OTLP', () => {
  const toSink = (): Promise<readonly string[]> =>
    exported('otlp', SETTINGS, { OTEL_EXPORTER_OTLP_ENDPOINT: sink.url });

  test('counters, histograms and gauges arrive as OTLP/JSON, cumulative, of this instance', async () => {
    sink = await openSpanSink('http');
    await expect(toSink()).resolves.toEqual(['exported', 'exported']);
    expect(sink.received.map(({ path: where }) => where)).toEqual(['/v1/metrics', '/v1/metrics']);
    const [{ body: first } = { body: {} }, { body: second } = { body: {} }] = sink.received;
    expect(JSON.stringify(first)).toContain('{"key":"service.instance.id","value":{"stringValue":"host-1"}}');
    const times = {
      startTimeUnixNano: '1700000000000250000',
      timeUnixNano: '1700000060000500000',
    };
    expect(metricsIn(first)).toMatchObject([
      {
        name: 'order_saga_orders_total',
        sum: {
          ...{ aggregationTemporality: 2, isMonotonic: true },
          dataPoints: [
            {
              ...{ asDouble: 4, ...times },
              attributes: [{ key: 'outcome', value: { stringValue: 'placed' } }],
            },
          ],
        },
      },
      {
        ...{ name: 'order_saga_step_duration_seconds', unit: 's' },
        histogram: {
          aggregationTemporality: 2,
          dataPoints: [
            {
              ...{ count: 2, sum: 60.25, bucketCounts: [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1] },
              explicitBounds: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
            },
          ],
        },
      },
      { name: 'order_saga_dead_letters', gauge: { dataPoints: [{ asDouble: 1 }] } },
    ]);
    expect(metricsIn(second)[0]).toMatchObject({ sum: { dataPoints: [{ asDouble: 7, ...times }] } });
  });

  test('what the sink refuses is told as a failure, and ends no process', async () => {
    sink = await openSpanSink('http');
    sink.behaviour = 'refuse';
    const [first, second] = await toSink();
    expect([first, second]).toEqual([expect.stringMatching(/^failed/), expect.stringMatching(/^failed/)]);
  });
});

describe('Application Insights', () => {
  const toSink = (): Promise<readonly string[]> => {
    const appInsightsConnectionString = `InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint=${sink.url}/`;
    return exported('app-insights', { ...SETTINGS, appInsightsConnectionString }, sink.trusted);
  };

  test('custom metrics arrive under their names, of this instance, and add up to what was counted', async () => {
    sink = await openSpanSink('https');
    await expect(toSink()).resolves.toEqual(['exported', 'exported']);
    const items = sink.received.flatMap(({ body }) => body as MetricItem[]);
    expect(items[0]).toMatchObject({
      tags: { 'ai.cloud.role': 'order-saga', 'ai.cloud.roleInstance': 'host-1' },
      data: {
        baseType: 'MetricData',
        baseData: {
          metrics: [{ name: 'order_saga_orders_total', value: 4, count: 1 }],
          properties: { outcome: 'placed' },
        },
      },
    });
    const sent = items.flatMap(({ data }) => data.baseData.metrics);
    expect(sent.map(({ name, value, count }) => [name, value, count])).toEqual([
      ['order_saga_orders_total', 4, 1],
      ['order_saga_step_duration_seconds', 60.25, 2],
      ['order_saga_dead_letters', 1, 1],
      ['order_saga_orders_total', 3, 1],
      ['order_saga_dead_letters', 1, 1],
    ]);
  });

  test('what the ingestion refuses is told as a failure, and the next export holds it too', async () => {
    sink = await openSpanSink('https');
    sink.behaviour = 'refuse';
    sink.afterNext = 'answer';
    await expect(toSink()).resolves.toEqual([expect.stringMatching(/^failed/), 'exported']);
    const taken = sink.received[1]?.body as MetricItem[];
    expect(taken.flatMap(({ data }) => data.baseData.metrics)).toEqual(
      expect.arrayContaining([expect.objectContaining({ name: 'order_saga_orders_total', value: 7 })]),
    );
  });
});

function metricsIn(body: unknown): readonly object[] {
  const { resourceMetrics } = body as { resourceMetrics: { scopeMetrics: { metrics: object[] }[] }[] };
  return resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics));
}

interface MetricItem {
  readonly tags: Readonly<Record<string, string>>;
  readonly data: {
    readonly baseType: string;
    readonly baseData: { readonly metrics: { name: string; value: number; count: number }[] };
  };
}

// The receiver of metrics and logs: of each series the newest value is given back, bounded; logs are taken and not kept.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Journal } from '../../src/storage/journal';
import type { StoredSeries } from '../../src/telemetry/otlp-metrics';
import { createTelemetryServer } from '../../src/telemetry/server';

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Receiver {
  post(where: string, body: unknown): Promise<{ readonly status: number; readonly json: unknown }>;
  series(name?: string): Promise<readonly StoredSeries[]>;
}

async function open(seriesAtMost?: number): Promise<Receiver> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'telemetry-'));
  const journal = new Journal(path.join(folder, 'data.db'));
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const bound = seriesAtMost === undefined ? {} : { seriesAtMost };
  const server = createTelemetryServer({ journal, log, ...bound });
  const url = await server.listen(0);
  closers.push(
    () => rmSync(folder, { recursive: true }),
    () => journal.close(),
    () => server.close(),
  );
  return {
    async post(where, body) {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(url + where, { method: 'POST', headers, body: JSON.stringify(body) });
      return { status: answer.status, json: await answer.json() };
    },
    async series(name) {
      const query = name === undefined ? '' : `?name=${name}`;
      const answer = await fetch(`${url}/control/metrics${query}`);
      return ((await answer.json()) as { series: StoredSeries[] }).series;
    },
  };
}

const attribute = (key: string, stringValue: string): object => ({ key, value: { stringValue } });
const request = (instance: string, ...metrics: object[]): object => ({
  resourceMetrics: [
    {
      resource: {
        attributes: [attribute('service.name', 'shop'), attribute('service.instance.id', instance)],
      },
      scopeMetrics: [{ metrics }],
    },
  ],
});
const orders = (outcome: string, value: object, atMs = 1_700_000_000_000): object => ({
  name: 'orders',
  sum: {
    dataPoints: [{ timeUnixNano: `${atMs}000000`, attributes: [attribute('outcome', outcome)], ...value }],
  },
});
const TAKEN = { status: 200, json: { partialSuccess: {} } };

test('sums, gauges and histograms come back by their names, each series with its attributes and instance', async () => {
  const receiver = await open();
  const lag = { name: 'lag', gauge: { dataPoints: [{ timeUnixNano: '1', asInt: '7' }] } };
  const point = { timeUnixNano: '1', count: '3', sum: 60.75, bucketCounts: [1, 2], explicitBounds: [1] };
  const steps = { name: 'steps', histogram: { dataPoints: [point] } };
  expect(
    await receiver.post('/v1/metrics', request('a', orders('placed', { asDouble: 2 }), lag, steps)),
  ).toEqual(TAKEN);
  expect(await receiver.series('orders')).toEqual([
    {
      ...{ name: 'orders', kind: 'sum', service: 'shop', instance: 'a', value: 2 },
      ...{ attributes: { outcome: 'placed' }, atMs: 1_700_000_000_000 },
    },
  ]);
  expect(await receiver.series()).toMatchObject([
    { name: 'orders' },
    { name: 'lag', kind: 'gauge', value: 7 },
    { name: 'steps', kind: 'histogram', value: 60.75, count: 3 },
  ]);
});

test('series-store.M2: of a series the newest value is kept, of each instance its own', async () => {
  const receiver = await open();
  await receiver.post('/v1/metrics', request('a', orders('placed', { asDouble: 2 }, 2_000)));
  await receiver.post('/v1/metrics', request('a', orders('placed', { asDouble: 1 }, 1_000)));
  await receiver.post('/v1/metrics', request('b', orders('placed', { asDouble: 5 }, 1_000)));
  expect((await receiver.series('orders')).map(({ instance, value }) => [instance, value])).toEqual([
    ['a', 2],
    ['b', 5],
  ]);
});

test('series-store.M1: beyond the bound new series are refused, and those that are there go on', async () => {
  const receiver = await open(1);
  await receiver.post('/v1/metrics', request('a', orders('placed', { asDouble: 1 })));
  const both = request('a', orders('placed', { asDouble: 2 }), orders('failed', { asDouble: 1 }));
  expect(await receiver.post('/v1/metrics', both)).toMatchObject({
    json: { partialSuccess: { rejectedDataPoints: 1 } },
  });
  expect((await receiver.series()).map(({ value }) => value)).toEqual([2]);
});

test('metrics that are none are refused, saying why', async () => {
  const receiver = await open();
  const { status, json } = await receiver.post('/v1/metrics', request('a', { name: '' }));
  expect([status, JSON.stringify(json)]).toEqual([
    400,
    expect.stringContaining('resourceMetrics[0].scopeMetrics[0].metrics[0].name'),
  ]);
});

test('logs are taken', async () => {
  const receiver = await open();
  expect(await receiver.post('/v1/logs', { resourceLogs: [] })).toEqual(TAKEN);
});

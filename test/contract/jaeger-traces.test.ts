// The client of a store of traces, on the receiver of this platform and on answers as Jaeger gives them.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { Journal } from 'azure-local/storage/journal';
import { createTelemetryServer } from 'azure-local/telemetry/server';
import { createJaegerTraces } from '../../src/adapters/jaeger-traces';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Answers every request so. */
async function answering(status: number, body: string): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(status).end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => new Promise((resolve) => server.close(() => resolve())));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function receiver(): Promise<string> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'traces-'));
  const journal = new Journal(path.join(folder, 'data.db'));
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const server = createTelemetryServer({ journal, log });
  closers.push(
    () => rmSync(folder, { recursive: true }),
    () => journal.close(),
    () => server.close(),
  );
  return server.listen(0);
}

test('spans that were sent to the receiver are read from it with their times, attributes and errors', async () => {
  const url = await receiver();
  const charge = {
    ...{
      traceId: TRACE,
      spanId: '00000000000000bb',
      parentSpanId: '00000000000000aa',
      name: 'charge',
      kind: 3,
    },
    ...{ startTimeUnixNano: '1700000000000250000', endTimeUnixNano: '1700000000001000000' },
    attributes: [
      { key: 'order.id', value: { stringValue: 'o1' } },
      { key: 'attempt', value: { intValue: '2' } },
      { key: 'ratio', value: { doubleValue: 0.5 } },
      { key: 'cold', value: { boolValue: true } },
    ],
    status: { code: 2, message: 'PAYMENT_DECLINED' },
  };
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] };
  await fetch(`${url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [charge] }] }] }),
  });
  const traces = createJaegerTraces(url);
  expect(await traces?.spansOf(TRACE)).toEqual([
    {
      ...{ spanId: '00000000000000bb', parentSpanId: '00000000000000aa', service: 'shop', name: 'charge' },
      ...{ startMs: 1_700_000_000_000.25, endMs: 1_700_000_000_001, error: 'PAYMENT_DECLINED' },
      attributes: { 'order.id': 'o1', attempt: 2, ratio: 0.5, cold: true },
    },
  ]);
  expect(await traces?.spansOf('f'.repeat(32))).toEqual([]);
});

test('a span that leaves out what is empty, as Jaeger does, is read', async () => {
  // https://github.com/jaegertracing/jaeger/blob/main/cmd/jaeger/internal/extension/jaegerquery/internal/apiv3/snapshots/GetTrace.json
  const span = { kind: 2, name: 'foobar', spanId: '0000000000000002', status: { code: 2 }, traceId: TRACE };
  const result = { resourceSpans: [{ resource: {}, scopeSpans: [{ scope: {}, spans: [span] }] }] };
  const traces = createJaegerTraces(await answering(200, JSON.stringify({ result })));
  expect(await traces?.spansOf(TRACE)).toMatchObject([
    { name: 'foobar', parentSpanId: null, service: '', error: '' },
  ]);
});

test.each([
  ['answers 500', 500, '{}'],
  ['answers no JSON', 200, '<html>'],
  ['answers something else', 200, '{"spans":[]}'],
])('a store that %s has not answered', async (_how, status, body) => {
  expect(await createJaegerTraces(await answering(status, body))?.spansOf(TRACE)).toBeUndefined();
});

test('a store that is away has not answered, and an empty address is none', async () => {
  const url = await answering(200, '');
  await closers.pop()?.();
  expect(await createJaegerTraces(url)?.spansOf(TRACE)).toBeUndefined();
  expect(createJaegerTraces('')).toBeUndefined();
});

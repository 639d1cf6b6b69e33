// The encoding of spans as OTLP/JSON: every field, and none that says nothing.
import { traceRequest } from '../../../src/exporters/otlp-json';
import type { Span } from '../../../src/telemetry/traces/span';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SENDER = { serviceName: 'order-saga', instanceId: 'host-1' };

const plain: Span = {
  context: { traceId: TRACE_ID, spanId: 'b7ad6b7169203331', isSampled: true },
  ...{ parentSpanId: undefined, name: 'POST "orders"', kind: 'server', startMs: 1_700_000_000_000.25 },
  ...{ endMs: 1_700_000_000_001.001, attributes: {}, error: undefined, links: [] },
};

const encoded = (span: Span): unknown => {
  const body = JSON.parse(traceRequest([span], SENDER)) as {
    readonly resourceSpans: readonly {
      readonly scopeSpans: readonly { readonly spans: readonly unknown[] }[];
    }[];
  };
  return body.resourceSpans[0]?.scopeSpans[0]?.spans[0];
};

test('a span without parent, attributes, error and links has ids, name, kind and times to the microsecond', () => {
  expect(encoded(plain)).toEqual({
    ...{ traceId: TRACE_ID, spanId: 'b7ad6b7169203331', name: 'POST "orders"', kind: 2, attributes: [] },
    ...{ startTimeUnixNano: '1700000000000250000', endTimeUnixNano: '1700000000001001000' },
  });
});

test('attributes have the types of their values', () => {
  const attributes = { 'order.id': 'o1', attempt: 2, ratio: 0.5, cold: false };
  expect(encoded({ ...plain, attributes })).toMatchObject({
    attributes: [
      { key: 'order.id', value: { stringValue: 'o1' } },
      { key: 'attempt', value: { intValue: 2 } },
      { key: 'ratio', value: { doubleValue: 0.5 } },
      { key: 'cold', value: { boolValue: false } },
    ],
  });
});

test('a failed span has the status and its code as an attribute too; links name what they link', () => {
  const other = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), isSampled: true };
  expect(
    encoded({ ...plain, parentSpanId: 'aaaaaaaaaaaaaaaa', error: 'DECLINED', links: [other] }),
  ).toMatchObject({
    parentSpanId: 'aaaaaaaaaaaaaaaa',
    status: { code: 2, message: 'DECLINED' },
    attributes: [{ key: 'error.code', value: { stringValue: 'DECLINED' } }],
    links: [{ traceId: '1'.repeat(32), spanId: '2'.repeat(16) }],
  });
});

test('a request says which app and instance its spans are of', () => {
  expect(JSON.parse(traceRequest([], SENDER))).toMatchObject({
    resourceSpans: [
      {
        resource: {
          attributes: [
            { key: 'service.name', value: { stringValue: 'order-saga' } },
            { key: 'service.instance.id', value: { stringValue: 'host-1' } },
          ],
        },
        scopeSpans: [{ scope: { name: 'order-saga' } }],
      },
    ],
  });
});

// The trace of an order as a tree: what it makes of spans in any order, and of those of other orders.
import fc from 'fast-check';
import type { StoredSpan, TraceStore } from '../../../src/ports/trace-store';
import { traceAnswer } from '../../../src/functions/order-trace.http';
import { ROUTES } from '../../../src/functions/routes/routes';
import { traceTree } from '../../../src/queries/order-trace';
import { createMemoryOrderStore } from '../../support/memory-order-store';
import { callTo } from '../../support/route-calls';
import { ORDER_ID, orderAfter } from '../../support/orders';

const ORDER = { 'order.id': 'o1' };
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';

const span = (spanId: string, parentSpanId: string | null, more: Partial<StoredSpan> = {}): StoredSpan => ({
  ...{ spanId, parentSpanId, service: 'shop', name: spanId, startMs: 1_000, endMs: 1_010, attributes: ORDER },
  ...{ error: null },
  ...more,
});
const shape = (spans: readonly StoredSpan[]): readonly string[] =>
  traceTree('o1', spans).spans.map(({ name, depth }) => `${'-'.repeat(depth)}${name}`);

test('a tree is given depth first, children by their beginning, whatever the order of its spans', () => {
  const spans = [
    span('post', null),
    span('charge', 'pay', { startMs: 1_006 }),
    span('pay', 'post', { startMs: 1_005 }),
    span('reserve', 'post', { startMs: 1_002 }),
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray(spans, { minLength: 4 }), (shuffled) => {
      expect(shape(shuffled)).toEqual(['post', '-reserve', '-pay', '--charge']);
    }),
  );
});

test('times are from the beginning of the first span; attempt, outcome and error are those of the span', () => {
  const pay = span('pay', 'post', {
    ...{ startMs: 1_002.25, endMs: 1_004, error: 'PAYMENT_DECLINED' },
    attributes: { ...ORDER, attempt: 2, outcome: 'refused' },
  });
  const tree = traceTree('o1', [span('post', null), pay]);
  expect(tree).toMatchObject({ startedAt: '1970-01-01T00:00:01.000Z', durationMs: 10 });
  expect(tree.spans[1]).toEqual({
    ...{ spanId: 'pay', parentSpanId: 'post', depth: 1, service: 'shop', name: 'pay' },
    ...{ offsetMs: 2.25, durationMs: 1.75, attempt: 2, outcome: 'refused', error: 'PAYMENT_DECLINED' },
  });
});

test('order-trace.O1: spans of another order in the same trace are left out, with what is below them', () => {
  const other = { attributes: { 'order.id': 'o2' } };
  const unnamed = { attributes: {} };
  const batch = [
    span('batch', null, unnamed),
    span('post o1', 'batch'),
    span('of o1', 'post o1', unnamed),
    span('post o2', 'batch', other),
    span('of o2', 'post o2', unnamed),
    span('beside', 'batch', unnamed),
  ];
  expect(shape(batch)).toEqual(['batch', '-post o1', '--of o1']);
});

test('order-trace.O2: a span whose parent is not there is a root, and a circle of spans is given once', () => {
  expect(
    shape([span('a', 'gone'), span('b', 'c', { startMs: 1_001 }), span('c', 'b', { startMs: 1_002 })]),
  ).toEqual(['a', 'b', '-c']);
});

test('a trace without a span of the order is empty', () => {
  expect(traceTree('o1', [span('x', null, { attributes: {} })])).toEqual({
    startedAt: null,
    durationMs: 0,
    spans: [],
  });
});

describe('the route', () => {
  const look = async (traces: TraceStore | undefined, { flags = '01', pageOf = '' } = {}) => {
    const orders = createMemoryOrderStore();
    orders.seed({ ...orderAfter(), traceparent: `00-${TRACE_ID}-b7ad6b7169203331-${flags}` }, []);
    const call = await callTo(ROUTES.GetOrderTrace, { params: { id: ORDER_ID } });
    return (await traceAnswer({ orders, traces, pageOf }, call)).jsonBody;
  };

  test('answers the spans of the trace that the order is in, and the page of it', async () => {
    const spans = [span('post', null, { attributes: { 'order.id': ORDER_ID } })];
    const traces: TraceStore = { spansOf: (id) => Promise.resolve(id === TRACE_ID ? spans : []) };
    expect(await look(traces, { pageOf: 'https://traces.example/{traceId}?x={traceId}' })).toMatchObject({
      ...{ traceId: TRACE_ID, isSampled: true, hasStore: true },
      link: `https://traces.example/${TRACE_ID}?x=${TRACE_ID}`,
      tree: { spans: [{ name: 'post' }] },
    });
  });

  test('says of a trace that was not sampled, of no store and of one that does not answer that they are so', async () => {
    expect(await look(undefined, { flags: '00' })).toMatchObject({
      ...{ isSampled: false, hasStore: false, tree: null, link: null },
    });
    expect(await look({ spansOf: () => Promise.resolve(undefined) })).toMatchObject({
      hasStore: true,
      tree: null,
    });
  });
});

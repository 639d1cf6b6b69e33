// Spans and their contexts: parents, links, sampling, ids.
import { AsyncLocalStorage } from 'node:async_hooks';
import fc from 'fast-check';
import { activeSpan, runInSpan, spanOf, traceparentIn } from '../../../src/telemetry/traces/active-span';
import type { Span } from '../../../src/telemetry/traces/span';
import {
  contextIn,
  isSampledAt,
  newTraceId,
  spanIdFor,
  toTraceparent,
} from '../../../src/telemetry/traces/span-context';
import { createTracer, placeIn } from '../../../src/telemetry/traces/tracer';
import { createTracing, NO_TRACING } from '../../../src/telemetry/traces/tracing';
import { clientIdIn } from '../../../src/exporters/authentication';
import type { Route } from '../../../src/functions/routes/route';
import { traced } from '../../../src/functions/traced-request';
import { createMemoryOrderStore } from '../../support/memory-order-store';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const OTHER = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`;
const TRACEPARENT = `00-${TRACE_ID}-b7ad6b7169203331-01`;

function open(ratio = 1) {
  const spans: Span[] = [];
  const parts = { ratio, nowMs: () => 5, sink: (span: Span) => void spans.push(span) };
  return { spans, tracer: createTracer(parts), parts };
}

const hex = (length: number) =>
  fc
    .array(fc.nat({ max: 15 }), { minLength: length, maxLength: length })
    .map((digits) => digits.map((digit) => digit.toString(16)).join(''))
    .filter((text) => /[^0]/.test(text));

test('a context comes back from its traceparent as it was', () => {
  fc.assert(
    fc.property(hex(32), hex(16), fc.boolean(), (traceId, spanId, isSampled) => {
      const context = { traceId, spanId, isSampled };
      expect(contextIn(toTraceparent(context))).toEqual(context);
    }),
  );
});

test.each([undefined, '', 'x', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`, { traceparent: TRACEPARENT }])(
  '%p is no context',
  (given) => expect(contextIn(given)).toBeUndefined(),
);

test('an id follows from trace and key, and from nothing else', () => {
  expect(spanIdFor(TRACE_ID, 'saga')).toMatch(/^[0-9a-f]{16}$/);
  expect(spanIdFor(TRACE_ID, 'saga')).toBe(spanIdFor(TRACE_ID, 'saga'));
  expect(spanIdFor(TRACE_ID, 'saga start')).not.toBe(spanIdFor(TRACE_ID, 'saga'));
  expect(spanIdFor(newTraceId(), 'saga')).not.toBe(spanIdFor(TRACE_ID, 'saga'));
});

test('of the traces that begin here about as many are sampled as the ratio says; with 0 none, with 1 all', () => {
  const sampled = (ratio: number): number =>
    Array.from({ length: 2_000 }, newTraceId).filter((traceId) => isSampledAt(ratio, traceId)).length;
  expect([sampled(0), sampled(1)]).toEqual([0, 2_000]);
  expect(sampled(0.25)).toBeGreaterThan(300);
  expect(sampled(0.25)).toBeLessThan(700);
});

test('what a request about an order does finds its span as the active one, over awaits, and is below it', async () => {
  const { spans, tracer } = open();
  const start = { name: 'outer', kind: 'server', parent: contextIn(TRACEPARENT) } as const;
  await tracer.within(start, (span) =>
    runInSpan(span, async () => {
      await Promise.resolve();
      expect(activeSpan()).toBe(span);
      await tracer.within({ name: 'inner', kind: 'client', ...placeIn(TRACEPARENT) }, () =>
        Promise.resolve(),
      );
    }),
  );
  expect(activeSpan()).toBeUndefined();
  const [inner, outer] = spans;
  expect(outer?.parentSpanId).toBe('b7ad6b7169203331');
  expect(inner?.parentSpanId).toBe(outer?.context.spanId);
});

test('work for an order stays in the trace of the order: a request in another trace is linked', async () => {
  const { spans, tracer } = open();
  await tracer.within({ name: 'request', kind: 'server', parent: contextIn(OTHER) }, (request) =>
    runInSpan(request, () =>
      tracer.within({ name: 'write', kind: 'client', ...placeIn(TRACEPARENT) }, () => Promise.resolve()),
    ),
  );
  const [write, request] = spans;
  expect(write?.context.traceId).toBe(TRACE_ID);
  expect(write?.links).toEqual([request?.context]);
});

test('active-span.A1: requests about orders are followed until the last of them ends', async () => {
  const { tracer } = open();
  const disable = jest.spyOn(AsyncLocalStorage.prototype, 'disable');
  const within = (work: () => Promise<void>): Promise<void> =>
    tracer.within({ name: 'x', kind: 'server', parent: undefined }, (span) => runInSpan(span, work));
  let end: () => void = () => undefined;
  const first = within(() => new Promise((resolve) => (end = resolve)));
  await within(() => Promise.resolve());
  expect(disable).not.toHaveBeenCalled();
  end();
  await first;
  expect(disable).toHaveBeenCalledTimes(1);
});

test('a request that places an order is not followed over its awaits; its span is found by its invocation', async () => {
  const { parts } = open();
  const seen: unknown[] = [];
  const handle = (_: unknown, context: object): Promise<object> => {
    seen.push(activeSpan() !== undefined, traceparentIn(spanOf(context), OTHER) === OTHER);
    return Promise.resolve({});
  };
  for (const name of ['CreateOrder', 'CancelOrder']) {
    const route = { name, method: 'POST', path: 'orders' } as Route;
    await traced(
      route,
      createTracing(parts),
      handle,
    )({ headers: new Headers(), params: {} } as never, {} as never);
  }
  expect(seen).toEqual([false, false, true, false]);
});

test('what is thrown marks the span with its code and not its message, and is thrown on', async () => {
  const { spans, tracer } = open();
  const error = Object.assign(new Error('card 4111'), { code: 'STORE_UNAVAILABLE' });
  const failing = tracer.within({ name: 'x', kind: 'client', parent: undefined }, () =>
    Promise.reject(error),
  );
  await expect(failing).rejects.toBe(error);
  expect(spans[0]?.error).toBe('STORE_UNAVAILABLE');
});

test('without a sampled parent nothing is recorded, and the context says so to whoever is called', async () => {
  const { spans, tracer } = open(0);
  await tracer.within({ name: 'x', kind: 'server', parent: undefined }, ({ context }) => {
    expect(toTraceparent(context)).toMatch(/-00$/);
    return Promise.resolve();
  });
  expect(spans).toEqual([]);
});

test('where the platform has a span of its own for an arrival, ours is within it and no second request', async () => {
  const { spans, parts } = open();
  const tracing = createTracing(parts);
  const arrival = { name: 'POST', kind: 'server', traceparent: TRACEPARENT, attributes: {} } as const;
  const ending = () => ({ attributes: { 'http.response.status_code': 500 }, error: '500' });
  const done = (): Promise<void> => Promise.resolve();
  await tracing.arrival({ ...arrival, platformTraceparent: OTHER }, done, ending);
  await tracing.arrival({ ...arrival, platformTraceparent: '' }, done, ending);
  expect(spans.map(({ kind, parentSpanId, error }) => [kind, parentSpanId, error])).toEqual([
    ['internal', '2222222222222222', '500'],
    ['server', 'b7ad6b7169203331', '500'],
  ]);
});

test('without an exporter every seam is what it was', () => {
  const orders = createMemoryOrderStore();
  expect(NO_TRACING.orders(orders)).toBe(orders);
  const service = { charge: () => Promise.resolve() };
  expect(NO_TRACING.service('payment', service)).toBe(service);
  expect(NO_TRACING.activities(service)).toBe(service);
  const handle = () => Promise.resolve({});
  const route = { method: 'POST', path: 'orders' } as Route;
  expect(traced(route, NO_TRACING, handle)).toBe(handle);
});

test.each([
  ['', undefined],
  ['InstrumentationKey=1', undefined],
  ['Authorization=AAD', {}],
  ['ClientId=abc;Authorization=AAD', { managedIdentityClientId: 'abc' }],
])('the authentication string %p means %p', (text, expected) => {
  expect(clientIdIn(text)).toEqual(expected);
});

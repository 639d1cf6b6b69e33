// The active span as SDKs find it through OpenTelemetry's API.
import { context, propagation } from '@opentelemetry/api';
import { activate } from '../../../src/exporters/activate';
import { handOnActiveSpan } from '../../../src/exporters/hand-on';

const SPAN = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', isSampled: true };

/** As the durable client asks, for the headers of its request. */
function headersNow(): object {
  const headers = {};
  propagation.inject(context.active(), headers);
  return headers;
}

beforeAll(handOnActiveSpan);

test('what is called in a span sends its traceparent on', () => {
  expect(activate(SPAN, headersNow)).toEqual({ traceparent: `00-${SPAN.traceId}-${SPAN.spanId}-01` });
  expect(activate({ ...SPAN, isSampled: false }, headersNow)).toEqual({
    traceparent: `00-${SPAN.traceId}-${SPAN.spanId}-00`,
  });
});

test('after the call there is no active span, also when it threw', () => {
  expect(() =>
    activate(SPAN, () => {
      throw new Error('refused');
    }),
  ).toThrow('refused');
  expect(headersNow()).toEqual({});
});

import { aboutOrder, traceIdIn } from '../../../src/ports/log';
import { invocationLog } from '../../../src/telemetry/invocation-log';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const traceparent = `00-${TRACE}-b7ad6b7169203331-01`;

/** The line as it comes out. */
function written(
  fields: Parameters<ReturnType<typeof invocationLog>['info']>[1],
  ofInvocation = '',
): unknown {
  const lines: string[] = [];
  const info = (line: string): void => void lines.push(line);
  const traceContext = { traceParent: ofInvocation };
  invocationLog({ info, warn: info, error: info, traceContext }).info('saga step', fields);
  return JSON.parse(lines.join());
}

test('a line about an order is one JSON object with order, correlation and the trace id of its request', () => {
  const order = { orderId: 'o-1', correlationId: 'c-1', traceparent };
  expect(
    written({ ...aboutOrder(order), step: 'ProcessPayment' }, traceparent.replace('0af', '1bf')),
  ).toEqual({
    ...{ event: 'saga step', orderId: 'o-1', correlationId: 'c-1', step: 'ProcessPayment' },
    traceId: TRACE,
  });
});

test('a line about no order has the trace id of its invocation, and none where there is none', () => {
  expect(written({ count: 1 }, traceparent)).toEqual({ event: 'saga step', count: 1, traceId: TRACE });
  expect(written({ count: 1 })).toEqual({ event: 'saga step', count: 1 });
  expect(traceIdIn('not a trace')).toBeUndefined();
});

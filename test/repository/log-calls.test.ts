// Tests for the finder of the log lines that source code writes.
import { logCallsIn } from '../support/log-calls';

const found = (text: string): Record<string, string[]> =>
  Object.fromEntries([...logCallsIn(text)].map(([event, fields]) => [event, [...fields]]));

describe('log calls', () => {
  test('are found with their fields, those of spread constants and functions too', () => {
    expect(
      found(`
        const told = { orderId, status: 'x' };
        log.info('a', { ...told, count: 1 });
        ports.log.error('b', about(input));
        log[failed ? 'warn' : 'info']('c', { ...(failed ? { why } : {}), ok });
        invocationLog(context).info(isOne ? 'd' : 'e', { f });
        function about(input) { const { orderId } = input; return { orderId, step: 1 }; }
      `),
    ).toEqual({
      a: ['orderId', 'status', 'count'],
      b: ['orderId', 'step'],
      c: ['why', 'ok'],
      d: ['f'],
      e: ['f'],
    });
  });

  test('are none where something else is called', () => {
    expect(found(`console.info('a', {}); catalog.info('b', {}); log.info(name, {})`)).toEqual({});
  });
});

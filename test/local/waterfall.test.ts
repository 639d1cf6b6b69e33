// The drawing of traces: a tree in which each span has its bar on the time of the trace.
import type { StoredSpan } from 'azure-local/telemetry/otlp-spans';
import { waterfall } from '../../local/trace/waterfall';

const span = (spanId: string, parentSpanId: string | null, more: Partial<StoredSpan> = {}): StoredSpan => ({
  ...{ traceId: 't1', spanId, parentSpanId, service: 'order-saga', name: spanId, kind: 'internal' },
  ...{ startMs: 1_000, endMs: 1_040, attributes: {}, error: null, links: [] },
  ...more,
});

test('children stand below their parent by their beginning, with attempt, outcome or error, bar and duration', () => {
  const lines = waterfall([
    span('late', 'root', {
      startMs: 1_030,
      endMs: 1_040,
      error: 'NO_ANSWER',
      attributes: { attempt: 2, outcome: 'unknown' },
    }),
    span('early', 'root', { endMs: 1_020, attributes: { attempt: 1, outcome: 'done' } }),
    span('root', 'caller'),
  ]).split('\n');
  expect(lines.map((line) => line.replaceAll(/ +/g, ' '))).toEqual([
    'trace t1: 3 spans, 40 ms',
    `root |${'█'.repeat(40)}| 40 ms`,
    ` early (done) |${'█'.repeat(20)} | 20 ms`,
    ` late #2 (! NO_ANSWER) | ${'█'.repeat(10)}| 10 ms`,
  ]);
  expect(new Set(lines.slice(1).map((line) => line.indexOf('|'))).size).toBe(1);
});

test('two traces are two blocks, and spans that are each other’s parents are drawn once', () => {
  const spans = [span('a', 'b'), span('b', 'a'), span('c', null, { traceId: 't2' })];
  const [first = '', second = ''] = waterfall(spans).split('\n\n');
  expect(first.split('\n').map((line) => line.split('|')[0]?.trimEnd())).toEqual([
    'trace t1: 2 spans, 40 ms',
    'a',
    '  b',
  ]);
  expect(second).toContain('c ');
});

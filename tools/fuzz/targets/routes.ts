// Target: the other routes of the app, and what is beside them on its port: ids, paths, query strings, methods, the
// operators' bodies. Existing orders are read, never cancelled, so that the comparison at the end stays simple.
import fc from 'fast-check';
import { byteEdits } from '../input/byte-edits';
import { oddHeaders, oddQuery } from '../input/headers';
import { createTarget, type Target } from '../run/target';
import { makesHostFail, judgeExchange } from '../wire/app-answer';
import { bytesOf, shownBytes, type HttpInput } from '../wire/http-input';
import { exchange } from '../wire/raw-http';

/** Stands for an order that is there; replaced when the input is sent (fuzz-target.F1). */
const SOME_ORDER = '-an-order-';
const NO_ORDER = '00000000-0000-4000-8000-000000000000';

const segment = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      SOME_ORDER,
      NO_ORDER,
      'nobody',
      'steady',
      '%00',
      '..',
      '%2e%2e',
      '..%2F..%2Fetc',
      '%E0%A4%A',
      '%ff',
      '%ED%A0%80',
      "'%20OR%201=1",
      '%F0%9F%A6%84',
      'x'.repeat(2_000),
      'x'.repeat(9_000),
      '__proto__',
      'constructor',
      'customer',
      '*',
      '{id}',
      '%7Bid%7D',
      '',
    ),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 20, unit: 'binary' }).map(encodeURIComponent) },
);

const time = ['2026-01-01T00:00:00Z', '2026-01-01', '9999-12-31T23:59:59Z', '0000-01-01T00:00:00Z', 'now'];
const list = oddQuery(
  ['page', 'cursor', 'limit', 'status', 'from', 'to', 'minVersion'],
  [...time, '1', '0', '100', '101', '10001', 'completed', 'Completed', `${NO_ORDER}:0`, '1e2', ' 5', '0x10'],
);
const history = oddQuery(
  ['asOf', 'after', 'cursor', 'limit'],
  [...time, '1', '0', '-1', '1000', '1001', '1e2'],
);
const days = oddQuery(['from', 'to'], [...time, '2026-02-30', '2024-02-29', '1900-01-01']);

interface Call {
  readonly method: string;
  readonly target: string;
  readonly body?: string;
}

const get = (path: (id: string) => string, query: fc.Arbitrary<string>): fc.Arbitrary<Call> =>
  fc.tuple(segment, query).map(([id, asked]) => ({ method: 'GET', target: `${path(id)}${asked}` }));

const replayBodies = fc.oneof(
  fc.constantFrom(
    '{}',
    '',
    '{',
    '[]',
    '{"dryRun":true}',
    '{"dryRun":1}',
    '{"type":"OrderCreated","dryRun":true}',
  ),
  fc
    .record({
      type: fc.constantFrom('OrderCreated', '__proto__', 'constructor', '', 1),
      from: fc.constantFrom(...time, 1),
    })
    .map((body) => JSON.stringify({ ...body, dryRun: true })),
);

const calls: fc.Arbitrary<Call> = fc.oneof(
  get((id) => `/api/orders/${id}`, history),
  get((id) => `/api/orders/${id}/events`, history),
  get((id) => `/api/orders/${id}/saga`, history),
  get((id) => `/api/orders/customer/${id}`, list),
  get((id) => `/api/schemas/${id}`, fc.constant('')),
  get(() => '/api/analytics/daily', days),
  get(() => '/api/health', days),
  get((id) => `/${id}`, list),
  segment.map((id) => ({
    method: 'POST',
    target: `/api/orders/${id === SOME_ORDER ? NO_ORDER : id}/cancel`,
    body: '',
  })),
  replayBodies.map((body) => ({ method: 'POST', target: '/api/ops/replay', body })),
  segment.map((id) => ({ method: 'POST', target: `/api/ops/projections/${id}/rebuild`, body: '' })),
  fc
    .tuple(
      fc.constantFrom('PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY', 'get', 'PROPFIND'),
      segment,
    )
    .map(([method, id]) => ({ method, target: `/api/orders/${id}` })),
  segment.map((id) => ({ method: 'GET', target: `/admin/functions/${id}` })),
  segment.map((id) => ({ method: 'GET', target: `/admin/host/${id}` })),
  fc
    .constantFrom(
      '*',
      'http://example.com/api/orders',
      'http://[',
      '//',
      '/\\api',
      '/api//orders',
      '/api/orders/../health',
    )
    .map((target) => ({ method: 'GET', target })),
);

const OPERATOR = /operator token: (\S+)/;

/** `orderIds` gives orders that are there; `output` what the system has written, the operator token with it. */
export function routesTarget(api: string, orderIds: () => readonly string[], output: () => string): Target {
  const [, token = ''] = OPERATOR.exec(output()) ?? [];
  const inputs: fc.Arbitrary<HttpInput> = fc
    .record({
      call: calls,
      headers: oddHeaders,
      isOperator: fc.boolean(),
      bodyEdits: byteEdits(true),
      wireEdits: byteEdits(true),
    })
    .map(({ call: { method, target, body = '' }, headers, isOperator, ...edits }) => ({
      ...edits,
      method,
      target,
      headers: [
        ...(method === 'POST' ? [['Content-Type', 'application/json'] as const] : []),
        ...(isOperator && method === 'POST' ? [['Authorization', `Bearer ${token}`] as const] : []),
        ...headers,
      ],
      body,
    }));
  const bytesNow = (input: HttpInput): Buffer => {
    const ids = orderIds();
    const id = ids[Math.floor(ids.length / 2)] ?? NO_ORDER;
    return bytesOf({ ...input, target: input.target.replaceAll(SOME_ORDER, id) }, api);
  };
  return createTarget<HttpInput>({
    name: 'routes',
    share: 15,
    inputs,
    show: (input) => shownBytes(bytesNow(input)),
    async send(input) {
      const bytes = bytesNow(input);
      const exchanged = await exchange(api, bytes);
      return makesHostFail(bytes) ? undefined : judgeExchange(exchanged, () => undefined);
    },
  });
}

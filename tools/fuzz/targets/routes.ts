// Target: the routes of the app but CreateOrder, and for what is beside them on its port: ids, paths, query strings,
// methods, the operators' bodies. The routes come from the route table.
import fc from 'fast-check';
import { ROUTES } from '../../../src/functions/routes/routes';
import { byteEdits } from '../input/byte-edits';
import { oddHeaders } from '../input/headers';
import { NO_ORDER, queryOf, routeCalls, segment, SOME_ORDER, type Call } from '../input/route-calls';
import { createTarget, type Target } from '../run/target';
import { makesHostFail, judgeExchange } from '../wire/app-answer';
import { bytesOf, shownBytes, type HttpInput } from '../wire/http-input';
import { exchange } from '../wire/raw-http';

const get = (target: fc.Arbitrary<string>): fc.Arbitrary<Call> =>
  target.map((asked) => ({ method: 'GET', target: asked, body: '' }));

/** What no route of the table leads to. */
const others: fc.Arbitrary<Call> = fc.oneof(
  get(fc.tuple(segment, queryOf(ROUTES.GetOrdersByCustomer)).map(([path, query]) => `/${path}${query}`)),
  get(segment.map((name) => `/admin/functions/${name}`)),
  get(segment.map((name) => `/admin/host/${name}`)),
  get(
    fc.constantFrom(
      '*',
      'http://example.com/api/orders',
      'http://[',
      '//',
      '/\\api',
      '/api//orders',
      '/api/orders/../health',
    ),
  ),
  fc
    .tuple(
      fc.constantFrom('PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY', 'get', 'PROPFIND'),
      segment,
    )
    .map(([method, id]) => ({ method, target: `/api/orders/${id}`, body: '' })),
);

const calls = fc.oneof({ weight: 3, arbitrary: routeCalls }, { weight: 1, arbitrary: others });

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
    .map(({ call: { method, target, body }, headers, isOperator, ...edits }) => ({
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

// Target: the durable management API with every verb, filter and body. Instances of orders are only read; commands go
// to instances that this target started itself, because a terminated saga would be missed at the end.
import fc from 'fast-check';
import { byteEdits } from '../input/byte-edits';
import { oddHeaders, oddQuery } from '../input/headers';
import { noteTaken, OWN_INSTANCES, type Tally } from '../run/tally';
import { createTarget, type Target, type FailureReason } from '../run/target';
import { bytesOf, shownBytes, type HttpInput } from '../wire/http-input';
import { exchange, type Exchanged } from '../wire/raw-http';

const MOUNT = '/runtime/webhooks/durabletask';
/** No order id begins so: what is told to these instances, or purged by this prefix, is nobody's order. */
const OWN = OWN_INSTANCES;

const ownId = fc.oneof(
  fc.constantFrom(
    `${OWN}1`,
    `${OWN}2`,
    `${OWN}%F0%9F%A6%84`,
    `${OWN}%00`,
    `${OWN}%2F`,
    `${OWN}%zz`,
    `${OWN}${'x'.repeat(300)}`,
  ),
  fc.string({ maxLength: 12, unit: 'binary' }).map((text) => `${OWN}${encodeURIComponent(text)}`),
);
const anyId = fc.oneof(ownId, fc.constantFrom('', '%', '..', '%2e', '@counter@1', '__proto__', 'x/y'));

const VALUES = [
  '2026-01-01T00:00:00Z',
  '2126-01-01',
  'x',
  '0',
  '1',
  '-1',
  '1e9',
  '0.01',
  'true',
  'TRUE',
  'Completed',
  'Completd',
  '1,3',
  'Running,Failed',
];
const query = oddQuery(
  [
    'runtimeStatus',
    'createdTimeFrom',
    'createdTimeTo',
    'top',
    'showInput',
    'showHistory',
    'showHistoryOutput',
    'reason',
    'version',
    'returnInternalServerErrorOnFailure',
    'taskHub',
    'connection',
    'instanceIdPrefix',
    'timeout',
  ],
  VALUES,
);

const bodies = fc.oneof(
  fc.constantFrom(
    '',
    '{}',
    '[]',
    'null',
    '"x"',
    '{',
    '1e999',
    '\u0000',
    '['.repeat(5_000) + ']'.repeat(5_000),
    `"${'x'.repeat(200_000)}"`,
  ),
  fc.json({ maxDepth: 3 }),
);

interface Call {
  readonly method: string;
  readonly target: string;
}

const verbs = fc.constantFrom('GET', 'POST', 'DELETE', 'PUT', 'PATCH', 'HEAD', 'OPTIONS');
const tell = fc
  .tuple(
    ownId,
    fc.constantFrom(
      'terminate',
      'suspend',
      'resume',
      'rewind',
      'restart',
      'raiseEvent/x',
      'raiseEvent/%00',
      'raiseEvent',
      'raiseEvent/a/b',
      'toString',
      'SUSPEND',
    ),
    query,
  )
  .map(([id, what, asked]): Call => ({ method: 'POST', target: `${MOUNT}/instances/${id}/${what}${asked}` }));
/** Starting the saga itself with any input would start something that looks like an order; nobody is registered by these. */
const start = fc
  .tuple(
    fc.constantFrom('Nobody', 'toString', '__proto__', 'ReserveInventory', '%zz', 'No%00body'),
    ownId,
    query,
  )
  .map(([name, id, asked]): Call => ({
    method: 'POST',
    target: `${MOUNT}/orchestrators/${name}/${id}${asked}`,
  }));
const look = fc
  .tuple(
    fc.constantFrom('instances', 'INSTANCES', 'entities', 'orchestrators', 'instances/', 'rpc/instances', ''),
    anyId,
    query,
  )
  .map(([collection, id, asked]): Call => ({
    method: 'GET',
    target: `${MOUNT}/${collection}${id === '' ? '' : `/${id}`}${asked}`,
  }));
/** `instanceIdPrefix` comes first and is the one that counts. */
const purge = query.map((asked): Call => ({
  method: 'DELETE',
  target: `${MOUNT}/instances?instanceIdPrefix=${OWN}&${asked.slice(1)}`,
}));
const purgeOne = fc
  .tuple(ownId, query)
  .map(([id, asked]): Call => ({ method: 'DELETE', target: `${MOUNT}/instances/${id}${asked}` }));
const odd = fc
  .tuple(verbs, anyId, query)
  .map(([method, id, asked]): Call => ({ method, target: `${MOUNT}/entities/${id}${asked}` }));

const inputs: fc.Arbitrary<HttpInput> = fc
  .record({
    call: fc.oneof(start, tell, look, purge, purgeOne, odd),
    type: fc.constantFrom(
      'application/json',
      'application/json; charset=utf-8',
      'text/plain',
      'application/x-www-form-urlencoded',
      '',
    ),
    token: fc.oneof(
      { weight: 5, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constantFrom('', 'x', 'YWZ0ZXI6', 'YWZ0ZXI6Zg==', '////') },
    ),
    more: oddHeaders,
    body: bodies,
    bodyEdits: byteEdits(true),
  })
  .map(({ call, type, token, more, body, bodyEdits }) => ({
    ...call,
    headers: [
      ['Content-Type', type] as const,
      ...(token === undefined ? [] : [['x-ms-continuation-token', token] as const]),
      ...more,
    ],
    body: call.method === 'GET' || call.method === 'HEAD' ? '' : body,
    bodyEdits,
    // A damaged request line could be a purge of everything.
    wireEdits: [],
  }));

/** The target; what it is answered with a 202 goes into `tally`. */
export function managementTarget(api: string, tally: Tally): Target {
  return createTarget<HttpInput>({
    name: 'management',
    share: 12,
    inputs,
    show: (input) => shownBytes(bytesOf(input, api)),
    send: async (input) => judge(input, await exchange(api, bytesOf(input, api)), tally),
  });
}

/** As recorded: these two are answered with 500 on the platform, though the caller is to blame. */
const RECORDED_500 = /because instance is in the \w+ state|Unable to resolve the Azure Storage connection/;

function judge({ method, target }: HttpInput, exchanged: Exchanged, tally: Tally): FailureReason {
  if (exchanged.kind === 'unfinished') return undefined;
  if (exchanged.kind !== 'answer') return `${method} got no answer (${exchanged.kind})`;
  const { status, body } = exchanged.answer;
  if (status === 202) noteTaken(tally, 'management');
  const asked = target.toLowerCase().includes('returninternalservererroronfailure=true');
  if (status === 501 && method !== 'HEAD' && !/not simulated/.test(body)) return `501 names nothing: ${body}`;
  if (status < 500 || status === 501 || RECORDED_500.test(body) || asked || method === 'HEAD')
    return undefined;
  return `The management API answered ${status} ${body.slice(0, 300)}`;
}

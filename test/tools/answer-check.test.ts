// The check that every answer of a scenario goes through: what is not as documented is found and named.
import { openApiDocument } from '../../src/functions/openapi/document';
import { anOrderWithDetails, anOrderInAList } from '../../src/functions/routes/order-examples';
import { createAnswerCheck } from '../support/answer-check';

const check = createAnswerCheck(JSON.parse(JSON.stringify(openApiDocument())));

interface Given {
  readonly method?: string;
  readonly path?: string;
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

const said = ({
  method = 'GET',
  path = '/api/orders/o-1',
  status = 200,
  headers,
  body = anOrderWithDetails,
}: Given) =>
  check({
    method,
    url: `http://127.0.0.1${path}`,
    status,
    headers: new Headers({ 'content-type': 'application/json', 'x-correlation-id': 'c', ...headers }),
    body: JSON.stringify(body),
  });

const problem = (code: string, status: number): Given => ({
  status,
  headers: { 'content-type': 'application/problem+json' },
  body: { type: 't', title: 't', status, code, detail: 'd', correlationId: 'c' },
});

test.each<[string, Given]>([
  ['an order', {}],
  ['an order by a version of the API', { path: '/api/v1/orders/o-1?asOf=x' }],
  [
    'a list, which the path of an order would fit too',
    { path: '/api/orders/customer/c', body: [anOrderInAList] },
  ],
  ['a problem with a code that the route has', problem('NOT_FOUND', 404)],
])('%s is as documented', (_, given) => {
  expect(said(given)).toBeUndefined();
});

test('an answer of the host alone, which has no correlation id, is not in the document', () => {
  const answer = { method: 'GET', url: 'http://127.0.0.1/api/x', headers: new Headers(), body: '' };
  expect(check({ ...answer, status: 404 })).toBeUndefined();
});

test.each<[string, Given, string]>([
  [
    'a field more',
    { body: { ...anOrderWithDetails, note: 'x' } },
    'body must NOT have additional properties',
  ],
  [
    'a field of another type',
    { body: { ...anOrderWithDetails, version: '7' } },
    'body/version must be integer',
  ],
  [
    'a field less',
    { body: { ...anOrderWithDetails, items: undefined } },
    "body must have required property 'items'",
  ],
  ['another status', { status: 201 }, 'the document has no such status'],
  ['a failure', problem('INTERNAL_ERROR', 500), 'the document has no such status'],
  ['another route', { path: '/api/orders/o-1/returns' }, 'the document has no such route'],
  ['another method', { method: 'POST' }, 'the document has no such route'],
  ['another type', { headers: { 'content-type': 'text/html' } }, 'the document has no such content type'],
  ['a header more', { headers: { 'retry-after': '1' } }, 'the document has no header retry-after'],
  ['a code of other routes', problem('CANNOT_CANCEL', 404), 'the document has no code CANNOT_CANCEL here'],
])('%s is not as documented', (_, given, fault) => {
  expect(said(given)).toContain(fault);
});

test('a 500 of the host is never as documented', () => {
  const answer = {
    method: 'GET',
    url: 'http://127.0.0.1/api/x',
    status: 500,
    headers: new Headers(),
    body: '',
  };
  expect(check(answer)).toContain('a 500 of the host');
});

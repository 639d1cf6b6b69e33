// Requests made to break a route, against every route of the table: bombs of JSON, bodies over the limit, headers with more
// in them than a value. None is a 500, none is taken, and every answer has the security headers.
import { HttpRequest, InvocationContext, type HttpResponseInit } from '@azure/functions';
import { callOf } from '../../../src/functions/call';
import { endpoint } from '../../../src/functions/http';
import { routeList } from '../../../src/functions/routes/routes';
import type { Answer, Route } from '../../../src/functions/routes/route';
import { API_HEADERS } from '../../../src/functions/answer-headers';

const NOBODY = { caller: undefined, scope: undefined, operator: undefined };
const ID = '00000000-0000-4000-8000-000000000000';
const PARAMS = { id: ID, interventionId: `${ID}.1`, number: '1', customerId: 'c-1', name: 'x' };

async function answerOf(
  route: Route,
  body: string | undefined,
  headers: Record<string, string> = {},
): Promise<HttpResponseInit> {
  const request = new HttpRequest({
    method: route.method,
    url: `http://127.0.0.1/api/${route.path}`,
    params: PARAMS,
    ...(body === undefined ? {} : { body: { string: body } }),
    headers: { 'content-type': 'application/json', ...headers },
  });
  const context = new InvocationContext({ logHandler: () => undefined });
  const taken: Answer = { status: 202, jsonBody: {} };
  return endpoint((exchange) => callOf(route, exchange, NOBODY).then(() => taken))(request, context);
}

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
const within = (depth: number): string => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);

const BOMBS: readonly (readonly [string, string])[] = [
  ['arrays in arrays', nested(20_000)],
  ['objects in objects', within(8_000)],
  ['arrays in a known field', `{"items":${nested(20_000)},"reason":${nested(5_000)}}`],
  ['objects in a list', `{"items":[${within(8_000)}]}`],
  ['a number without end', `{"items":${'9'.repeat(50_000)}}`],
  ['thousands of unknown fields', `{${Array.from({ length: 5_000 }, (_, i) => `"f${i}":1`).join()}}`],
  ['__proto__', '{"__proto__":{"roles":["operator"]},"constructor":{"prototype":{}}}'],
];

const withBody = routeList.filter(({ body }) => body !== undefined);

describe.each(withBody.map((route): [string, Route] => [`${route.method} ${route.path}`, route]))(
  '%s',
  (_, route) => {
    test.each(BOMBS)('refuses %s with a 400', async (_title, body) => {
      const answer = await answerOf(route, body);
      expect([answer.status, answer.headers]).toEqual([400, expect.objectContaining(API_HEADERS)]);
      expect((answer.body as string).length).toBeLessThan(32_000);
    });

    test('refuses what is packed, and what is over its limit', async () => {
      expect((await answerOf(route, '{}', { 'content-encoding': 'gzip' })).status).toBe(415);
      const tooMuch = JSON.stringify(' '.repeat(route.body?.maxBytes ?? 64_000));
      expect((await answerOf(route, tooMuch)).status).toBe(413);
    });
  },
);

test('only what is stored whole has a limit above 64 kB', () => {
  const large = withBody.filter(({ body }) => body?.maxBytes !== undefined).map(({ name }) => name);
  expect(large.sort()).toEqual(['CreateOrder', 'RecordInspection', 'RequestReturn']);
});

test('nothing of a prototype reaches an object of the app', async () => {
  const [, body] = BOMBS.at(-1) ?? ['', ''];
  await Promise.all(withBody.map((route) => answerOf(route, body)));
  expect(({} as { readonly roles?: unknown }).roles).toBeUndefined();
});

test.each(['a\u0000b', 'ä', 'x'.repeat(129), '\u2028'])(
  'a correlation id of %j is replaced, so that no header and no line of the log is made by a client',
  async (given) => {
    const [route] = routeList as readonly [Route];
    const request = {
      ...{ method: 'GET', url: 'http://127.0.0.1/api/x', params: {} },
      headers: { get: (name: string) => (name === 'x-correlation-id' ? given : null) },
    } as unknown as HttpRequest;
    const context = new InvocationContext({ logHandler: () => undefined });
    const handler = endpoint(() => Promise.resolve({ status: 200, jsonBody: { route: route.name } }));
    const { headers } = await handler(request, context);
    expect((headers as Record<string, string>)['X-Correlation-Id']).toMatch(/^[0-9a-f-]{36}$/);
  },
);

test.each(['CR\r\nSet-Cookie: a=b', 'LF\nX: y'])('a header value of %j is none', (value) => {
  expect(() => new HttpRequest({ method: 'GET', url: 'http://x/', headers: { 'x-a': value } })).toThrow(
    /invalid/i,
  );
});

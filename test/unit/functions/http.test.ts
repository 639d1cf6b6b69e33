// What an endpoint answers when something behind it is away or broken.
import { HttpRequest, InvocationContext } from '@azure/functions';
import { TransientError } from '../../../src/errors';
import { endpoint, jsonBody } from '../../../src/functions/http';

async function answerTo(
  error: Error,
): Promise<{ status: number | undefined; headers: unknown; body: unknown }> {
  const context = new InvocationContext({ logHandler: () => undefined });
  const request = new HttpRequest({
    method: 'GET',
    url: 'http://127.0.0.1/api/orders',
    headers: { 'x-correlation-id': 'c-1' },
  });
  const { status, headers, body } = await endpoint(() => Promise.reject(error))(request, context);
  return { status, headers, body: JSON.parse(body as string) as unknown };
}

test.each(['STORE_UNAVAILABLE', 'TASK_HUB_UNAVAILABLE'] as const)(
  '%s is a 503 that says when to ask again',
  async (code) => {
    const answer = await answerTo(
      new TransientError(code, 'secret detail', { outage: true, retryAfterMs: 1_500 }),
    );
    expect(answer).toMatchObject({
      status: 503,
      headers: { 'Retry-After': '2', 'X-Correlation-Id': 'c-1', 'Content-Type': 'application/problem+json' },
      body: { code, correlationId: 'c-1' },
    });
    expect(JSON.stringify(answer)).not.toContain('secret detail');
  },
);

test('a transient error is told by its own code where that is one of the API, else as the store’s', async () => {
  expect(await answerTo(new TransientError('FEED_HELD', 'held'))).toMatchObject({
    status: 409,
    body: { code: 'FEED_HELD' },
  });
  for (const code of ['STEP_TIMED_OUT', 'ECHO_CONTENDED'] as const) {
    expect(await answerTo(new TransientError(code, 'x'))).toMatchObject({
      status: 503,
      body: { code: 'STORE_UNAVAILABLE' },
    });
  }
});

test('a bug is a 500 with its correlation id and nothing of its text', async () => {
  const answer = await answerTo(new Error('secret detail'));
  expect(answer).toMatchObject({ status: 500, body: { code: 'INTERNAL_ERROR', correlationId: 'c-1' } });
  expect(JSON.stringify(answer)).not.toContain('secret detail');
});

describe('a body', () => {
  const post = async (headers: Record<string, string>): Promise<unknown> => {
    const request = new HttpRequest({
      method: 'POST',
      url: 'http://127.0.0.1/api/orders',
      body: { string: '{"a":1}' },
      headers,
    });
    const context = new InvocationContext({ logHandler: () => undefined });
    const answer = await endpoint(async () => ({ jsonBody: await jsonBody(request) }))(request, context);
    if (answer.jsonBody !== undefined) return answer.jsonBody;
    const { code, detail } = JSON.parse(answer.body as string) as Record<string, unknown>;
    const { 'Accept-Encoding': accepted } = answer.headers as Record<string, unknown>;
    return { status: answer.status, code, detail, accepted };
  };
  const json = { 'content-type': 'application/json' };

  test.each<[string, Record<string, string>]>([
    ['alone', json],
    ['with the encoding identity', { ...json, 'content-encoding': 'identity' }],
    ['with an empty encoding', { ...json, 'content-encoding': '' }],
    ['with utf-8', { 'content-type': 'Application/JSON; charset="UTF-8"' }],
    ['with another parameter', { 'content-type': 'application/json; profile=x' }],
  ])('of application/json %s is taken', async (_, headers) => {
    expect(await post(headers)).toEqual({ a: 1 });
  });

  test.each(['gzip', 'br', 'gzip, br'])(
    'with the content encoding %s is a 415 that names it',
    async (name) => {
      expect(await post({ ...json, 'content-encoding': name })).toEqual({
        status: 415,
        code: 'UNSUPPORTED_MEDIA_TYPE',
        detail: `The body has the content encoding ${name}; send it without one`,
        accepted: 'identity',
      });
    },
  );

  test('in another charset is a 415 that names it', async () => {
    expect(await post({ 'content-type': 'application/json; charset=utf-16le' })).toMatchObject({
      status: 415,
      detail: 'The body has the charset utf-16le; send it in utf-8',
      accepted: undefined,
    });
  });
});

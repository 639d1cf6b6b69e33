// The receiver of traces: what OTLP/HTTP JSON brings is given back by an attribute, bounded, and kept over restarts.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Journal } from '../../src/storage/journal';
import type { StoredSpan } from '../../src/telemetry/otlp-spans';
import { createTelemetryServer } from '../../src/telemetry/server';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const STORED = `SELECT (SELECT COUNT(*) FROM telemetry_requests) AS rows, page_count * page_size AS bytes
  FROM pragma_page_count(), pragma_page_size()`;

interface Receiver {
  post(body: unknown, headers?: Record<string, string>, where?: string): Promise<Response>;
  spans(value: string, attribute?: string): Promise<readonly StoredSpan[]>;
  get(where: string): Promise<Response>;
  /** What the database holds. */
  stored(): { readonly rows: number; readonly bytes: number };
  close(): Promise<void>;
}

async function open(folder: string, spanBytesAtMost?: number): Promise<Receiver> {
  const journal = new Journal(path.join(folder, 'data.db'));
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const server = createTelemetryServer({
    journal,
    log,
    ...(spanBytesAtMost === undefined ? {} : { spanBytesAtMost }),
  });
  const url = await server.listen(0);
  const close = async (): Promise<void> => {
    await server.close();
    await journal.close();
  };
  closers.push(close);
  const get = (where: string): Promise<Response> => fetch(url + where);
  return {
    post: (body, headers = {}, where = '/v1/traces') =>
      fetch(url + where, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    async spans(value, attribute = 'order.id') {
      const answer = await get(`/control/spans?attribute=${attribute}&value=${value}`);
      return ((await answer.json()) as { spans: StoredSpan[] }).spans;
    },
    get,
    stored: () => journal.statement(STORED).get<{ rows: number; bytes: number }>() ?? { rows: 0, bytes: 0 },
    close,
  };
}

function newFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'telemetry-'));
  closers.push(() => rmSync(folder, { recursive: true }));
  return folder;
}

const span = (number: number, more: object = {}): object => ({
  traceId: TRACE,
  spanId: String(number).padStart(16, '0'),
  name: `span ${number}`,
  kind: 2,
  startTimeUnixNano: `17000000000002500${String(number).padStart(2, '0')}`,
  endTimeUnixNano: '1700000000001000000',
  ...more,
});
const attribute = (key: string, value: object): object => ({ key, value });
const ORDER = { attributes: [attribute('order.id', { stringValue: 'o1' })] };

const request = (...spans: object[]): object => ({
  resourceSpans: [
    {
      resource: { attributes: [attribute('service.name', { stringValue: 'shop' })] },
      scopeSpans: [{ spans }],
    },
  ],
});

test('a span comes back with its times, kind, attributes, error and links, with all others of its trace', async () => {
  const receiver = await open(newFolder());
  const whole = {
    parentSpanId: '00000000000000aa',
    attributes: [
      attribute('order.id', { stringValue: 'o1' }),
      attribute('attempt', { intValue: '2' }),
      attribute('ratio', { doubleValue: 0.5 }),
      attribute('cold', { boolValue: true }),
      attribute('list', { arrayValue: {} }),
    ],
    status: { code: 2, message: 'PAYMENT_FAILED' },
    links: [{ traceId: '1'.repeat(32), spanId: '2'.repeat(16) }],
  };
  const answer = await receiver.post(request(span(1, whole), span(2)));
  expect([answer.status, await answer.json()]).toEqual([200, { partialSuccess: {} }]);
  const [first, second] = await receiver.spans('o1');
  expect(first).toEqual({
    ...{ traceId: TRACE, spanId: '0000000000000001', parentSpanId: '00000000000000aa', service: 'shop' },
    ...{ name: 'span 1', kind: 'server', startMs: 1_700_000_000_000.25, endMs: 1_700_000_000_001 },
    attributes: { 'order.id': 'o1', attempt: 2, ratio: 0.5, cold: true },
    error: 'PAYMENT_FAILED',
    links: [{ traceId: '1'.repeat(32), spanId: '2'.repeat(16) }],
  });
  expect(second).toMatchObject({ name: 'span 2', parentSpanId: null, error: null });
  await expect(receiver.spans('o2')).resolves.toEqual([]);
});

test('a trace comes back by its id as OTLP, as it was sent', async () => {
  const receiver = await open(newFolder());
  const whole = {
    ...{ parentSpanId: '00000000000000aa', endTimeUnixNano: '1700000000001000000' },
    attributes: [
      attribute('order.id', { stringValue: 'o1' }),
      attribute('attempt', { intValue: '2' }),
      attribute('ratio', { doubleValue: 0.5 }),
      attribute('cold', { boolValue: true }),
    ],
    status: { code: 2, message: 'PAYMENT_FAILED' },
    links: [{ traceId: '1'.repeat(32), spanId: '2'.repeat(16) }],
  };
  const sent = request(span(1, { ...whole, startTimeUnixNano: '1700000000000250000' }));
  await receiver.post(sent);
  const answer = await receiver.get(`/api/v3/traces/${TRACE}`);
  expect(await answer.json()).toMatchObject({ result: sent });
  const none = await receiver.get(`/api/v3/traces/${'f'.repeat(32)}`);
  expect([none.status, await none.json()]).toEqual([
    404,
    { error: { httpCode: 404, message: 'No traces found' } },
  ]);
});

test('span-store.X1: a span that comes again replaces the one that is there', async () => {
  const receiver = await open(newFolder());
  await receiver.post(request(span(1, { ...ORDER, name: 'first' })));
  await receiver.post(request(span(1, { ...ORDER, name: 'again' })));
  expect((await receiver.spans('o1')).map(({ name }) => name)).toEqual(['again']);
});

test('span-store.X2: beyond the bound the oldest spans go', async () => {
  const receiver = await open(newFolder(), 3 * JSON.stringify(request(span(1, ORDER))).length);
  for (const number of [1, 2, 3, 4, 5]) await receiver.post(request(span(number, ORDER)));
  expect((await receiver.spans('o1')).map(({ name }) => name)).toEqual(['span 3', 'span 4', 'span 5']);
});

test('a hundred orders that come in six requests are six rows, and hardly more bytes than were sent', async () => {
  const receiver = await open(newFolder());
  const ofOrder = (order: number): object[] =>
    Array.from({ length: 27 }, (_, index) =>
      span(index, { traceId: String(order).padStart(32, 'a'), ...ORDER }),
    );
  const spans = Array.from({ length: 100 }, (_, order) => ofOrder(order)).flat();
  const bodies = Array.from({ length: 6 }, (_, index) =>
    JSON.stringify(request(...spans.slice(index * 450, (index + 1) * 450))),
  );
  const before = receiver.stored();
  for (const body of bodies) expect((await receiver.post(body)).status).toBe(200);
  const after = receiver.stored();
  expect(after.rows - before.rows).toBe(6);
  expect(after.bytes - before.bytes).toBeLessThan(1.1 * bodies.join('').length);
});

test('attributes that are larger than a row may be are left out, and the span is kept', async () => {
  const receiver = await open(newFolder());
  const large = attribute('text', { stringValue: 'x'.repeat(10_000) });
  await receiver.post(request(span(1, ORDER), span(2, { attributes: [large] })));
  expect((await receiver.spans('o1'))[1]?.attributes).toEqual({ 'attributes.tooLarge': true });
});

test('spans are there after a restart', async () => {
  const folder = newFolder();
  const before = await open(folder);
  await before.post(request(span(1, ORDER)));
  await before.close();
  const after = await open(folder);
  expect(await after.spans('o1')).toHaveLength(1);
});

test.each([
  ['a body that is not JSON', '{', {}, 400, 'not JSON'],
  [
    'a span without a trace',
    request(span(1, { traceId: 'x' })),
    {},
    400,
    'resourceSpans[0].scopeSpans[0].spans[0].traceId',
  ],
  ['protobuf', 'x', { 'content-type': 'application/x-protobuf' }, 415, 'http/json'],
  ['a compressed body', '{}', { 'content-encoding': 'gzip' }, 400, 'gzip'],
  ['a body of 5 MB', 'x'.repeat(5_000_000), {}, 413, '4194304'],
])('%s is refused, saying why', async (_what, body, headers, status, why) => {
  const receiver = await open(newFolder());
  const answer = await receiver.post(body, headers);
  expect(answer.status).toBe(status);
  expect(((await answer.json()) as { message: string }).message).toContain(why);
});

test('other paths, and questions without an attribute, are refused with what there is', async () => {
  const receiver = await open(newFolder());
  expect((await receiver.post({}, {}, '/v1/profiles')).status).toBe(404);
  expect((await receiver.get('/')).status).toBe(404);
  expect((await receiver.get('/control/spans')).status).toBe(400);
  expect((await receiver.get(`/control/spans?attribute=a%22b&value=1`)).status).toBe(400);
});

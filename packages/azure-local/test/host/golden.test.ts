// The HTTP side of the host against the recordings of the platform (test/golden/host); what may differ stands in
// packages/azure-local/testing/host-differences.ts.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { removeChildren } from '../../testing/child-programs';
import { HEADERS_NOT_COMPARED, OTHER_STATUS, PERMITTED, REFUSED_ADMIN } from '../../testing/host-differences';
import { fixture, startHost, type Answer, type HostProcess } from '../../testing/host-process';

interface Recorded {
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string | null;
  };
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body?: unknown;
  readonly bodyText?: string;
}

const GUID = '5ec0ffee-0000-4000-8000-000000000001';
const TRACE = '0af7651916cd43dd8448eb211c80319c';

const http = readGolden('http_trigger.json');
const admin = readGolden('admin_and_raw_http.json');
const keys = {
  ...{ function: 'function-key', master: 'master-key', durable: 'durable-key', eventgrid: 'eventgrid-key' },
};
const byMasterKey = { headers: { 'x-functions-key': keys.master } };

let host: HostProcess;
beforeAll(async () => {
  host = await startHost({ appRoot: fixture('host-golden'), keys, isManual: true });
});
afterAll(removeChildren);

test.each(Object.keys(http))('%s is answered as recorded', async (name) => {
  const recorded = golden(http, name);
  const answer = await replay(recorded);
  expect(answer.status).toBe(OTHER_STATUS[name] ?? recorded.status);
  if (OTHER_STATUS[name] !== undefined) return;
  expect(headersOf(Object.entries(answer.headers))).toEqual(headersOf(recorded.headers));
  if (recorded.body !== undefined) {
    expect(withoutClientHeaders(JSON.parse(answer.text))).toEqual(unmask(recorded.body, answer));
  } else if (recorded.bodyText?.startsWith('base64?') === true) {
    expect(answer.body.toString('hex')).toBe(recorded.bodyText.slice('base64?'.length));
  } else {
    expect(answer.text).toBe(recorded.bodyText);
  }
});

test.each([
  ...['host_ping', 'function_unknown', 'invoke_unknown', 'invoke_noCT', 'invoke_timer', 'invoke_timer_empty'],
  ...['swagger', 'host_restart_get'],
])('%s of the admin API is answered as recorded', async (name) => {
  const recorded = golden(admin, name);
  const answer = await replay(recorded);
  expect(answer.status).toBe(recorded.status);
  expect(headersOf(Object.entries(answer.headers))).toEqual(headersOf(recorded.headers));
  if (recorded.body !== undefined) expect(JSON.parse(answer.text)).toEqual(recorded.body);
});

test.each(REFUSED_ADMIN)('%s of the admin API is refused by name', async (name) => {
  const recorded = golden(admin, name);
  const answer = await replay(recorded);
  const [, , subject = '', ...more] = recorded.request.path.split('/');
  expect(answer.status).toBe(501);
  expect(answer.text).toMatch(new RegExp(`${more.at(-1) ?? subject}.* is not simulated by the local host`));
});

test.each(['adm_ok', 'keyed_master', 'keyed_query'])('%s: the master key opens it', async (name) => {
  const recorded = golden(admin, name);
  const answer = await replay(recorded);
  expect([answer.status, answer.text]).toEqual([200, recorded.bodyText]);
});

test('a function key opens authLevel function by header and by query, and authLevel admin by neither', async () => {
  const byHeader = { headers: { 'x-functions-key': keys.function } };
  expect((await host.request('/api/keyed', byHeader)).status).toBe(200);
  expect((await host.request(`/api/keyed?code=${keys.function}`)).status).toBe(200);
  const refused = await host.request('/api/adm', byHeader);
  expect([refused.status, refused.headers['www-authenticate']]).toEqual([401, undefined]);
});

test.each(['/admin/host/status', '/runtime/webhooks/nobody'])(
  '%s is open to the master key, a 401 with a challenge to a key that is none, a 403 to any other key',
  async (where) => {
    const by = async (key: string): Promise<unknown[]> => {
      const { status, headers, text } = await host.request(`${where}?Code=${key}`);
      return [status, headers['www-authenticate'], text];
    };
    expect(await by('wrong')).toEqual([401, 'Bearer', '']);
    for (const key of [keys.function, keys.durable, keys.eventgrid])
      expect(await by(key)).toEqual([403, undefined, '']);
    expect([200, 404]).toContain((await by(keys.master))[0]);
  },
);

test('the key in the header rules, whatever key is in the query', async () => {
  const target = `/api/keyed?code=${keys.function}`;
  expect((await host.request(target, { headers: { 'x-functions-key': 'wrong' } })).status).toBe(401);
});

test('the status of the host has the recorded members', async () => {
  const recorded = golden(admin, 'host_status');
  const answer = await replay(recorded);
  expect(Object.keys(JSON.parse(answer.text) as object)).toEqual(Object.keys(recorded.body as object));
});

test('the description of a function has the recorded members, bindings and URLs', async () => {
  const recorded = golden(admin, 'function_hello').body as { config: { bindings: unknown } };
  const described = JSON.parse((await replay(golden(admin, 'function_hello'))).text) as typeof recorded;
  expect(Object.keys(described)).toEqual(Object.keys(recorded));
  expect(described.config.bindings).toEqual(recorded.config.bindings);
  expect((await host.request('/admin/functions/hello/status', byMasterKey)).text).toBe('{}');
  expect(described).toMatchObject({ invoke_url_template: `${host.urls.url}/api/hello`, isDisabled: false });
});

test('garbage is answered as recorded, and the next request is served', async () => {
  const [statusLine] = (golden(admin, 'garbage').bodyText ?? '').split('\r\n');
  expect((await host.raw('GARBAGE\r\n\r\n')).split('\r\n')[0]).toBe(statusLine);
  expect((await host.request('/api/hello')).status).toBe(200);
});

test('a body that is declared too large is answered as recorded, before it is sent', async () => {
  const answer = await host.raw(
    'POST /api/bytes HTTP/1.1\r\nHost: localhost\r\nContent-Length: 200000000\r\n\r\n',
  );
  const linesOf = (text = ''): string[] => text.split('\r\n').filter((line) => !/^(Date|Server):/.test(line));
  expect(linesOf(answer)).toEqual(linesOf(golden(admin, 'oversize_declared').bodyText));
});

test(`a chunked body is a ${PERMITTED.chunked_request.here}`, async () => {
  const chunk = '3\r\nabc\r\n0\r\n\r\n';
  const answer = await host.raw(
    `POST /api/echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n${chunk}`,
  );
  expect(answer).toMatch(/^HTTP\/1.1 400 [^]*A chunked request body reaches a function empty on Azure/);
});

test(`a request without a Host header is ${PERMITTED.http10_nohost.here}`, async () => {
  expect(await host.raw('GET /api/echo HTTP/1.0\r\n\r\n')).toContain(`"url":"${host.urls.url}/api/echo"`);
});

function readGolden(file: string): Record<string, Recorded> {
  return JSON.parse(readFileSync(path.join(__dirname, '../golden/host', file), 'utf8')) as Record<
    string,
    Recorded
  >;
}

function golden(file: Record<string, Recorded>, name: string): Recorded {
  const recorded = file[name];
  if (recorded === undefined) throw new Error(`There is no recording ${name}.`);
  return recorded;
}

function replay({ request: { method, path: target, headers, body } }: Recorded): Promise<Answer> {
  const concrete = (text: string): string =>
    text
      .replaceAll('<guid-1>', GUID)
      .replaceAll('<hex32-1>', TRACE)
      .replaceAll('<master-key>', keys.master)
      .replaceAll('<key>', keys.master)
      .replace(/<(\w) x(\d+)>/, (_, character: string, count: string) => character.repeat(Number(count)));
  const bytes = body === '<bytes>' ? Buffer.from([0, 255, 1]) : (body ?? undefined);
  return host.request(concrete(target), {
    method,
    headers: {
      'accept-encoding': 'identity',
      ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, concrete(value)])),
    },
    ...(bytes === undefined ? undefined : { body: bytes }),
  });
}

function headersOf(headers: readonly (readonly [string, string | string[] | undefined])[]): string[] {
  return headers
    .flatMap(([name, value]) => [value ?? []].flat().map((each) => `${name.toLowerCase()}: ${each}`))
    .filter((line) => !HEADERS_NOT_COMPARED.includes(line.slice(0, line.indexOf(':'))))
    .sort();
}

/** What the recording masks or depends on where the host ran, as this run has it. */
function unmask(body: unknown, answer: Answer): unknown {
  const own = new URL(host.urls.url).host;
  const text = JSON.stringify(body)
    .replaceAll('127.0.0.1:7171', own)
    .replaceAll('<guid-1>', GUID)
    .replaceAll('<hex32-1>', TRACE)
    .replaceAll('<guid-2>', /"invocationId":"([^"]+)"/.exec(answer.text)?.[1] ?? '');
  return JSON.parse(text);
}

/** Python's client sends no Connection header, node's does. */
function withoutClientHeaders(body: unknown): unknown {
  const { headers } = body as { headers?: Record<string, string> };
  if (headers !== undefined) delete headers['connection'];
  return body;
}

// The end of the host against the recordings of the platform: SIGTERM, the app's crash, SIGKILL. The program of the host
// runs the recorded app; what may differ stands in testing/host-differences.ts.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { until } from '../../src/kit/until';
import { normalise, type Exchange } from '../support/durable-golden';
import { removeChildren } from '../../testing/child-programs';
import { HEADERS_NOT_COMPARED, PERMITTED } from '../../testing/host-differences';
import type { Answer } from '../../testing/host-process';
import { killPrograms, startProgram, type HostProgram as Host } from './host-program';

const sigterm = golden('sigterm') as { readonly inflight_response: Exchange };
const crashes = golden('worker_crash') as Readonly<Record<string, Exchange>>;
const killed = golden('kill9_recovery') as {
  readonly after_sigterm_instance: Exchange;
  readonly finals: Readonly<Record<string, Exchange>>;
};

let appRoot: string;
let dataDir: string;

afterAll(removeChildren);
beforeEach(() => {
  const folder = mkdtempSync(path.join(tmpdir(), 'host-golden-'));
  [appRoot, dataDir] = [path.join(folder, 'app'), path.join(folder, 'data')];
  cpSync(path.resolve(__dirname, '../golden/durable/app.cjs'), path.join(appRoot, 'app.cjs'));
  writeFileSync(path.join(appRoot, 'package.json'), '{"main":"app.cjs"}');
  const extensions = { durableTask: { hubName: 'GoldenHub' } };
  writeFileSync(path.join(appRoot, 'host.json'), JSON.stringify({ version: '2.0', extensions }));
});
afterEach(() => {
  killPrograms();
  rmSync(path.dirname(appRoot), { recursive: true, force: true });
});

const startHost = (): Promise<Host> => startProgram(appRoot, dataDir);

/** Starts an instance; the links to it, which hold the key. */
async function start(host: Host, orchestrator: string): Promise<Record<string, string>> {
  const answer = await host.request(`/api/start/${orchestrator}`, 'POST');
  return JSON.parse(answer.text) as Record<string, string>;
}

/** The path of a link at the address of another start. */
const pathOf = (link = ''): string => link.slice(new URL(link).origin.length);

async function statusOf(host: Host, links: Record<string, string>): Promise<{ runtimeStatus: string }> {
  const query = '&showHistory=true&showHistoryOutput=true&showInput=true';
  const { text } = await host.request(`${pathOf(links['statusQueryGetUri'])}${query}`);
  return JSON.parse(text) as { runtimeStatus: string };
}

const completed = (host: Host, links: Record<string, string>): Promise<object> =>
  until('the instance is completed', async () => {
    const status = await statusOf(host, links);
    return status.runtimeStatus === 'Completed' && status;
  });

const raise = (host: Host, links: Record<string, string>, data: unknown): Promise<Answer> =>
  host.request(pathOf(links['sendEventPostUri']).replace('{eventName}', 'Go'), 'POST', JSON.stringify(data));

/** Both sides as text, because key order counts; addresses and keys are this run's. */
const comparable = (value: unknown): string =>
  JSON.stringify(normalise(value), null, 1)
    .replace(/http:\/\/127\.0\.0\.1:\d+/g, '<url>')
    .replace(/code=[^&"]+/g, 'code=<key>');

function headersOf(headers: readonly (readonly [string, unknown])[], also: readonly string[] = []): string[] {
  return headers
    .map(([name, value]) => comparable([name.toLowerCase(), value]))
    .filter((line) => {
      const [name = ''] = JSON.parse(line) as string[];
      return also.includes(name) || !HEADERS_NOT_COMPARED.includes(name);
    })
    .sort();
}

function golden(name: string): unknown {
  return JSON.parse(readFileSync(path.resolve(__dirname, '../golden/host', `${name}.json`), 'utf8'));
}

test('SIGTERM closes the listener at once, finishes what is in flight as recorded, and ends with exit code 0', async () => {
  const recorded = sigterm.inflight_response;
  const host = await startHost();
  const busy = await start(host, 'customStatus');
  const answering = host.request(recorded.request.path, recorded.request.method);
  const list = pathOf(busy['statusQueryGetUri']).replace(`/${busy['id'] ?? ''}`, '');
  await until('the request in flight has started its instance', async () =>
    (await host.request(list)).text.includes('"waitEvent"'),
  );
  host.kill('SIGTERM');
  await until('a new connection is refused', () =>
    host.request('/api/hello').then(
      () => false,
      (error: unknown) => (error as NodeJS.ErrnoException).code === 'ECONNREFUSED',
    ),
  );
  const answer = await answering;
  expect(answer.status).toBe(recorded.status);
  expect(headersOf(Object.entries(answer.headers), ['connection'])).toEqual(
    headersOf(recorded.headers, ['connection']),
  );
  expect(comparable(JSON.parse(answer.text))).toBe(comparable(recorded.body));
  expect(await host.ended).toBe(0);

  const again = await startHost();
  expect(comparable(await completed(again, busy))).toBe(comparable(killed.after_sigterm_instance.body));
});

test('supervisor.V4: a host whose supervisor is gone answers nothing of what is in flight, as after SIGKILL', async () => {
  const host = await startProgram(appRoot, dataDir, { supervised: true });
  const busy = await start(host, 'customStatus');
  const answering = host.request(sigterm.inflight_response.request.path, 'POST').then(
    ({ status }) => status,
    (error: unknown) => (error as NodeJS.ErrnoException).code,
  );
  const list = pathOf(busy['statusQueryGetUri']).replace(`/${busy['id'] ?? ''}`, '');
  await until('the request in flight has started its instance', async () =>
    (await host.request(list)).text.includes('"waitEvent"'),
  );
  host.orphan();
  expect(await answering).toBe('ECONNRESET');
});

test.each(Object.keys(crashes))(
  `%s of the app answers what is in flight as recorded (then: ${PERMITTED['worker_crash/recovery'].here})`,
  async (name) => {
    const recorded = crashes[name] ?? sigterm.inflight_response;
    const host = await startHost();
    const answer = await host.request(recorded.request.path);
    expect([answer.status, answer.text]).toEqual([recorded.status, '']);
    expect(headersOf(Object.entries(answer.headers), ['content-length'])).toEqual(
      headersOf(recorded.headers, ['content-length']),
    );
    expect(await host.ended).not.toBe(0);
    expect((await (await startHost()).request('/api/hello')).status).toBe(200);
  },
);

test(`after SIGKILL timers, events and an activity go on as recorded, the activity ${PERMITTED['kill9_recovery/done_after_s'].here}`, async () => {
  const host = await startHost();
  const links: Record<string, Record<string, string>> = {};
  for (const name of Object.keys(killed.finals)) links[name] = await start(host, name);
  const { earlyEvent = {}, waitEvent = {} } = links;
  await raise(host, earlyEvent, 1);
  await raise(host, earlyEvent, 2);
  await until('the activity is under way', async () =>
    JSON.stringify(await statusOf(host, earlyEvent)).includes('TaskScheduled'),
  );
  host.kill('SIGKILL');
  await host.ended;
  const again = await startHost();
  await raise(again, waitEvent, 'after-crash');
  for (const [name, { body }] of Object.entries(killed.finals)) {
    expect(comparable(await completed(again, links[name] ?? {}))).toBe(comparable(body));
  }
});

// Requests written down for people – the curls of README.md and docs/, and test.http – sent to a running system; and where
// it listens.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { promisify } from 'node:util';
import { createSystemClient, isEnded, poll } from '../../local/demo/system-client';
import { startSystem, type RunningSystem } from 'azure-local/supervisor/running-system';
import { ERROR_CODES } from '../../src/errors';
import { routeList } from '../../src/functions/routes/routes';
import { answeredCommands, fill, requestsIn, type WrittenRequest } from '../../tools/docs/requests';

/** In the order in which a reader comes by: later pages look at what earlier ones have done. */
const PAGES = ['README.md', 'docs/api.md', 'docs/simulators.md'];
const TOKEN = 'an-operator-of-this-test';
const requests = requestsIn(readFileSync('test.http', 'utf8'));

let system: RunningSystem;
beforeAll(async () => {
  system = await startSystem({ settings: { 'OrderProcessing:OperatorToken': TOKEN } });
});
afterAll(() => system.stop());

/** Two answers are the same when they differ in times and ledger numbers only: mails come in between when they come. */
const withoutTimes = (json: string): unknown =>
  JSON.parse(json.replace(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"(a time)"').replace(/"seq":\s*\d+/g, '"seq":0'));

// First, so that the ledger begins as it does for a reader.
describe('the documents', () => {
  test.each(PAGES)('print what the system answers, command by command: %s', async (page) => {
    const commands = answeredCommands(readFileSync(page, 'utf8'));
    expect(commands.length).toBeGreaterThanOrEqual(2);
    for (const { command, answer } of commands) {
      const script = command
        .replaceAll('http://127.0.0.1:7071', system.urls.api)
        .replaceAll('http://127.0.0.1:7072', system.urls.services);
      const expected = JSON.stringify(withoutTimes(JSON.stringify(answer)));
      const ask = async (): Promise<string> =>
        JSON.stringify(withoutTimes((await promisify(execFile)('sh', ['-c', script])).stdout));
      // A saga goes on in the background: "a moment later", says the page.
      expect(await poll(ask, (said) => said === expected)).toBe(expected);
    }
  });

  test('have no command with an answer on any other page', () => {
    const others = readdirSync('docs')
      .filter((file) => file.endsWith('.md') && !PAGES.includes(`docs/${file}`))
      .filter((file) => answeredCommands(readFileSync(`docs/${file}`, 'utf8')).length > 0);
    expect(others).toEqual([]);
  });
});

describe('test.http', () => {
  const answers = new Map<string, Record<string, unknown>>();

  test.each(requests.map((request) => [request.title, request] as const))('%s', async (_, request) => {
    const { status, code, json } = await send(request, answers);
    expect([status, code]).toEqual([request.expected.status, request.expected.code]);
    if (request.name !== undefined) answers.set(request.name, json);
  });

  test('has a request for every route', () => {
    const missing = routeList.filter(
      ({ method, path }) =>
        !requests.some((request) => request.method === method && patternOf(path).test(request.url)),
    );
    expect(missing.map(({ name }) => name)).toEqual([]);
  });

  test('has a request for every error that a small request can bring about', () => {
    const shown = requests.map(({ expected }) => expected.code);
    const missing = Object.entries(ERROR_CODES)
      .filter(([code, { status }]) => status !== null && status < 500 && !shown.includes(code))
      .map(([code]) => code);
    // A rebuild that meets another; a large body; a signed-in user without the role; a price that news has changed; an
    // operator who is too late; an order whose saga is gone, or is not; an operator who answers twice, or is not asked; a
    // tenant that has a quota; a return that is past what is asked of it; a saga without an orchestration; interventions, of
    // which there are none, and an intake that another has paused.
    expect(missing.sort()).toEqual([
      'APPROVAL_ANSWERED',
      'CANNOT_COMPENSATE',
      'CANNOT_REPAIR',
      'FEED_HELD',
      'INTAKE_WRONG_STATE',
      'INTERVENTION_CLAIMED',
      'INTERVENTION_CLOSED',
      'INTERVENTION_WRONG_KIND',
      'NOT_AWAITING_APPROVAL',
      'ORDER_TOO_LARGE',
      'PRICE_CHANGED',
      'RETURN_WRONG_STATUS',
      'ROLE_MISSING',
      'SAGA_CHOREOGRAPHED',
      'SAGA_GONE',
      'SAGA_WRONG_STATUS',
      'TENANT_OVER_QUOTA',
    ]);
  });
});

async function send(
  { method, url, headers, body }: WrittenRequest,
  answers: ReadonlyMap<string, Record<string, unknown>>,
): Promise<{ status: number; code: unknown; json: Record<string, unknown> }> {
  const variables = { host: system.urls.api, services: system.urls.services };
  const response = await fetch(fill(url, variables, answers), {
    method,
    headers,
    ...(body === undefined ? {} : { body: fill(body, variables, answers) }),
  });
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  const json = (isJson ? await response.json() : {}) as Record<string, unknown>;
  return { status: response.status, code: response.ok ? undefined : json['code'], json };
}

/** Fits the URLs of requests for a route, with {{host}} before the path. */
function patternOf(path: string): RegExp {
  const filled = path.replace(/\{\w+\}/g, '(?:[\\w.-]+|\\{\\{(?:placed|later|kept)[^}]+\\}\\})');
  return new RegExp(`^\\{\\{host\\}\\}/api/${filled}(?:\\?|$)`);
}

describe('docs/runbooks.md', () => {
  const sections = readFileSync('docs/runbooks.md', 'utf8').split(/^## /m).slice(1);
  const environment: Record<string, string> = {};

  beforeAll(async () => {
    const client = createSystemClient(system.urls);
    const items = [{ productId: 'lamp', productName: 'Desk lamp', quantity: 1, unitPrice: 49.99 }];
    const failed = await client.place({ customerId: 'norefund-1', items });
    await poll(
      () => client.order(failed.id),
      (order) => isEnded(order) && order.needsIntervention,
    );
    const dear = items.map((item) => ({ ...item, unitPrice: 200_000 }));
    const stuck = await client.place({ customerId: 'waits', items: dear });
    // What the runbook of throttling stops.
    await fetch(`${system.urls.api}/api/ops/bulk`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
      body: JSON.stringify({ act: 'cancel', filter: { customerId: 'nobody' }, reason: 'a test' }),
    });
    Object.assign(environment, { API: system.urls.api, TOKEN, ORDER: failed.id, STUCK: stuck.id });
  });

  test('has a runbook for each of the eight, with symptom, look and mend', () => {
    expect(sections.map((section) => section.split('\n')[0])).toEqual([
      ...['High lag', 'Dead letters', 'Throttling', 'Outbox not draining'],
      ...['Failed compensation', 'Stuck saga', 'Lost task hub', 'Leaked token'],
    ]);
    for (const section of sections) {
      expect(section).toMatch(/\*\*Symptom\.\*\*[^]*\*\*Look\.\*\*[^]*\*\*Mend\.\*\*/);
      expect(section.match(/```sh\n/g)?.length ?? 0).toBeGreaterThan(1);
    }
  });

  test.each(sections.map((section) => [section.split('\n')[0] ?? '', section]))(
    '%s: each of its commands does what the page says of a running system',
    async (_, section) => {
      for (const [, command = ''] of section.matchAll(/```sh\n([^`]+)```/g)) {
        const script = `set -eu\n${command}`;
        const env = { ...process.env, ...environment };
        await expect(promisify(execFile)('sh', ['-c', script], { env })).resolves.toHaveProperty(
          'stderr',
          '',
        );
      }
    },
  );
});

const onLinux = process.platform === 'linux' ? test : test.skip;

// Sockets of a process are only told in /proc; elsewhere test/repository/repository.test.ts stands alone.
onLinux('nothing of a running system listens anywhere but on 127.0.0.1', () => {
  const listening = Object.values(system.pids).flatMap(listenersOf);
  expect(listening.length).toBeGreaterThanOrEqual(Object.keys(system.urls).length);
  expect(new Set(listening)).toEqual(new Set(['0100007F']));
});

/** The addresses, as /proc/net/tcp and tcp6 write them, on which a process listens. */
function listenersOf(pid: number): string[] {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).map(
      (fd) => /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1],
    ),
  );
  return ['tcp', 'tcp6']
    .flatMap((table) => readFileSync(`/proc/${pid}/net/${table}`, 'utf8').split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state, , , , , , inode]) => state === '0A' && inodes.has(inode))
    .map(([, address = '']) => address.split(':')[0] ?? '');
}

/** Where a descriptor leads; one that was closed in between leads nowhere. */
function linkOf(descriptor: string): string {
  try {
    return readlinkSync(descriptor);
  } catch {
    return '';
  }
}

// What the app asks of the task hub over its HTTP API: answered by the platform as it was recorded, and by the durable engine, with
// and without keys.
import { createServer, type Server } from 'node:http';
import * as df from 'durable-functions';
import { createTaskHub, type TaskHub } from '../../src/adapters/task-hub';
import { durableClientBinding } from 'azure-local/durable/management-urls';
import { listenOnLoopback } from 'azure-local/kit/listen';
import { cleanUp, HUB, openEngine } from 'azure-local/testing/durable-harness';
import recorded from '../golden/task-hub.json';

const servers: Server[] = [];

afterEach(async () => {
  await cleanUp();
  for (const server of servers.splice(0)) server.close();
});

beforeAll(() => {
  df.app.orchestration('waits', function* (context) {
    return (yield context.df.waitForExternalEvent('go')) as unknown;
  });
  df.app.orchestration('ends', function* () {
    return 'done';
  });
  df.app.orchestration('fails', function* () {
    throw new Error('orchestrator boom');
  });
});

/** The instances `running`, `ended` and `failed` are there, `unknown` and `fresh` are not. */
async function onEngine(systemKey?: string): Promise<TaskHub> {
  const { call, engine, origin } = await openEngine(systemKey === undefined ? {} : { systemKey });
  const headers = { 'content-type': 'application/json', 'x-functions-key': systemKey ?? '' };
  for (const [name, id] of [
    ['waits', 'running'],
    ['ends', 'ended'],
    ['fails', 'failed'],
  ])
    await call('POST', `/orchestrators/${name}/${id}`, '"inp"', headers);
  await engine.idle();
  return createTaskHub(durableClientBinding(origin, HUB, systemKey));
}

/** Neither was in the recorded calls; both are the platform's own parameters. */
const UNRECORDED = ['version', 'restartWithNewInstanceId'];

function parts(path: string): string {
  const { pathname, searchParams } = new URL(path, 'http://recorded');
  for (const name of UNRECORDED) searchParams.delete(name);
  searchParams.sort();
  return `${pathname}?${searchParams.toString()}`;
}

/** Answers as the platform did to calls of its webhook with a key, and 599 to a request that was not recorded. */
async function onRecording(): Promise<TaskHub> {
  const { binding, calls } = recorded;
  const server = createServer(({ method, url = '', headers }, response) => {
    const path = url.slice(binding.baseUrl.length);
    const call = calls.find((one) => one.method === method && parts(one.path) === parts(path));
    const isTyped = method !== 'POST' || headers['content-type'] === 'application/json';
    response.statusCode = call === undefined || !isTyped ? 599 : call.status;
    response.end((call?.answer ?? '') === '' ? '' : JSON.stringify(call?.answer));
  });
  servers.push(server);
  const origin = `http://127.0.0.1:${await listenOnLoopback(server, 0, 'recording', '--port')}`;
  return createTaskHub({ ...binding, baseUrl: `${origin}${binding.baseUrl}`, rpcBaseUrl: null });
}

const started = { input: 'inp', version: '1.0' };

/** What is asked, and what comes of it: a value, or the status that it is refused with. */
const QUESTIONS: readonly (readonly [string, (hub: TaskHub) => Promise<unknown>, unknown])[] = [
  ['status of an unknown instance', (hub) => hub.status('unknown'), undefined],
  ['status of one that ended', async (hub) => (await hub.status('ended'))?.runtimeStatus, 'Completed'],
  ['status of one that failed', async (hub) => (await hub.status('failed'))?.runtimeStatus, 'Failed'],
  ['history of an unknown instance', async (hub) => (await hub.history('unknown')).status, 404],
  ['history', async (hub) => (await hub.history('ended')).text.includes('"historyEvents":[{'), true],
  ['an event to an unknown instance', (hub) => hub.raise('unknown', 'Go', 1), 'HTTP 404'],
  ['an event to one that runs', (hub) => hub.raise('running', 'Go', 1), undefined],
  ['an event to one that ended', (hub) => hub.raise('ended', 'Go', 1), undefined],
  ['suspending an unknown instance', (hub) => hub.tell('unknown', 'suspend', 'x'), 'HTTP 404'],
  ['suspending one that runs', (hub) => hub.tell('running', 'suspend', 'because'), undefined],
  ['suspending one that ended', (hub) => hub.tell('ended', 'suspend', 'x'), undefined],
  ['resuming an unknown instance', (hub) => hub.tell('unknown', 'resume', 'x'), 'HTTP 404'],
  ['resuming one that ended', (hub) => hub.tell('ended', 'resume', 'x'), undefined],
  ['ending an unknown instance', (hub) => hub.tell('unknown', 'terminate', 'x'), 'HTTP 404'],
  ['ending one that runs', (hub) => hub.tell('running', 'terminate', 'hello world'), undefined],
  ['ending one that ended', (hub) => hub.tell('ended', 'terminate', 'x'), undefined],
  ['running an unknown instance again', (hub) => hub.restart('unknown'), 'HTTP 400'],
  ['running one that ended again', (hub) => hub.restart('ended'), undefined],
  ['purging an unknown instance', (hub) => hub.purge('unknown'), undefined],
  ['purging one that runs', (hub) => hub.purge('running'), 'HTTP 412'],
  ['purging one that ended', (hub) => hub.purge('ended'), undefined],
  ['a start', (hub) => hub.start('waits', { instanceId: 'fresh', ...started }), undefined],
  [
    'a start under an id with colons',
    (hub) => hub.start('waits', { instanceId: 'fresh:return:1', ...started }),
    undefined,
  ],
  [
    'a start under an id that runs',
    (hub) => hub.start('waits', { instanceId: 'running', ...started }),
    'HTTP 409',
  ],
];

describe.each([
  ['the platform as recorded', onRecording],
  ['the durable engine', () => onEngine()],
  ['the durable engine with keys', () => onEngine('secret')],
])('%s answers', (_name, open) => {
  test.each(QUESTIONS)('%s', async (_what, ask, expected) => {
    const hub = await open();
    const answer = await ask(hub).catch((error: unknown) => /HTTP \d+/.exec(String(error))?.[0]);
    expect(answer).toEqual(expected);
  });
});

test('a start says which span it is made in', async () => {
  let received: unknown;
  const server = createServer(({ headers, url }, response) => {
    received = [url, headers.traceparent];
    response.writeHead(202).end('{}');
  });
  servers.push(server);
  const rpcBaseUrl = `http://127.0.0.1:${await listenOnLoopback(server, 0, 'hub', '--port')}/durabletask/`;
  const traceparent = '00-11111111111111111111111111111111-2222222222222222-01';
  await createTaskHub({ rpcBaseUrl }).start('waits', { instanceId: 'a b', ...started, traceparent });
  expect(received).toEqual(['/durabletask/orchestrators/waits/a%20b?version=1.0', traceparent]);
});

test('an instance that runs again keeps its id, which the platform would change by itself', async () => {
  let received: string | undefined;
  const server = createServer(({ url }, response) => {
    received = url;
    response.writeHead(202).end('{}');
  });
  servers.push(server);
  const rpcBaseUrl = `http://127.0.0.1:${await listenOnLoopback(server, 0, 'hub', '--port')}/durabletask/`;
  await createTaskHub({ rpcBaseUrl }).restart('ended');
  expect(received).toBe('/durabletask/instances/ended/restart?restartWithNewInstanceId=false');
});

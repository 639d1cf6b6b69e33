// Event Grid triggers of a fixture app on the real function host, by hand and behind the look-alike.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ManualClock } from '../../src/kit/clock';
import { eventGridTrigger } from '../../src/host/eventgrid/event-grid-trigger';
import type { HostedFunction } from '../../src/host/hosted-function';
import type { Invoke } from '../../src/host/invocation';
import { createHostLogger } from '../../src/kit/log';
import { until } from '../../src/kit/until';
import { closeAll, event, openGrid } from '../../testing/eventgrid-fixture';
import { receiveRuns, type Runs } from './eventgrid-app';
import { sendRequest } from '../../testing/host-process';
import { removeApps, startFixture, type RunningApp } from '../../testing/host-triggers-app';
import { noWorker } from '../../testing/hosted-function';

let runs: Runs;
let app: RunningApp;
beforeAll(async () => {
  runs = await receiveRuns();
  app = await startFixture('host-eventgrid', { TEST_URL: runs.url });
});
beforeEach(() => {
  runs.list.length = 0;
  runs.ending = () => undefined;
});
afterEach(closeAll);
afterAll(removeApps);

const SILENT = { levels: {}, sink: () => undefined, isColoured: false, now: () => 0 };
const PATH = '/runtime/webhooks/EventGrid';
const NOTIFICATION = { 'aeg-event-type': 'Notification' };

async function post(
  body: unknown,
  headers: Record<string, string> = NOTIFICATION,
  target = `${PATH}?functionName=HandleEvent`,
): Promise<{ status: number; text: string; headers: Headers }> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await fetch(app.url + target, { method: 'POST', headers, body: text });
  return { status: answer.status, text: await answer.text(), headers: answer.headers };
}

const gridEvent = (id: string): Record<string, unknown> => ({
  ...event(id),
  topic: '/topics/t',
  metadataVersion: '1',
});
const cloud = { specversion: '1.0', id: 'c-1', type: 'Inventory.StockUpdated', source: '/s', data: { a: 1 } };

test('each event of a notification is one run with a plain object, and the answer is 202', async () => {
  expect((await post([gridEvent('p-1'), gridEvent('p-2')])).status).toBe(202);
  expect([...runs.list].sort((a, b) => (String(a.event['id']) < String(b.event['id']) ? -1 : 1))).toEqual([
    {
      name: 'HandleEvent',
      event: gridEvent('p-1'),
      triggerMetadata: { data: { productId: 'p-1', quantity: 7 } },
    },
    {
      name: 'HandleEvent',
      event: gridEvent('p-2'),
      triggerMetadata: { data: { productId: 'p-2', quantity: 7 } },
    },
  ]);
});

test('a notification that is declared to be over 100 MB is a 413 before it is sent', async () => {
  const headers = { ...NOTIFICATION, 'content-length': '104857601', connection: 'close' };
  const target = `${PATH}?functionName=HandleEvent`;
  expect((await sendRequest(app.url, target, { method: 'POST', headers })).status).toBe(413);
});

test('a CloudEvent comes as it is, alone or in a batch', async () => {
  const single = { ...NOTIFICATION, 'content-type': 'application/cloudevents+json' };
  expect((await post(cloud, single)).status).toBe(202);
  const batch = { ...NOTIFICATION, 'content-type': 'application/cloudevents-batch+json' };
  expect((await post([cloud, { ...cloud, id: 'c-2' }], batch)).status).toBe(202);
  expect(runs.list.map((run) => run.event['id']).sort()).toEqual(['c-1', 'c-1', 'c-2']);
  expect(runs.list[0]?.event).toEqual(cloud);
});

test('the validation event is answered with its code, also where its data is JSON inside of JSON', async () => {
  const validation = { 'aeg-event-type': 'SubscriptionValidation' };
  const answer = await post([{ id: '1', data: { validationCode: 'C0DE' } }], validation);
  expect(answer).toMatchObject({ status: 200, text: '{"validationResponse":"C0DE"}' });
  const doubled = await post({ ...cloud, data: JSON.stringify({ validationCode: 'C1' }) }, validation);
  expect(doubled).toMatchObject({ status: 200, text: '{"validationResponse":"C1"}' });
  expect(await post([{ data: {} }], validation)).toMatchObject({ status: 500, text: '' });
  expect(runs.list).toEqual([]);
});

test('an OPTIONS handshake allows the origin of Event Grid, whoever asks', async () => {
  const answer = await fetch(`${app.url}${PATH}?functionName=HandleEvent`, {
    method: 'OPTIONS',
    headers: { 'webhook-request-origin': 'example.com' },
  });
  expect([answer.status, answer.headers.get('webhook-allowed-origin')]).toEqual([200, 'eventgrid.azure.net']);
  expect(answer.headers.get('webhook-allowed-rate')).toBeNull();
});

test('an unknown function is a 404, also for a handshake', async () => {
  for (const headers of [NOTIFICATION, { 'aeg-event-type': 'SubscriptionValidation' }]) {
    expect(await post([gridEvent('p-1')], headers, `${PATH}?functionName=Nobody`)).toMatchObject({
      status: 404,
      text: "cannot find function: 'Nobody'",
    });
  }
  expect((await post([gridEvent('p-1')], NOTIFICATION, PATH)).status).toBe(404);
});

test.each([
  ['that is no JSON', '{'],
  ['that is empty', ''],
  ['that is a number', '7'],
  ['with an event that is none', [gridEvent('p-1'), null]],
])('a body %s is an empty 500, the log says why, and nothing runs', async (_, body) => {
  expect(await post(body)).toMatchObject({ status: 500, text: '' });
  await until('the reason is in the log', () =>
    /(is not an object|is not JSON: .*) for function: HandleEvent/.test(app.output()),
  );
  expect(runs.list).toEqual([]);
});

test('an event without its fields goes to the function, as on the platform', async () => {
  expect((await post([{ id: 'p-2' }, {}])).status).toBe(202);
  expect(runs.list.map(({ event: given }) => given)).toEqual(
    expect.arrayContaining([{ id: 'p-2' }, {}]) as unknown,
  );
});

test('a missing or unknown aeg-event-type is a 400 with an empty body, and nothing runs', async () => {
  for (const headers of [{}, { 'aeg-event-type': 'News' }])
    expect(await post([gridEvent('p-1')], headers)).toMatchObject({ status: 400, text: '' });
  expect(runs.list).toEqual([]);
});

test('a function that fails for one event of several makes the answer 500, and the others run all the same', async () => {
  runs.ending = (run) => (run.event['id'] === 'p-1' ? 'the echo is away' : undefined);
  const answer = await post([gridEvent('p-1'), gridEvent('p-2')]);
  expect(answer).toMatchObject({
    status: 500,
    text: 'Exception while executing function: Functions.HandleEvent',
  });
  expect(runs.list).toHaveLength(2);
});

test('where the host enforces keys the webhook opens to its own and to the master key, by query and by header', async () => {
  const keys = { function: 'of-functions', master: 'of-all', durable: 'of-durable', eventgrid: 'its-own' };
  const guarded = await startFixture('host-eventgrid', {
    ...{ TEST_URL: runs.url, HOST_KEYS: JSON.stringify(keys) },
  });
  const target = `${guarded.url}${PATH}?functionName=HandleEvent`;
  const send = async (url: string, headers: Record<string, string> = {}): Promise<unknown[]> => {
    const init = { method: 'POST', headers: { ...NOTIFICATION, ...headers }, body: JSON.stringify(cloud) };
    const answer = await fetch(url, init);
    return [answer.status, answer.headers.get('www-authenticate'), await answer.text()];
  };
  expect(await send(target)).toEqual([401, 'Bearer', '']);
  expect(await send(`${target}&code=wrong`)).toEqual([401, 'Bearer', '']);
  for (const key of [keys.function, keys.durable])
    expect(await send(`${target}&code=${key}`)).toEqual([403, null, '']);
  for (const key of [keys.eventgrid, keys.master]) {
    expect(await send(`${target}&code=${key}`)).toEqual([202, null, '']);
    expect(await send(target, { 'x-functions-key': key })).toEqual([202, null, '']);
  }
  await guarded.close();
});

test('a trigger that closes waits for the events it has taken in, and takes no more', async () => {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const { trigger, extension } = eventGridTrigger({
    clock: new ManualClock(Date.UTC(2026, 0, 2)),
    log: createHostLogger(SILENT),
  });
  let isRunning = false;
  const reasons: unknown[] = [];
  const invoke: Invoke = async (_, { reason }) => {
    reasons.push(reason);
    isRunning = true;
    await held;
    return {};
  };
  const listener = trigger.listen([{ name: 'HandleEvent' } as HostedFunction], invoke, noWorker);
  const server = createServer(
    (request, response) =>
      void extension.handle(request, response, new URL(request.url ?? '', 'http://host')),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${PATH}?functionName=HandleEvent`;
  const send = (): Promise<Response> =>
    fetch(url, { method: 'POST', headers: NOTIFICATION, body: JSON.stringify(cloud) });
  const answer = send();
  await until('the function runs', () => isRunning);
  expect(reasons).toEqual(['EventGrid trigger fired at 2026-01-02T00:00:00.000Z']);
  let isClosed = false;
  const closed = listener.close().then(() => (isClosed = true));
  expect((await send()).status).toBe(503);
  expect(isClosed).toBe(false);
  release();
  await closed;
  expect((await answer).status).toBe(202);
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
});

test('published to a topic, an event reaches its function; a failure is sent again and counts as an attempt', async () => {
  const endpointUrl = `{functions}${PATH}?functionName=HandleEvent`;
  const grid = await openGrid(
    [
      { name: 'inventory', subscriptions: [{ name: 'handle', endpointUrl }] },
      {
        name: 'clouds',
        inputSchema: 'CloudEventSchemaV1_0',
        subscriptions: [{ name: 'handle', endpointUrl }],
      },
    ],
    { variables: { functions: app.url } },
  );
  runs.ending = () => 'not now';
  await grid.post('inventory', JSON.stringify([event('p-1')]));
  await until('the retry has its alarm', () => grid.clock.nextDueMs() === grid.clock.now() + 10_000);
  runs.ending = () => undefined;
  grid.clock.advance(10_000);
  await grid.post('clouds', JSON.stringify([cloud]));
  await until('nothing is pending', async () => (await grid.pending()) === 0);
  expect(runs.list.map((run) => run.event['id']).sort()).toEqual(['c-1', 'p-1', 'p-1']);
});

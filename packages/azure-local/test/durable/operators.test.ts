// What operators do to instances beyond the recordings: rewind, restart, purges of many; and durable HTTP.
import { createServer } from 'node:http';
import path from 'node:path';
import * as df from 'durable-functions';
import { purgeInstance, purgeInstances, rewind } from '../../src/durable/client';
import { listenOnLoopback } from '../../src/kit/listen';
import {
  cleanUp,
  countEvents,
  gate,
  openEngine,
  openHub,
  temporaryFolder,
  type HubHarness,
} from '../../testing/durable-harness';

let isBroken = true;
const charges: unknown[] = [];

beforeAll(() => {
  df.app.activity('charge', {
    handler: (order: unknown) => {
      charges.push(order);
      return 'charged';
    },
  });
  df.app.activity('ship', {
    handler: () => {
      if (isBroken) throw new Error('no carrier');
      return 'shipped';
    },
  });
  df.app.orchestration('shipping', function* (context) {
    yield context.df.callActivity('charge', context.df.getInput());
    return (yield context.df.callActivity('ship')) as unknown;
  });
  df.app.orchestration('order', function* (context) {
    return (yield context.df.callSubOrchestrator('shipping', 'o-1', 'the-kid')) as unknown;
  });
  df.app.orchestration('retried', function* (context) {
    return (yield context.df.callActivityWithRetry('ship', new df.RetryOptions(1, 1))) as unknown;
  });
  df.app.orchestration('waits', function* (context) {
    yield context.df.waitForExternalEvent('go');
  });
  df.app.orchestration('fetches', function* (context) {
    const { path, ...options } = context.df.getInput<{ path: string; enablePolling?: boolean }>();
    const answer = (yield context.df.callHttp({
      method: 'POST',
      url: `http://127.0.0.1:${port}${path}`,
      body: { a: 1 },
      headers: { 'X-Functions-Key': 'secret', 'X-Trace': 't' },
      ...options,
    })) as { statusCode: number; content: string };
    return [answer.statusCode, answer.content];
  });
});

let port = 0;
const requests: string[] = [];
const server = createServer((incoming, response) => {
  const { method = '', url = '', headers } = incoming;
  requests.push(`${method} ${url} ${String(headers['x-functions-key'])} ${String(headers['x-trace'])}`);
  if (url === '/moved') response.writeHead(303, { Location: '/here' });
  if (url === '/accepted') response.writeHead(202, { Location: '/here' });
  if (url === '/nowhere') response.writeHead(202);
  response.end(method === 'POST' ? headers['content-type'] : 'got');
});

beforeAll(async () => {
  port = await listenOnLoopback(server, 0, 'a service', '--port');
});

beforeEach(() => {
  isBroken = true;
  charges.length = 0;
  requests.length = 0;
});

afterEach(cleanUp);
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('rewind', () => {
  test('goes on from the failed call of a failed child and repeats nothing that succeeded', async () => {
    const { start, call, settled } = await openHub();
    const id = await start('order');
    expect((await settled(id)).runtimeStatus).toBe('Failed');
    isBroken = false;
    expect((await call('POST', `/instances/${id}/rewind?reason=fixed`)).status).toBe(202);
    expect(await settled(id)).toMatchObject({ runtimeStatus: 'Completed', output: 'shipped' });
    expect(charges).toEqual(['o-1']);
    expect(countEvents(await settled('the-kid'), 'GenericEvent')).toBe(4);
  });

  test('calls a child anew that was purged meanwhile', async () => {
    const { start, call, settled } = await openHub();
    const id = await start('order');
    await settled(id);
    await call('DELETE', '/instances/the-kid');
    isBroken = false;
    await call('POST', `/instances/${id}/rewind?reason=fixed`);
    expect(await settled(id)).toMatchObject({ runtimeStatus: 'Completed', output: 'shipped' });
  });

  test('may fail again, and be tried again', async () => {
    const { start, call, settled } = await openHub();
    const id = await start('shipping', 'o-2');
    await settled(id);
    await call('POST', `/instances/${id}/rewind`);
    expect((await settled(id)).runtimeStatus).toBe('Failed');
    isBroken = false;
    await call('POST', `/instances/${id}/rewind`);
    expect((await settled(id)).runtimeStatus).toBe('Completed');
    expect(charges).toEqual(['o-2']);
  });

  test('brings back an event that came during the last episode, also after a restart', async () => {
    const file = path.join(temporaryFolder(), 'durable.db');
    const { opened, open } = gate<unknown>();
    const first = await openHub({ file, activities: { waits: () => opened } });
    const id = await first.start('waits');
    await first.raise(id, 'go', 1);
    open('this is no state, so that the instance fails');
    expect((await first.settled(id)).runtimeStatus).toBe('Failed');
    await first.close();

    const { engine, call, settled } = await openHub({ file, clock: first.clock });
    expect((await call('POST', `/instances/${id}/rewind`)).status).toBe(202);
    expect((await settled(id)).runtimeStatus).toBe('Completed');
    expect(engine.isRunning).toBe(true);
  });

  test('of a call with retry options is refused by name', async () => {
    const { clock, engine, start, call, settled } = await openHub();
    const id = await start('retried');
    await engine.idle();
    clock.advance(1);
    expect((await settled(id)).runtimeStatus).toBe('Failed');
    const answer = await call('POST', `/instances/${id}/rewind`);
    expect([answer.status, answer.text]).toEqual([501, expect.stringContaining('retry options')]);
  });
});

describe('durable-client.M1: of two operators at a time', () => {
  const failed = async (): Promise<HubHarness> => {
    const harness = await openHub();
    await harness.settled(await harness.start('shipping', 'o-4', 'id'));
    isBroken = false;
    return harness;
  };
  const shipped = { runtimeStatus: 'Completed', output: 'shipped' };

  test('who rewind one instance, the second gets the answer that it runs', async () => {
    const { engine, settled } = await failed();
    const both = await Promise.all([rewind(engine, 'id', null), rewind(engine, 'id', null)]);
    expect(both.map(({ kind }) => kind)).toEqual(['accepted', 'notFailed']);
    expect(await settled('id')).toMatchObject(shipped);
    expect([engine.isRunning, charges]).toEqual([true, ['o-4']]);
  });

  test('a purge takes nothing that the other has rewound', async () => {
    const { engine, settled } = await failed();
    const [, one] = await Promise.all([rewind(engine, 'id', null), purgeInstance(engine, 'id')]);
    expect(one.kind).toBe('running');
    expect(await settled('id')).toMatchObject(shipped);
  });

  test('a purge of many takes nothing that the other has rewound', async () => {
    const { engine, settled } = await failed();
    const [purged] = await Promise.all([purgeInstances(engine, {}), rewind(engine, 'id', null)]);
    expect(purged).toBe(0);
    expect(await settled('id')).toMatchObject(shipped);
  });

  test('a rewind does not bring back what the other has purged', async () => {
    const { engine } = await failed();
    const both = await Promise.all([purgeInstance(engine, 'id'), rewind(engine, 'id', null)]);
    expect(both.map(({ kind }) => kind)).toEqual(['purged', 'notFound']);
    expect(engine.unfinished('id')).toBeUndefined();
  });
});

describe('restart', () => {
  test('begins the same again under a new id, and leaves the ended instance', async () => {
    const { start, call, settled } = await openHub();
    const id = await start('shipping', 'o-3');
    await settled(id);
    isBroken = false;
    const answer = await call('POST', `/instances/${id}/restart`);
    expect(answer.status).toBe(202);
    const again = (answer.body as { id: string }).id;
    expect(again).toMatch(/^[0-9a-f]{32}$/);
    expect(await settled(again)).toMatchObject({ name: 'shipping', input: 'o-3', output: 'shipped' });
    expect((await settled(id)).runtimeStatus).toBe('Failed');
  });

  test('under the same id is refused while the instance runs', async () => {
    const { engine, start, call } = await openHub();
    const id = await start('waits');
    await engine.idle();
    const answer = await call('POST', `/instances/${id}/restart?restartWithNewInstanceId=false`);
    expect(answer.status).toBe(409);
  });
});

describe('durable HTTP', () => {
  const fetched = async ({ start, settled, clock, engine }: HubHarness, input: unknown): Promise<unknown> => {
    const id = await start('fetches', input);
    await engine.idle();
    clock.advance(30_000);
    return (await settled(id)).output;
  };

  test('sends text by default, and follows a redirect to a GET without the body', async () => {
    const harness = await openHub();
    expect(await fetched(harness, { path: '/plain' })).toEqual([200, 'text/plain']);
    expect(await fetched(harness, { path: '/moved' })).toEqual([200, 'got']);
    expect(requests).toEqual(['POST /plain secret t', 'POST /moved secret t', 'GET /here secret t']);
  });

  test('polls a 202 again after 30 seconds, with the same headers but the function key', async () => {
    const harness = await openHub();
    expect(await fetched(harness, { path: '/accepted' })).toEqual([200, 'got']);
    expect(requests).toEqual(['POST /accepted secret t', 'GET /here undefined t']);
  });

  test.each([{ path: '/accepted', enablePolling: false }, { path: '/nowhere' }])(
    'takes a 202 as it is with %j',
    async (input) => {
      const [status] = (await fetched(await openHub(), input)) as unknown[];
      expect(status).toBe(202);
      expect(requests).toHaveLength(1);
    },
  );
});

test('a purge of 10,000 goes in chunks, and spares what runs', async () => {
  const { engine, journal, start, call } = await openEngine();
  await start('waits', undefined, 'running');
  await engine.idle();
  await journal.write(() => {
    const insert = journal.statement(
      'INSERT INTO durable_instances (key, id, execution_id, name, generation, status, ended, created_ms, updated_ms) ' +
        "VALUES (?, ?, 'x', 'waits', 0, 'Completed', 1, 1, 1)",
    );
    for (let index = 0; index < 10_000; index += 1) insert.run(1000 + index, `e${index}`);
  });
  const purge = jest.spyOn(engine.store, 'purge');
  expect((await call('DELETE', '/instances?createdTimeFrom=1970-01-01')).body).toEqual({
    instancesDeleted: 10_000,
  });
  expect(Math.max(...purge.mock.calls.map(([keys]) => keys.length))).toBeLessThanOrEqual(200);
  expect((await call('GET', '/instances')).body).toHaveLength(1);
});

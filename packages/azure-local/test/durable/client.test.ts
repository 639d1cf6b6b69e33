// The SDK's own client through the binding that the engine hands out, and lists, purges and refusals of the API.
import { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { durableClientBinding } from '../../src/durable/management-urls';
import { KEY, normalise, readGolden, type Exchange } from '../support/durable-golden';
import { cleanUp, HUB, openHub, type HubHarness } from '../../testing/durable-harness';

beforeAll(() => {
  df.app.orchestration('waits', function* (context) {
    return (yield context.df.waitForExternalEvent('go')) as unknown;
  });
  df.app.orchestration('ends', function* (context) {
    return context.df.getInput();
  } as df.OrchestrationHandler);
  df.app.orchestration('fails', function* () {
    throw new Error('on purpose');
  } as df.OrchestrationHandler);
});

afterEach(cleanUp);

/** What a function with a durable client input gets from `df.getClient`. */
function clientOf(harness: HubHarness, systemKey?: string): df.DurableClient {
  const input = df.input.durableClient();
  const context = new InvocationContext({
    functionName: 'client',
    invocationId: '1',
    options: { extraInputs: [input], extraOutputs: [], trigger: { type: 'httpTrigger', name: 'request' } },
  });
  context.extraInputs.set(input, durableClientBinding(harness.origin, HUB, systemKey));
  return df.getClient(context);
}

const statusOf = async (client: df.DurableClient, id: string): Promise<string> =>
  (await client.getStatus(id)).runtimeStatus;

/** Starts `count` instances of 'ends' named p0, p1, … */
async function startEnded(harness: HubHarness, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) await harness.start('ends', index, `p${index}`);
  await harness.engine.idle();
}

const idsOf = (body: unknown): string[] =>
  (body as { instanceId: string }[]).map(({ instanceId }) => instanceId);

describe('the SDK client', () => {
  test('its binding has the recorded keys in the recorded order', () => {
    const golden = (readGolden('management_endpoints') as { app_payload: Exchange }).app_payload.body;
    const text = (value: unknown): string =>
      JSON.stringify(normalise(value))
        .replace(/http:\/\/[^/]+/g, '<origin>')
        .replaceAll('<key>', KEY)
        // The recorded host has a listener of its own for the SDK's calls; here they come with the key in the path.
        .replace(/"rpcBaseUrl":"[^"]*"/, '"rpcBaseUrl":"<rpc>"');
    const binding = durableClientBinding('http://localhost:7171', HUB, KEY);
    expect(text(binding)).toBe(text((golden as { clientData: unknown }).clientData));
    expect(Object.keys(binding)).toEqual(Object.keys((golden as { clientData: object }).clientData));
  });

  test.each([undefined, KEY])(
    'starts, looks, raises, suspends, resumes and purges (system key: %s)',
    async (key) => {
      const harness = await openHub(key === undefined ? {} : { systemKey: key });
      const client = clientOf(harness, key);
      const id = await client.startNew('waits', { instanceId: 'w-1', input: { a: 1 } });
      await harness.engine.idle();
      expect(await client.getStatus(id, { showInput: true })).toMatchObject({
        input: { a: 1 },
        runtimeStatus: 'Running',
      });
      await client.suspend(id, 'night');
      await harness.engine.idle();
      expect(await statusOf(client, id)).toBe('Suspended');
      await client.raiseEvent(id, 'go', { b: 2 });
      await harness.engine.idle();
      expect(await statusOf(client, id)).toBe('Suspended');
      await client.resume(id, 'day');
      await harness.engine.idle();
      expect(await client.getStatus(id)).toMatchObject({ runtimeStatus: 'Completed', output: { b: 2 } });
      expect(await client.purgeInstanceHistory(id)).toMatchObject({ instancesDeleted: 1 });
      await expect(client.getStatus(id)).rejects.toThrow('HTTP 404');
    },
  );

  test('is refused a second start of an id that runs, and terminates it', async () => {
    const harness = await openHub();
    const client = clientOf(harness);
    await client.startNew('waits', { instanceId: 'once' });
    await harness.engine.idle();
    await expect(client.startNew('waits', { instanceId: 'once' })).rejects.toThrow('409');
    await client.terminate('once', 'enough');
    await harness.engine.idle();
    expect(await client.getStatus('once')).toMatchObject({ runtimeStatus: 'Terminated', output: 'enough' });
  });

  test('follows the pages of a list to its end', async () => {
    const harness = await openHub();
    await startEnded(harness, 130);
    expect(await clientOf(harness).getStatusAll()).toHaveLength(130);
  });

  test('purges by time and status', async () => {
    const harness = await openHub();
    await startEnded(harness, 3);
    await harness.start('fails', undefined, 'f');
    await harness.start('waits', undefined, 'w');
    await harness.engine.idle();
    const client = clientOf(harness);
    const failed = [df.OrchestrationRuntimeStatus.Failed];
    expect(
      await client.purgeInstanceHistoryBy({ createdTimeFrom: new Date(0), runtimeStatus: failed }),
    ).toMatchObject({ instancesDeleted: 1 });
    expect(await client.purgeInstanceHistoryBy({ createdTimeFrom: new Date(0) })).toMatchObject({
      instancesDeleted: 3,
    });
    expect(idsOf((await harness.call('GET', '/instances')).body)).toEqual(['w']);
  });
});

describe('lists', () => {
  test('pages by id with a continuation token', async () => {
    const harness = await openHub();
    await startEnded(harness, 5);
    const first = await harness.call('GET', '/instances?top=3');
    expect(idsOf(first.body)).toEqual(['p0', 'p1', 'p2']);
    const token = String(first.headers['x-ms-continuation-token']);
    const last = await harness.call('GET', '/instances?top=3', undefined, {
      'x-ms-continuation-token': token,
    });
    expect(idsOf(last.body)).toEqual(['p3', 'p4']);
    expect(last.headers['x-ms-continuation-token']).toBeUndefined();
    const bad = await harness.call('GET', '/instances?top=3', undefined, {
      'x-ms-continuation-token': '!!notbase64',
    });
    expect(bad.body).toEqual([]);
    expect((await harness.call('GET', '/instances?top=-1')).status).toBe(400);
  });

  test.each([
    ['runtimeStatus=Running', ['w']],
    ['runtimeStatus=Completed,Failed', ['f', 'p0', 'p1']],
    ['runtimeStatus=completed', ['f', 'p0', 'p1', 'w']],
    ['runtimeStatus=Failed&runtimeStatus=0', ['f', 'w']],
    ['runtimeStatus=Bogus', ['f', 'p0', 'p1', 'w']],
    ['instanceIdPrefix=p', ['p0', 'p1']],
    ['createdTimeFrom=2026-01-01T00:01:00Z', ['w']],
    ['createdTimeTo=2026-01-01T00:00:30Z', ['f', 'p0', 'p1']],
  ])('%s gives %j', async (query, expected) => {
    const harness = await openHub();
    await startEnded(harness, 2);
    await harness.start('fails', undefined, 'f');
    harness.clock.advance(60_000);
    await harness.start('waits', undefined, 'w');
    await harness.engine.idle();
    expect(idsOf((await harness.call('GET', `/instances?${query}`)).body)).toEqual(expected);
  });
});

describe('refusals', () => {
  test('a purge with a misspelt status deletes nothing and says so', async () => {
    const harness = await openHub();
    await startEnded(harness, 2);
    const answer = await harness.call('DELETE', '/instances?createdTimeFrom=2000-01-01&runtimeStatus=Bogus');
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining("no runtime status 'Bogus'")]);
    expect(idsOf((await harness.call('GET', '/instances')).body)).toHaveLength(2);
    expect((await harness.call('DELETE', '/instances')).status).toBe(400);
    expect((await harness.call('DELETE', '/instances?createdTimeFrom=2030-01-01')).status).toBe(404);
  });

  test('a second suspend and a resume of what runs are a 500 that names the state', async () => {
    const harness = await openHub();
    const id = await harness.start('waits');
    await harness.engine.idle();
    const resumed = await harness.call('POST', `/instances/${id}/resume`);
    expect([resumed.status, resumed.text]).toEqual([500, expect.stringContaining('in the Running state')]);
    expect((await harness.call('POST', `/instances/${id}/suspend`)).status).toBe(202);
    await harness.engine.idle();
    const again = await harness.call('POST', `/instances/${id}/suspend`);
    expect([again.status, again.text]).toEqual([500, expect.stringContaining('in the Suspended state')]);
  });

  test('a start that waits for an end which the disk refuses gets an error, and the process goes on', async () => {
    const { engine, call, clock } = await openHub();
    jest.spyOn(engine, 'ended').mockRejectedValueOnce(new Error('disk full'));
    const answer = await call('POST', '/orchestrators/waits?timeout=10');
    expect([answer.status, answer.text]).toEqual([500, expect.stringContaining('disk full')]);
    expect(clock.nextDueMs()).toBeUndefined();
  });

  test('an event to an instance that does not exist yet is lost, as on the platform', async () => {
    const harness = await openHub();
    expect((await harness.raise('later', 'go', 1)).status).toBe(404);
    await harness.start('waits', undefined, 'later');
    expect((await harness.settled('later')).runtimeStatus).toBe('Running');
  });
});

// Orchestration versions as host.json sets them: who gets which, and which host runs what.
import path from 'node:path';
import * as df from 'durable-functions';
import { durableSettings } from '../../src/host/durable-settings';
import { compareVersions, type Versioning } from '../../src/durable/versioning';
import { cleanUp, openHub, temporaryFolder } from '../../testing/durable-harness';

beforeAll(() => {
  df.app.orchestration('versioned', function* (context) {
    context.df.setCustomStatus({ version: context.df.version ?? null });
    yield context.df.waitForExternalEvent('go');
    return context.df.version ?? null;
  });
  df.app.orchestration('parent', function* (context) {
    return (yield context.df.Task.all([
      context.df.callSubOrchestrator('reports'),
      context.df.callSubOrchestrator('reports', undefined, undefined, '0.9'),
    ])) as unknown;
  });
  df.app.orchestration('reports', function* (context) {
    return context.df.version ?? null;
  } as df.OrchestrationHandler);
});

afterEach(cleanUp);

const version = (
  defaultVersion: string,
  failureStrategy: Versioning['failureStrategy'] = 'Reject',
  matchStrategy: Versioning['matchStrategy'] = 'CurrentOrOlder',
): Versioning => ({ defaultVersion, matchStrategy, failureStrategy });

test('an instance keeps the version it was started with when the host is replaced by a newer one', async () => {
  const file = path.join(temporaryFolder(), 'durable.db');
  const first = await openHub({ file, versioning: version('1.0') });
  const old = await first.start('versioned');
  expect((await first.settled(old)).customStatus).toEqual({ version: '1.0' });
  await first.close();

  const second = await openHub({ file, versioning: version('2.0') });
  const fresh = await second.start('versioned');
  expect((await second.settled(fresh)).customStatus).toEqual({ version: '2.0' });
  for (const id of [old, fresh]) await second.raise(id, 'go', 1);
  expect((await second.settled(old)).output).toBe('1.0');
  expect((await second.settled(fresh)).output).toBe('2.0');
});

test('a newer instance waits untouched on an older host, and goes on when a newer one comes', async () => {
  const file = path.join(temporaryFolder(), 'durable.db');
  const first = await openHub({ file, versioning: version('1.0') });
  await first.call('POST', '/orchestrators/versioned/ahead?version=2.0');
  expect((await first.settled('ahead')).runtimeStatus).toBe('Pending');
  expect(first.warnings[0]).toContain("has version '2.0', and this host runs version '1.0'");
  expect(first.invocations).toEqual([]);
  await first.close();

  const second = await openHub({ file, versioning: version('2.0') });
  expect((await second.settled('ahead')).customStatus).toEqual({ version: '2.0' });
});

test.each([
  ['CurrentOrOlder', '2.0', 'Failed'],
  ['CurrentOrOlder', '0.1', 'Running'],
  ['Strict', '0.1', 'Failed'],
  ['Strict', '1.0', 'Running'],
  ['None', '2.0', 'Running'],
] as const)(
  'with %s an instance of version %s is %s on a host of version 1.0',
  async (match, given, status) => {
    const { call, settled } = await openHub({ versioning: version('1.0', 'Fail', match) });
    await call('POST', `/orchestrators/versioned/i?version=${given}`);
    const { runtimeStatus, output } = await settled('i');
    expect(runtimeStatus).toBe(status);
    if (status === 'Failed') expect(output).toContain('VersionMismatch');
  },
);

test('an instance that is started with a version waits where host.json names none, and says which it has', async () => {
  const { versioning } = durableSettings({});
  const { call, engine, warnings } = await openHub(versioning === undefined ? {} : { versioning });
  await call('POST', '/orchestrators/versioned/i?version=2.5');
  await engine.idle();
  expect((await call('GET', '/instances/i')).body).toMatchObject({
    version: '2.5',
    runtimeStatus: 'Pending',
  });
  expect(warnings[0]).toContain("has version '2.5', and this host runs version ''");
  await call('POST', '/orchestrators/versioned/j');
  await engine.idle();
  expect((await call('GET', '/instances/j')).body).toMatchObject({ runtimeStatus: 'Running' });
});

test('a sub-orchestration gets the version that is given with the call, else the default', async () => {
  const { start, settled } = await openHub({ versioning: version('1.0') });
  expect((await settled(await start('parent'))).output).toEqual(['1.0', '0.9']);
});

test.each([
  ['', '1.0', -1],
  ['1.10', '1.9', 1],
  ['1.0', '1.0.0', -1],
  ['2.0', '2.0', 0],
  ['beta', 'ALPHA', 1],
])('version %j against %j is %d', (a, b, order) => {
  expect(compareVersions(a, b)).toBe(order);
});

test('host.json sets version, strategies, hub and limits; an unknown strategy is refused with those there are', () => {
  expect(durableSettings({ hubName: 'H', maxConcurrentActivityFunctions: 3 })).toEqual({
    hubName: 'H',
    maxConcurrentActivities: 3,
    provider: {},
    versioning: { defaultVersion: null, matchStrategy: 'CurrentOrOlder', failureStrategy: 'Reject' },
  });
  expect(durableSettings({ defaultVersion: '1.0', versionMatchStrategy: 'strict' }).versioning).toEqual(
    version('1.0', 'Reject', 'Strict'),
  );
  expect(() => durableSettings({ versionFailureStrategy: 'Ignore' })).toThrow(
    'extensions.durableTask.versionFailureStrategy is "Ignore". Use Reject or Fail.',
  );
});

test('host.json sets how long messages stay hidden; under a minute is refused, as the platform does', () => {
  const storageProvider = {
    partitionCount: 2,
    controlQueueVisibilityTimeout: '00:01:00',
    workItemQueueVisibilityTimeout: '00:02:00',
    maxQueuePollingInterval: '00:00:01',
  };
  expect(durableSettings({ storageProvider }).provider).toEqual({
    partitionCount: 2,
    controlQueueVisibilityTimeoutMs: 60_000,
    workItemQueueVisibilityTimeoutMs: 120_000,
    maxQueuePollingIntervalMs: 1_000,
  });
  const short = { ...storageProvider, controlQueueVisibilityTimeout: '00:00:59' };
  expect(() => durableSettings({ storageProvider: short })).toThrow(
    'storageProvider.controlQueueVisibilityTimeout is "00:00:59". Use a time such as "00:01:00", or longer.',
  );
  expect(() => durableSettings({ storageProvider: { partitionCount: 17 } })).toThrow('partitionCount is 17');
});

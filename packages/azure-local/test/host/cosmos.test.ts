// Cosmos DB triggers of a fixture app on the real function host, against the look-alike.
import type { Container } from '@azure/cosmos';
import { until } from '../../src/kit/until';
import { openCosmos, type Cosmos } from '../../testing/cosmos-fixture';
import { connectionTo, receiveDeliveries, type Delivery, type Ending } from '../../testing/host-cosmos-app';
import { removeApps, startFixture, type RunningApp } from '../../testing/host-triggers-app';

let cosmos: Cosmos;
let orders: Container;
let ending: (delivery: Delivery) => Ending;
let received: Awaited<ReturnType<typeof receiveDeliveries>>;

beforeAll(async () => {
  cosmos = await openCosmos();
});
beforeEach(async () => {
  orders = await cosmos.container('/orderId');
  ending = () => 'ok';
  received = await receiveDeliveries((delivery) => ending(delivery));
});
afterAll(async () => {
  removeApps();
  await cosmos.close();
});

const follow = (more: object = {}): object => ({
  kind: 'cosmosDB',
  name: 'Follow',
  connection: 'Store',
  databaseName: orders.database.id,
  containerName: orders.id,
  createLeaseContainerIfNotExists: true,
  startFromBeginning: true,
  feedPollDelay: 20,
  ...more,
});

const start = (...functions: object[]): Promise<RunningApp> =>
  startFixture('host-cosmos', {
    FUNCTIONS: JSON.stringify(functions),
    Store: connectionTo(cosmos.url),
    TEST_URL: received.url,
  });

const idsGivenTo = (name: string): string[] =>
  received.deliveries
    .filter((run) => run.name === name)
    .flatMap(({ documents }) => documents.map(({ id }) => id));

async function delivered(count: number): Promise<void> {
  await until(`${count} deliveries`, () => received.deliveries.length >= count);
}

const retry = (maxRetryCount: number, seconds = 0): object => ({
  retry: { strategy: 'fixedDelay', maxRetryCount, delayInterval: { seconds } },
});

test('documents come as an array with their system properties, those of a partition key in the order of their writes', async () => {
  await start(follow({ maxItemsPerInvocation: 7 }));
  for (let n = 0; n < 40; n += 1) await orders.items.create({ id: String(n), orderId: `o${n % 3}`, n });
  await until('all documents', () => idsGivenTo('Follow').length === 40);
  expect(idsGivenTo('Follow')).toEqual(Array.from({ length: 40 }, (_, n) => String(n)));
  expect(Math.max(...received.deliveries.map(({ documents }) => documents.length))).toBeLessThanOrEqual(7);
  expect(received.deliveries[0]?.documents[0]).toEqual({
    id: '0',
    orderId: 'o0',
    n: 0,
    _rid: expect.any(String) as string,
    _self: expect.any(String) as string,
    _etag: expect.any(String) as string,
    _attachments: 'attachments/',
    _ts: expect.any(Number) as number,
    _lsn: expect.any(Number) as number,
  });
  expect(received.deliveries[0]).not.toHaveProperty('retryContext');
});

test('a host that is killed while a function has a batch brings the batch again, and nothing before it', async () => {
  await orders.items.create({ id: 'before', orderId: 'o' });
  const killed = await start(follow());
  await delivered(1);
  ending = () => new Promise(() => undefined);
  await orders.items.create({ id: 'interrupted', orderId: 'o' });
  await delivered(2);
  await killed.kill();
  ending = () => 'ok';
  await start(follow());
  await orders.items.create({ id: 'after', orderId: 'o' });
  await until('the last document', () => idsGivenTo('Follow').includes('after'));
  expect(idsGivenTo('Follow').filter((id) => id !== 'after')).toEqual([
    'before',
    'interrupted',
    'interrupted',
  ]);
});

test('close waits for the running invocation and its checkpoint: its batch does not come again', async () => {
  let finish: () => void = () => undefined;
  ending = () => new Promise((resolve) => (finish = () => resolve('ok')));
  await orders.items.create({ id: 'running', orderId: 'o' });
  const app = await start(follow());
  await delivered(1);
  const closed = app.close();
  await until('a host that takes in nothing more', () =>
    fetch(app.url).then(
      () => false,
      () => true,
    ),
  );
  finish();
  await closed;
  ending = () => 'ok';
  await orders.items.create({ id: 'next', orderId: 'o' });
  await start(follow());
  await delivered(2);
  expect(idsGivenTo('Follow')).toEqual(['running', 'next']);
});

test('functions with prefixes of their own go on independently, with leases in one container', async () => {
  ending = ({ name }) => (name === 'Stuck' ? { error: 'never' } : 'ok');
  await start(
    follow({ name: 'Stuck', leaseContainerPrefix: 'stuck', ...retry(-1, 600) }),
    follow({ name: 'Free', leaseContainerPrefix: 'free' }),
  );
  for (const id of ['1', '2', '3']) {
    await orders.items.create({ id, orderId: 'o' });
    await until(`document ${id}`, () => idsGivenTo('Free').includes(id));
  }
  await until('the one that is stuck', () => idsGivenTo('Stuck').length > 0);
  const { resources } = await orders.database.container('leases').items.readAll().fetchAll();
  expect(resources.map(({ id }) => String(id).replace(/127.*/, '')).sort()).toEqual(['free', 'stuck']);
  expect(resources.find(({ id }) => String(id).startsWith('free'))).toMatchObject({
    LeaseToken: '-FF',
    Owner: expect.any(String) as string,
    ContinuationToken: expect.any(String) as string,
    timestamp: expect.any(String) as string,
  });
});

describe('a batch that fails', () => {
  test('without a retry policy is lost, and the log says so', async () => {
    ending = ({ documents }) => (documents[0]?.id === 'poison' ? { error: 'cannot read it' } : 'ok');
    const app = await start(follow({ maxItemsPerInvocation: 1 }));
    for (const id of ['poison', 'good']) await orders.items.create({ id, orderId: 'o' });
    await delivered(2);
    expect(idsGivenTo('Follow')).toEqual(['poison', 'good']);
    await until('the log', () => app.output().includes('has no retry policy: they are lost'));
    expect(app.output()).toContain('cannot read it');
  });

  test('under a retry policy comes again with its retry context, and is lost when the retries are used up', async () => {
    ending = ({ documents }) => (documents[0]?.id === 'poison' ? { error: 'cannot read it' } : 'ok');
    const app = await start(follow({ maxItemsPerInvocation: 1, ...retry(2) }));
    for (const id of ['poison', 'good']) await orders.items.create({ id, orderId: 'o' });
    await delivered(4);
    expect(idsGivenTo('Follow')).toEqual(['poison', 'poison', 'poison', 'good']);
    expect(received.deliveries.map(({ retryContext }) => retryContext)).toEqual([
      { retryCount: 0, maxRetryCount: 2 },
      expect.objectContaining({ retryCount: 1, maxRetryCount: 2 }),
      {
        retryCount: 2,
        maxRetryCount: 2,
        exception: {
          message: expect.stringContaining('Exception: cannot read it') as string,
          source: '',
          stackTrace: expect.stringContaining('index.js') as string,
        },
      },
      { retryCount: 0, maxRetryCount: 2 },
    ]);
    expect(app.output()).toContain("Function execution failed after '2' retries.");
    expect(app.output()).toContain('has used up its 2 retries: they are lost');
  });

  test('under a policy without end holds everything behind it until it succeeds', async () => {
    let failures = 0;
    ending = () => (failures < 5 ? { error: `failure ${(failures += 1)}` } : 'ok');
    await start(follow({ maxItemsPerInvocation: 1, ...retry(-1) }));
    for (const id of ['first', 'second']) await orders.items.create({ id, orderId: 'o' });
    await delivered(7);
    expect(idsGivenTo('Follow')).toEqual([...Array.from({ length: 6 }, () => 'first'), 'second']);
  });

  test('and waits for its retry when the host closes comes again at the next start', async () => {
    ending = () => ({ error: 'not yet' });
    await orders.items.create({ id: 'waiting', orderId: 'o' });
    const app = await start(follow(retry(-1, 3600)));
    await until('the failure', () => app.output().includes('(Failed'));
    await app.close();
    ending = () => 'ok';
    await start(follow({ startFromBeginning: false }));
    await delivered(2);
    expect(idsGivenTo('Follow')).toEqual(['waiting', 'waiting']);
  });
});

describe('the first start', () => {
  test('does not need the monitored container: its first document comes once the app has made it', async () => {
    const app = await start(follow({ containerName: 'later', startFromBeginning: false }));
    await until('the warning', () => /waits: The container db-\d+\/later does not exist/.test(app.output()));
    const { container } = await orders.database.containers.create({ id: 'later', partitionKey: '/orderId' });
    await container.items.create({ id: 'first', orderId: 'o' });
    await delivered(1);
    expect(idsGivenTo('Follow')).toEqual(['first']);
  });

  test('waits for a lease container that it may not create, and loses nothing meanwhile', async () => {
    await orders.items.create({ id: '1', orderId: 'o' });
    const app = await start(follow({ createLeaseContainerIfNotExists: false }));
    await until('the warning', () => app.output().includes('Set createLeaseContainerIfNotExists to true'));
    expect(received.deliveries).toEqual([]);
    await orders.database.containers.create({ id: 'leases', partitionKey: '/id' });
    await delivered(1);
    expect(idsGivenTo('Follow')).toEqual(['1']);
  });
});

test('a function cannot be run by hand: there is no batch to run it with', async () => {
  const { url } = await start(follow());
  const answer = await fetch(`${url}/admin/functions/Follow`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"input":""}',
  });
  expect([answer.status, await answer.text()]).toEqual([
    501,
    expect.stringContaining('Running Follow (cosmosDBTrigger) through /admin/functions is not simulated'),
  ]);
});

describe('a start is refused', () => {
  const refusal = (more: object, environment: Readonly<Record<string, string>> = {}): Promise<RunningApp> =>
    startFixture('host-cosmos', {
      FUNCTIONS: JSON.stringify([follow(more)]),
      Store: connectionTo(cosmos.url),
      ...environment,
    });

  test.each([
    ['an unknown setting', { connection: 'Nowhere' }, 'from the setting Nowhere, which is not set'],
    [
      'a setting of another kind',
      { connection: 'TEST' },
      'from the setting TEST, which is not a connection string',
    ],
    [
      'identity',
      { connection: 'Account' },
      'connection by identity (Account__accountEndpoint) is not simulated',
    ],
    [
      'the names of version 3',
      { collectionName: 'c' },
      'option names of extension version 3 is not simulated',
    ],
    ['no database', { databaseName: '' }, 'of function Follow has databaseName: ""; it takes a name'],
    ['a negative delay', { feedPollDelay: -1 }, 'has feedPollDelay: -1; it takes a whole number'],
    ['two beginnings', { startFromTime: '2026-01-01T00:00:00Z' }, 'nothing where startFromBeginning is true'],
    ['a wrong time', { startFromBeginning: false, startFromTime: 'soon' }, 'has startFromTime: "soon"'],
  ])('for %s', async (_, more, message) => {
    await expect(
      refusal(more, { TEST: 'x', Account__accountEndpoint: 'https://a.documents.azure.com' }),
    ).rejects.toThrow(message);
  });

  test('for leases in the monitored container', async () => {
    await expect(refusal({ leaseContainerName: orders.id })).rejects.toThrow(
      'another container than the monitored',
    );
  });
});

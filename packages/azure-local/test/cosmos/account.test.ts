import { connect } from 'node:net';
import { CosmosClient, type Container } from '@azure/cosmos';
import { createAuthorization } from '../../src/cosmos/auth';
import type { CosmosError } from '../../src/cosmos/protocol/errors';
import { EMULATOR_KEY } from '../../src/kit/emulator-connections';
import { openCosmos, sign, statusOf, type Cosmos } from '../../testing/cosmos-fixture';

let cosmos: Cosmos;
let things: Container;

beforeAll(async () => {
  cosmos = await openCosmos();
  things = await cosmos.container('/kind');
});

afterAll(() => cosmos.close());

const link = (): string => things.url.replaceAll(/^\/|\/$/g, '');

describe('the account', () => {
  test('names the server itself as its only location', async () => {
    const { resource } = await cosmos.client.getDatabaseAccount();
    expect(resource?.writableLocations).toEqual([{ name: 'Local', databaseAccountEndpoint: cosmos.url }]);
    expect(resource?.consistencyPolicy).toBe('Session');
  });

  test('refuses a wrong key with 401 and says what it signed', async () => {
    const stranger = new CosmosClient({ endpoint: cosmos.url, key: Buffer.from('wrong').toString('base64') });
    await expect(stranger.getDatabaseAccount()).rejects.toMatchObject({
      code: 401,
      message: expect.stringContaining('Server used the following payload to sign') as string,
    });
    stranger.dispose();
  });

  test('refuses a request without a signature, and one signed for something else', async () => {
    const signed = { type: 'docs', link: link() };
    expect((await cosmos.raw('GET', `/${link()}/docs`, { ...signed, link: 'dbs/other' })).status).toBe(401);
    const unsigned = await fetch(new URL(`/${link()}/docs`, cosmos.url));
    expect(unsigned.status).toBe(401);
  });

  test('refuses a date that is more than 15 minutes off with 403', async () => {
    const date = new Date(Date.now() - 16 * 60_000).toUTCString();
    const headers = { 'x-ms-date': date, authorization: sign('GET', { type: '', link: '' }, date) };
    expect((await cosmos.raw('GET', '/', { type: '', link: '' }, { headers })).status).toBe(403);
  });

  test('refuses a signature that it has just taken, for anything else than what it signs, and once it is too old', () => {
    const now = jest.spyOn(Date, 'now');
    const authorize = createAuthorization(EMULATOR_KEY);
    const date = new Date().toUTCString();
    const authorization = sign('GET', { type: 'docs', link: 'dbs/a' }, date);
    const request = { method: 'GET', resourceType: 'docs', resourceLink: 'dbs/a', authorization, date };
    const status = (other: object): unknown => {
      try {
        authorize({ ...request, ...other });
        return 'taken';
      } catch (error) {
        return (error as CosmosError).status;
      }
    };
    expect([status({}), status({})]).toEqual(['taken', 'taken']);
    const others = [
      { method: 'PUT' },
      { resourceType: 'colls' },
      { resourceLink: 'dbs/b' },
      { authorization: 'x' },
    ];
    expect(others.map(status)).toEqual([401, 401, 401, 401]);
    now.mockReturnValue(Date.parse(date) + 16 * 60_000);
    expect(status({})).toBe(403);
    now.mockRestore();
  });

  test('refuses Microsoft Entra ID by name', async () => {
    const headers = { authorization: encodeURIComponent('type=aad&ver=1.0&sig=token') };
    const { status, text } = await cosmos.raw('GET', '/', { type: '', link: '' }, { headers });
    expect([status, text]).toEqual([401, expect.stringContaining('Entra ID are not simulated')]);
  });
});

describe('databases and containers', () => {
  test('are created once, read, listed and deleted', async () => {
    const { databases } = cosmos.client;
    expect((await databases.createIfNotExists({ id: 'shop' })).statusCode).toBe(201);
    const { statusCode, database } = await databases.createIfNotExists({ id: 'shop' });
    expect(statusCode).toBe(200);
    expect(await statusOf(databases.create({ id: 'shop' }))).toBe(409);
    const definition = { id: 'orders', partitionKey: { paths: ['/orderId'] }, defaultTtl: 60 };
    expect((await database.containers.createIfNotExists(definition)).statusCode).toBe(201);
    expect((await database.containers.createIfNotExists(definition)).statusCode).toBe(200);
    const { resource } = await database.container('orders').read();
    expect(resource).toMatchObject({ ...definition, partitionKey: { paths: ['/orderId'], kind: 'Hash' } });
    expect((await database.containers.readAll().fetchAll()).resources.map(({ id }) => id)).toEqual([
      'orders',
    ]);
    expect((await databases.readAll().fetchAll()).resources.map(({ id }) => id)).toContain('shop');
    await database.container('orders').delete();
    expect(await statusOf(database.container('orders').read())).toBe(404);
    await database.delete();
    expect(await statusOf(database.read())).toBe(404);
  });

  test('that are deleted take their documents along', async () => {
    const { database } = await cosmos.client.databases.create({ id: 'again' });
    const { container } = await database.containers.create({ id: 'c', partitionKey: '/id' });
    await container.items.create({ id: '1' });
    await container.delete();
    const { container: fresh } = await database.containers.create({ id: 'c', partitionKey: '/id' });
    expect((await fresh.items.query('SELECT * FROM c').fetchAll()).resources).toEqual([]);
  });

  test('a document in a container that does not exist is a 404', async () => {
    const { container } = { container: things.database.container('nowhere') };
    expect(await statusOf(container.item('1', 'k').read())).toBe(404);
  });

  test('have one partition key range', async () => {
    const { resources } = await things.readPartitionKeyRanges().fetchAll();
    expect(resources).toMatchObject([{ id: '0', minInclusive: '', maxExclusive: 'FF' }]);
  });
});

describe('every answer', () => {
  test('carries a charge, a session token and an activity id', async () => {
    const { headers, requestCharge, activityId } = await things.items.create({ id: 'h', kind: 'k' });
    expect(requestCharge).toBe(5);
    expect(headers['x-ms-session-token']).toMatch(/^0:-1#\d+$/);
    expect(activityId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('to a point read costs 1 RU per started KB', async () => {
    await things.items.create({ id: 'kb', kind: 'k', text: 'x'.repeat(3000) });
    expect((await things.item('kb', 'k').read()).requestCharge).toBe(4);
    expect((await things.item('h', 'k').read()).requestCharge).toBe(1);
  });
});

describe('throttling on demand', () => {
  test('answers 429 with its waiting time, which the SDK waits for and tries again', async () => {
    cosmos.server.resetCounters();
    cosmos.server.throttle({ count: 2, retryAfterMs: 3 });
    const { statusCode, headers } = await things.items.create({ id: 'throttled', kind: 'k' });
    expect(statusCode).toBe(201);
    expect(headers['x-ms-throttle-retry-count']).toBe(2);
    expect(cosmos.server.counters().create).toMatchObject({ requests: 3, refused: 2 });
  });

  test('reaches a client that does not retry, and changes nothing', async () => {
    cosmos.server.throttle({ count: 1, retryAfterMs: 70 });
    const { status, headers } = await cosmos.raw(
      'POST',
      `/${link()}/docs`,
      { type: 'docs', link: link() },
      {
        headers: { 'x-ms-documentdb-partitionkey': '["k"]' },
        body: JSON.stringify({ id: 'refused', kind: 'k' }),
      },
    );
    expect([status, headers.get('x-ms-retry-after-ms'), headers.get('x-ms-substatus')]).toEqual([
      429,
      '70',
      '3200',
    ]);
    expect((await things.item('refused', 'k').read()).statusCode).toBe(404);
  });
});

describe('the counters', () => {
  test('count requests, request units and bytes per kind of operation, and restart from zero on demand', async () => {
    cosmos.server.resetCounters();
    const { requestCharge } = await things.items.create({ id: 'counted', kind: 'k' });
    await things.item('counted', 'k').read();
    await things.item('uncounted', 'k').read();
    await things.items.query('SELECT * FROM c WHERE c.id = "counted"').fetchAll();
    const counters = cosmos.server.counters();
    expect(counters.create).toMatchObject({ requests: 1, refused: 0, requestUnits: requestCharge });
    expect(counters.create?.bytesIn).toBe(JSON.stringify({ id: 'counted', kind: 'k' }).length);
    expect(counters.create?.bytesOut).toBeGreaterThan(100);
    expect(counters.read).toMatchObject({ requests: 2, refused: 1, requestUnits: 2 });
    expect(counters.query?.requests).toBe(1);
    expect((await cosmos.ask('counters')).json).toEqual(counters);
    await cosmos.ask('counters', 'DELETE');
    expect(cosmos.server.counters()).toEqual({});
  });
});

describe('closing', () => {
  test('leaves no write unanswered, and may be called twice', async () => {
    const other = await openCosmos();
    const container = await other.container('/id');
    const creates = Array.from({ length: 20 }, (_, n) =>
      container.items.create({ id: `${n}` }).then(
        () => [`${n}`],
        () => [],
      ),
    );
    await Promise.race(creates);
    await Promise.all([other.server.close(), other.server.close()]);
    const answered = (await Promise.all(creates)).flat();
    const reopened = await openCosmos(other.folder);
    const { resources } = await reopened.client
      .database(container.database.id)
      .container(container.id)
      .items.query<string>('SELECT VALUE c.id FROM c')
      .fetchAll();
    expect(resources.sort()).toEqual(answered.sort());
    expect(answered.length).toBeGreaterThan(0);
    await reopened.close();
    await other.close();
  });

  test('does not wait for a request whose body does not come to its end', async () => {
    const other = await openCosmos();
    const socket = connect(Number(new URL(other.url).port), '127.0.0.1');
    const ended = new Promise((resolve) => socket.on('error', () => undefined).once('close', resolve));
    // The first request shows that the second has come.
    socket.write('GET /_lookalike/counters HTTP/1.1\r\nHost: localhost\r\n\r\n');
    socket.write('POST /dbs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{');
    await new Promise((resolve) => socket.once('data', resolve));
    await other.close();
    await ended;
  });
});

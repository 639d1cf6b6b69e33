import { copyFileSync, existsSync, mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { PartitionKeyKind, type Container } from '@azure/cosmos';
import { cosmosLookAlikeOnly } from '../../testing/contract-target';
import { openCosmos, statusOf, type Cosmos } from '../../testing/cosmos-fixture';
import { openCosmosTarget } from '../../testing/cosmos-target';

let cosmos: Cosmos;
let things: Container;

beforeAll(async () => {
  cosmos = await openCosmosTarget();
  things = await cosmos.container('/kind');
});

afterAll(() => cosmos.close());

const ifMatch = (etag: string): { accessCondition: { type: string; condition: string } } => ({
  accessCondition: { type: 'IfMatch', condition: etag },
});

describe('a document', () => {
  test('is created with 201 and read back as it was, with its system properties', async () => {
    const document = { id: 'a', kind: 'k', deep: { n: [1, null] } };
    const { statusCode, resource, etag } = await things.items.create(document);
    expect(statusCode).toBe(201);
    const read = await things.item('a', 'k').read<typeof document>();
    expect(read.statusCode).toBe(200);
    expect(read.resource).toEqual(resource);
    expect(read.resource).toMatchObject({ ...document, _attachments: 'attachments/' });
    expect(read.resource?._etag).toBe(etag);
    expect(read.resource?._self).toContain(read.resource?._rid ?? 'none');
  });

  test('keeps its _rid through a replace and gets a new _etag', async () => {
    const { resource: before } = await things.items.create({ id: 'rid', kind: 'k', n: 1 });
    const { resource: after } = await things.item('rid', 'k').replace({ id: 'rid', kind: 'k', n: 2 });
    expect(after?._rid).toBe(before?._rid);
    expect(after?._etag).not.toBe(before?._etag);
  });

  cosmosLookAlikeOnly('clock')('has the second of its last write in _ts', async () => {
    const { resource: before } = await things.items.create({ id: 'ts', kind: 'k' });
    expect(before?._ts).toBe(Math.floor(cosmos.clock.now() / 1000));
    cosmos.clock.advance(5000);
    const { resource: after } = await things.item('ts', 'k').replace({ id: 'ts', kind: 'k', n: 2 });
    expect(after?._ts).toBe((before?._ts ?? 0) + 5);
  });

  test('that does not exist is read as 404', async () => {
    const { statusCode, resource } = await things.item('nobody', 'k').read<object>();
    expect([statusCode, resource]).toEqual([404, undefined]);
    expect(await statusOf(things.item('nobody', 'k').delete())).toBe(404);
    expect(await statusOf(things.item('nobody', 'k').replace({ id: 'nobody', kind: 'k' }))).toBe(404);
  });

  test('with an id that exists in its partition is refused with 409, in another partition it is another document', async () => {
    await things.items.create({ id: 'twice', kind: 'one' });
    expect(await statusOf(things.items.create({ id: 'twice', kind: 'one' }))).toBe(409);
    expect(await statusOf(things.items.create({ id: 'twice', kind: 'two' }))).toBe(201);
  });

  test('is created by exactly one of 50 creates at once', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 50 }, (_, n) => statusOf(things.items.create({ id: 'race', kind: 'k', n }))),
    );
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(49);
  });

  test('is upserted: 201 when new, 200 when not', async () => {
    expect(await statusOf(things.items.upsert({ id: 'up', kind: 'k', n: 1 }))).toBe(201);
    expect(await statusOf(things.items.upsert({ id: 'up', kind: 'k', n: 2 }))).toBe(200);
    expect((await things.item('up', 'k').read<{ n: number }>()).resource?.n).toBe(2);
  });

  test('is deleted with 204, and its id can be used again with another etag', async () => {
    const { etag } = await things.items.create({ id: 'gone', kind: 'k' });
    expect(await statusOf(things.item('gone', 'k').delete())).toBe(204);
    expect(await statusOf(things.item('gone', 'k').read())).toBe(404);
    const again = await things.items.create({ id: 'gone', kind: 'k' });
    expect(again.etag).not.toBe(etag);
  });

  test.each(['__proto__', 'constructor', '…ü%41 &+', 'a:b;c=d'])('may have the id %s', async (id) => {
    expect(await statusOf(things.items.create({ id, kind: 'k' }))).toBe(201);
    expect((await things.item(id, 'k').read()).resource).toMatchObject({ id });
  });

  test.each(['a/b', 'a\\b', 'a?b', 'a#b', ''])('may not have the id %j', async (id) => {
    const link = things.url.replaceAll(/^\/|\/$/g, '');
    const { status, text } = await cosmos.raw(
      'POST',
      `/${link}/docs`,
      { type: 'docs', link },
      {
        headers: { 'x-ms-documentdb-partitionkey': '["k"]' },
        body: JSON.stringify({ id, kind: 'k' }),
      },
    );
    expect([status, (JSON.parse(text) as { code: string }).code]).toEqual([400, 'BadRequest']);
  });

  test('of more than 2 MB is refused with 413', async () => {
    const text = 'x'.repeat(2 * 1024 * 1024);
    expect(await statusOf(things.items.create({ id: 'big', kind: 'k', text }))).toBe(413);
    expect(await statusOf(things.items.create({ id: 'big', kind: 'k', text: text.slice(1000) }))).toBe(201);
  });

  test('whose body is not JSON is refused with 400', async () => {
    const link = things.url.replaceAll(/^\/|\/$/g, '');
    const answer = await cosmos.raw(
      'POST',
      `/${link}/docs`,
      { type: 'docs', link },
      {
        headers: { 'x-ms-documentdb-partitionkey': '["k"]' },
        body: '{"id":',
      },
    );
    expect(answer.status).toBe(400);
  });
});

describe('an etag', () => {
  test('that is current lets a replace, an upsert, a patch and a delete through', async () => {
    let etag = (await things.items.create({ id: 'current', kind: 'k' })).etag;
    const item = things.item('current', 'k');
    ({ etag } = await item.replace({ id: 'current', kind: 'k', n: 1 }, ifMatch(etag)));
    ({ etag } = await things.items.upsert({ id: 'current', kind: 'k', n: 2 }, ifMatch(etag)));
    ({ etag } = await item.patch([{ op: 'incr', path: '/n', value: 1 }], ifMatch(etag)));
    expect((await item.read<{ n: number }>()).resource?.n).toBe(3);
    expect(await statusOf(item.delete(ifMatch(etag)))).toBe(204);
  });

  test('that is stale refuses them with 412 and changes nothing', async () => {
    const { etag } = await things.items.create({ id: 'stale', kind: 'k', n: 0 });
    const item = things.item('stale', 'k');
    await item.replace({ id: 'stale', kind: 'k', n: 1 });
    expect(await statusOf(item.replace({ id: 'stale', kind: 'k', n: 2 }, ifMatch(etag)))).toBe(412);
    expect(await statusOf(things.items.upsert({ id: 'stale', kind: 'k', n: 2 }, ifMatch(etag)))).toBe(412);
    expect(await statusOf(item.patch([{ op: 'set', path: '/n', value: 2 }], ifMatch(etag)))).toBe(412);
    expect(await statusOf(item.delete(ifMatch(etag)))).toBe(412);
    expect((await item.read<{ n: number }>()).resource?.n).toBe(1);
  });

  test('shared by two writers lets exactly one through', async () => {
    const { etag } = await things.items.create({ id: 'two', kind: 'k' });
    const write = (n: number): Promise<unknown> =>
      statusOf(things.item('two', 'k').replace({ id: 'two', kind: 'k', n }, ifMatch(etag)));
    expect((await Promise.all([write(1), write(2)])).sort()).toEqual([200, 412]);
  });

  test('given as If-None-Match is answered with 304 for an unchanged document', async () => {
    const { etag } = await things.items.create({ id: 'same', kind: 'k' });
    const read = (): Promise<number | string | undefined> =>
      statusOf(things.item('same', 'k').read({ accessCondition: { type: 'IfNoneMatch', condition: etag } }));
    expect(await read()).toBe(304);
    await things.item('same', 'k').replace({ id: 'same', kind: 'k', n: 1 });
    expect(await read()).toBe(200);
  });
});

describe('a partition key', () => {
  test('may be missing, null, a number or a boolean, each a partition of its own', async () => {
    const keys = [undefined, null, 1, true, '1'];
    for (const kind of keys) await things.items.create({ id: 'typed', ...(kind !== undefined && { kind }) });
    for (const kind of keys) {
      const { resource } = await things.item('typed', kind).read<{ kind: unknown }>();
      expect(resource?.kind).toBe(kind);
    }
  });

  test('may have several components', async () => {
    const container = await cosmos.container({
      paths: ['/tenant', '/user/id'],
      kind: PartitionKeyKind.MultiHash,
    });
    await container.items.create({ id: '1', tenant: 't', user: { id: 'u' } });
    expect((await container.item('1', ['t', 'u']).read()).statusCode).toBe(200);
    expect((await container.item('1', ['t', 'v']).read()).statusCode).toBe(404);
  });

  test('that is not the one in the header is refused with 400', async () => {
    await things.items.create({ id: 'moved', kind: 'here' });
    expect(await statusOf(things.item('moved', 'here').replace({ id: 'moved', kind: 'there' }))).toBe(400);
  });
});

describe('time to live', () => {
  cosmosLookAlikeOnly('clock')(
    'of the container deletes a document when it expires, and its id is free again',
    async () => {
      const short = await cosmos.container('/id', { defaultTtl: 60 });
      await short.items.create({ id: 'a' });
      cosmos.clock.advance(59_000);
      expect((await short.item('a', 'a').read()).statusCode).toBe(200);
      cosmos.clock.advance(1000);
      expect((await short.item('a', 'a').read()).statusCode).toBe(404);
      expect((await short.items.query('SELECT * FROM c').fetchAll()).resources).toEqual([]);
      expect(await statusOf(short.items.create({ id: 'a' }))).toBe(201);
    },
  );

  cosmosLookAlikeOnly('clock')('starts again with every write', async () => {
    const short = await cosmos.container('/id', { defaultTtl: 60 });
    await short.items.create({ id: 'a' });
    cosmos.clock.advance(59_000);
    await short.item('a', 'a').patch([{ op: 'set', path: '/n', value: 1 }]);
    cosmos.clock.advance(59_000);
    expect((await short.item('a', 'a').read()).statusCode).toBe(200);
  });

  cosmosLookAlikeOnly('clock')(
    'of a document goes before that of the container, and -1 means never',
    async () => {
      const byDocument = await cosmos.container('/id', { defaultTtl: -1 });
      await byDocument.items.create({ id: 'short', ttl: 10 });
      await byDocument.items.create({ id: 'never', ttl: -1 });
      await byDocument.items.create({ id: 'default' });
      cosmos.clock.advance(86_400_000);
      const { resources } = await byDocument.items.query<string>('SELECT VALUE c.id FROM c').fetchAll();
      expect(resources).toEqual(['never', 'default']);
    },
  );

  cosmosLookAlikeOnly('clock')('is ignored where the container has none', async () => {
    await things.items.create({ id: 'kept', kind: 'k', ttl: 1 });
    cosmos.clock.advance(10_000);
    expect((await things.item('kept', 'k').read()).statusCode).toBe(200);
  });

  test('is refused when it is no number of seconds', async () => {
    const short = await cosmos.container('/id', { defaultTtl: 60 });
    expect(await statusOf(short.items.create({ id: 'bad', ttl: 0 }))).toBe(400);
  });
});

describe('what has been answered', () => {
  cosmosLookAlikeOnly('disk')('is on disk at that moment, so a killed process loses none of it', async () => {
    const safe = await cosmos.container('/id');
    const { resource } = await safe.items.create({ id: 'safe' });
    await safe.items.create({ id: 'deleted' });
    await safe.item('deleted', 'deleted').delete();
    const copy = mkdtempSync(path.join(os.tmpdir(), 'cosmos-copy-'));
    for (const file of ['data.db', 'data.db-wal'])
      if (existsSync(path.join(cosmos.folder, file)))
        copyFileSync(path.join(cosmos.folder, file), path.join(copy, file));
    const reopened = await openCosmos(copy);
    const again = reopened.client.database(safe.database.id).container(safe.id);
    expect((await again.item('safe', 'safe').read()).resource).toEqual(resource);
    expect((await again.item('deleted', 'deleted').read()).statusCode).toBe(404);
    // The newest change was a deletion: its place in the sequence is not given again.
    const { headers: before } = await safe.items.create({ id: 'next' });
    const { headers: after } = await again.items.create({ id: 'next' });
    await reopened.close();
    const changeNumber = (token: unknown): number => Number(/#(\d+)/.exec(String(token))?.[1]);
    expect(changeNumber(after['x-ms-session-token'])).toBeGreaterThanOrEqual(
      changeNumber(before['x-ms-session-token']),
    );
    // A log that lost its end holds `safe` and not `next`: another `next` is another version, by its etag too.
    expect(after['etag']).toMatch(/^"/);
    expect(after['etag']).not.toBe(before['etag']);
  });
});

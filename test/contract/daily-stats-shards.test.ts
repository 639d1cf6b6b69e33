// The parts of a day in the read model `daily-stats`, on the Cosmos DB look-alike.
import { asChange, envelopes } from '../support/memory-read-models';
import { HAPPY, openReadModels } from './read-models-fixture';
import { createCosmosDailyStats } from '../../src/adapters/cosmos-daily-stats';
import type { CountedTogether } from '../../src/projections/read-model-stores';
import { openAppDatabase } from '../support/app-database';
import { SCOPE } from '../support/orders';
import { openCosmos, type Cosmos } from 'azure-local/testing/cosmos-fixture';

let cosmos: Cosmos;
beforeAll(async () => void (cosmos = await openCosmos()));
afterAll(() => cosmos.close());

/** Orders whose ids begin with each of the 16 digits. */
const streams = Array.from({ length: 16 }, (_, n) =>
  envelopes(`${n.toString(16)}0000000-0000-4000-8000-000000000001`, HAPPY),
);

interface Counted {
  readonly id: string;
  readonly dayShard: string;
  readonly ttl?: number;
  readonly eventIds?: readonly string[];
}

test('orders of one day are counted in 16 partitions by the first bits of their ids, each beside one mark for what came with one page', async () => {
  const system = openReadModels(cosmos);
  await system.host()(...streams.flat().map(asChange));
  const documents = (await system.container('daily-stats').items.readAll<Counted>().fetchAll()).resources;
  const counts = documents.filter(({ id }) => id === 'stats:default');
  expect(counts.map(({ dayShard }) => dayShard).sort()).toEqual(
    Array.from({ length: 16 }, (_, n) => `2026-01-01:${n.toString(16)}`),
  );
  const marks = documents.filter(({ id }) => id.startsWith('counted:'));
  expect(marks).toHaveLength(16);
  for (const { dayShard, eventIds = [], ttl } of marks) {
    expect(eventIds.map((eventId) => `2026-01-01:${eventId.charAt(0)}`)).toEqual([dayShard, dayShard]);
    expect(ttl).toBeGreaterThan(0);
  }
});

test('a day is the sum of its parts, also when two hosts take the same events', async () => {
  const system = openReadModels(cosmos);
  const changes = streams.flat().map(asChange);
  await Promise.all([system.host()(...changes), system.host()(...changes)]);
  const answer = await system.daily('?from=2026-01-01&to=2026-01-01');
  expect(answer.jsonBody).toMatchObject([
    { day: '2026-01-01', created: 16, completed: 16, createdAmount: { USD: 16 * 149.93 } },
  ]);
});

test('counts that somebody else has replaced meanwhile are not written, nor is the mark', async () => {
  const database = openAppDatabase(cosmos.url, { name: 'stale-counts' });
  const stats = createCosmosDailyStats(database.container('daily-stats'));
  const shard = '2026-01-01:0';
  const page = (name: string): CountedTogether => ({
    eventIds: [name],
    newestAt: '2026-01-01T00:00:00.000Z',
  });
  const before = await stats.part(SCOPE, shard, '2026-01-01');
  const first = await stats.count(SCOPE, shard, before.etag, { ...before.counts, created: 1 }, page('a'));
  const second = await stats.count(SCOPE, shard, first, { ...before.counts, created: 2 }, page('b'));
  expect(second).toBeDefined();
  for (const stale of [undefined, first])
    expect(
      await stats.count(SCOPE, shard, stale, { ...before.counts, created: 9 }, page('c')),
    ).toBeUndefined();
  const { counts, eventIds } = await stats.part(SCOPE, shard, '2026-01-01');
  expect([counts.created, [...eventIds].sort()]).toEqual([2, ['a', 'b']]);
});

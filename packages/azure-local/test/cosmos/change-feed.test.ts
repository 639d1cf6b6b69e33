import {
  ChangeFeedStartFrom,
  type ChangeFeedIteratorOptions,
  type ChangeFeedPullModelIterator,
  type Container,
} from '@azure/cosmos';
import { cosmosLookAlikeOnly } from '../../testing/contract-target';
import { type Cosmos } from '../../testing/cosmos-fixture';
import { openCosmosTarget } from '../../testing/cosmos-target';

let cosmos: Cosmos;
let things: Container;

beforeAll(async () => {
  cosmos = await openCosmosTarget();
});

beforeEach(async () => {
  things = await cosmos.container('/kind', { defaultTtl: -1 });
  for (const [id, kind] of [
    ['1', 'a'],
    ['2', 'b'],
    ['3', 'a'],
  ] as const)
    await things.items.create({ id, kind });
});

afterAll(() => cosmos.close());

type Feed = ChangeFeedPullModelIterator<{ id: string; _lsn: number }>;

type Start = NonNullable<ChangeFeedIteratorOptions['changeFeedStartFrom']>;

const feed = (start: unknown, maxItemCount = 100): Feed =>
  things.items.getChangeFeedIterator({ changeFeedStartFrom: start as Start, maxItemCount });

/** The ids of the pages up to the first 304. */
async function drain(iterator: Feed): Promise<string[][]> {
  const pages: string[][] = [];
  for (;;) {
    const { statusCode, result } = await iterator.readNext();
    if (statusCode === 304) return pages;
    pages.push(result.map(({ id }) => id));
  }
}

describe('the change feed', () => {
  test('from the beginning gives every document in the order of its last change, then 304', async () => {
    await things.item('1', 'a').patch([{ op: 'set', path: '/n', value: 1 }]);
    expect(await drain(feed(ChangeFeedStartFrom.Beginning()))).toEqual([['2', '3', '1']]);
  });

  test('goes on after a 304 with what has changed since, each document once', async () => {
    const iterator = feed(ChangeFeedStartFrom.Beginning());
    await drain(iterator);
    await things.items.create({ id: '4', kind: 'c' });
    await things.item('2', 'b').replace({ id: '2', kind: 'b', n: 1 });
    await things.item('2', 'b').replace({ id: '2', kind: 'b', n: 2 });
    expect(await drain(iterator)).toEqual([['4', '2']]);
    expect(await drain(iterator)).toEqual([]);
  });

  test('comes in pages, and goes on from a continuation in another client', async () => {
    const iterator = feed(ChangeFeedStartFrom.Beginning(), 2);
    const first = await iterator.readNext();
    expect(first.result.map(({ id }) => id)).toEqual(['1', '2']);
    const next = feed(ChangeFeedStartFrom.Continuation(first.continuationToken), 2);
    expect(await drain(next)).toEqual([['3']]);
  });

  test('from now gives only what changes later', async () => {
    const iterator = feed(ChangeFeedStartFrom.Now());
    expect(await drain(iterator)).toEqual([]);
    await things.items.create({ id: '4', kind: 'a' });
    expect(await drain(iterator)).toEqual([['4']]);
  });

  cosmosLookAlikeOnly('clock')('from a point in time gives what changed at that time or later', async () => {
    cosmos.clock.advance(60_000);
    const start = new Date(cosmos.clock.now());
    await things.items.create({ id: '4', kind: 'a' });
    expect(await drain(feed(ChangeFeedStartFrom.Time(start)))).toEqual([['4']]);
    const later = new Date(start.getTime() + 1000);
    const iterator = feed(ChangeFeedStartFrom.Time(later));
    expect(await drain(iterator)).toEqual([]);
    await things.items.create({ id: '5', kind: 'a' });
    expect(await drain(iterator)).toEqual([['5']]);
  });

  test('of one partition key gives that partition only', async () => {
    const iterator = feed(ChangeFeedStartFrom.Beginning('a'));
    expect(await drain(iterator)).toEqual([['1', '3']]);
    await things.items.create({ id: '4', kind: 'b' });
    expect(await drain(iterator)).toEqual([]);
  });

  test('leaves out what has been deleted', async () => {
    await things.item('2', 'b').delete();
    expect((await drain(feed(ChangeFeedStartFrom.Beginning()))).flat()).toEqual(['1', '3']);
  });

  cosmosLookAlikeOnly('clock')('leaves out what has expired', async () => {
    await things.items.create({ id: '4', kind: 'a', ttl: 10 });
    cosmos.clock.advance(10_000);
    expect((await drain(feed(ChangeFeedStartFrom.Beginning()))).flat()).toEqual(['1', '2', '3']);
  });

  test('gives each document its LSN, which does not stay when the document is written back', async () => {
    const { result } = await feed(ChangeFeedStartFrom.Beginning()).readNext();
    const lsns = result.map(({ _lsn }) => _lsn);
    expect(lsns).toEqual([...lsns].sort((a, b) => a - b));
    expect(new Set(lsns).size).toBe(3);
    const { resource } = await things.item('1', 'a').replace(result[0] as never);
    expect(resource).not.toHaveProperty('_lsn');
  });

  test('misses nothing and repeats nothing while 200 documents are written beside its reader', async () => {
    const iterator = feed(ChangeFeedStartFrom.Now(), 7);
    await drain(iterator);
    const seen: string[] = [];
    const work = { done: false };
    const writers = Array.from({ length: 200 }, (_, n) =>
      things.items.create({ id: `w${n}`, kind: `k${n % 5}` }),
    );
    const written = Promise.all(writers).finally(() => (work.done = true));
    while (!work.done) seen.push(...(await drain(iterator)).flat());
    await written;
    seen.push(...(await drain(iterator)).flat());
    expect(seen).toHaveLength(200);
    expect(new Set(seen).size).toBe(200);
  });

  test('works with the older iterator of one partition', async () => {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the deprecated iterator is what is tested
    const iterator = things.items.changeFeed('a', { startFromBeginning: true });
    const { result } = await iterator.fetchNext();
    expect(result.map(({ id }: { id: string }) => id)).toEqual(['1', '3']);
    expect((await iterator.fetchNext()).statusCode).toBe(304);
  });

  cosmosLookAlikeOnly('refusals')('in another mode than "latest version" is refused by name', async () => {
    const link = things.url.replaceAll(/^\/|\/$/g, '');
    const { status, text } = await cosmos.raw(
      'GET',
      `/${link}/docs`,
      { type: 'docs', link },
      {
        headers: { 'a-im': 'Full-Fidelity Feed' },
      },
    );
    expect([status, text]).toEqual([
      501,
      expect.stringContaining("the change feed mode 'Full-Fidelity Feed'"),
    ]);
  });
});

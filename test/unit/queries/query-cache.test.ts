// The cache of queries with a clock that is set by hand.
import { CACHED_MS, createQueryCache, type QueryCache } from '../../../src/queries/query-cache';
import { createMetrics } from '../../../src/telemetry/metrics';
import { seriesIn } from '../../support/prometheus';

const QUERY = { group: 'cust-1', key: 'all' };

function open() {
  let nowMs = 0;
  let value = 'first';
  const metrics = createMetrics();
  const cacheOf = (): QueryCache<string> => createQueryCache('list', metrics, () => nowMs);
  return {
    cacheOf,
    cache: cacheOf(),
    advance: (ms: number) => void (nowMs += ms),
    write: (next: string) => void (value = next),
    load: () => Promise.resolve(value),
    counted: () => seriesIn(metrics.text('a')),
  };
}

test('a query that is asked again within its time is not read again, and is counted as a hit', async () => {
  const { cache, advance, write, load, counted } = open();
  expect(await cache.read(QUERY, load)).toEqual({ answer: 'first', result: 'miss' });
  write('second');
  advance(CACHED_MS - 1);
  expect(await cache.read(QUERY, load)).toEqual({ answer: 'first', result: 'hit' });
  expect(counted()).toEqual({
    'order_saga_query_cache_total{instance="a",query="list",result="hit"}': 1,
    'order_saga_query_cache_total{instance="a",query="list",result="miss"}': 1,
  });
});

test('an instance that did not write shows a change after a second at most, and at once to who must see it', async () => {
  const { cacheOf, advance, write, load } = open();
  const [writer, other] = [cacheOf(), cacheOf()];
  for (const cache of [writer, other]) await cache.read(QUERY, load);
  write('second');
  writer.forget(QUERY.group);
  expect((await writer.read(QUERY, load)).answer).toBe('second');
  advance(CACHED_MS - 1);
  expect((await other.read(QUERY, load)).answer).toBe('first');
  expect((await other.read({ ...QUERY, isFresh: true }, load)).answer).toBe('second');
  write('third');
  advance(CACHED_MS);
  expect((await other.read(QUERY, load)).answer).toBe('third');
});

test('a read that began before a write and ended after it is not kept', async () => {
  const { cache, load } = open();
  let answer: (value: string) => void = () => undefined;
  const reading = cache.read(QUERY, () => new Promise((resolve) => (answer = resolve)));
  cache.forget(QUERY.group);
  answer('old');
  await reading;
  expect(await cache.read(QUERY, load)).toEqual({ answer: 'first', result: 'miss' });
});

test('calls that come while a query is read share it, and a failure is not kept', async () => {
  const { cache, load } = open();
  let reads = 0;
  const fail = (): Promise<string> => {
    reads += 1;
    return Promise.reject(new Error('away'));
  };
  await expect(Promise.all([cache.read(QUERY, fail), cache.read(QUERY, fail)])).rejects.toThrow('away');
  expect(reads).toBe(1);
  expect((await cache.read(QUERY, load)).answer).toBe('first');
});

test('another group and another query are not told apart by chance, and the oldest go first', async () => {
  const { cache, load } = open();
  await cache.read(QUERY, load);
  for (const query of [
    { ...QUERY, group: 'cust-2' },
    { ...QUERY, key: 'failed' },
  ])
    expect((await cache.read(query, load)).result).toBe('miss');
  for (let index = 0; index < 200; index++) await cache.read({ group: `g-${index}`, key: 'all' }, load);
  expect((await cache.read({ group: 'g-199', key: 'all' }, load)).result).toBe('hit');
  expect((await cache.read(QUERY, load)).result).toBe('miss');
});

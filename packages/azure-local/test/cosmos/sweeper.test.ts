// When the Cosmos DB look-alike sweeps out what has expired: one alarm at a time, again and again, until it is stopped.
import { ManualClock } from '../../src/kit/clock';
import { Catalog } from '../../src/cosmos/catalog';
import type { Container } from '../../src/cosmos/container';
import { createDocument } from '../../src/cosmos/documents';
import { ExpirySweeper } from '../../src/cosmos/expiry';
import { Journal } from '../../src/storage/journal';
import { until } from '../../src/kit/until';

const SECOND_MS = 1_000;
let journal: Journal;
let clock: ManualClock;
let catalog: Catalog;
let container: Container;
let sweeper: ExpirySweeper;

beforeEach(async () => {
  [journal, clock] = [new Journal(':memory:'), new ManualClock()];
  catalog = new Catalog(journal, clock);
  await catalog.createDatabase({ id: 'db' });
  container = await catalog.createContainer('db', {
    id: 'c',
    partitionKey: { paths: ['/pk'] },
    defaultTtl: -1,
  });
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  sweeper = new ExpirySweeper(journal, clock, catalog, log);
});

afterEach(async () => {
  await sweeper.stop();
  await journal.close();
});

const seconds = (): number => Math.floor(clock.now() / SECOND_MS);
const add = (id: string, ttl?: number): Promise<unknown> =>
  journal.write(() =>
    createDocument(
      { container, pk: '["p"]', seconds: seconds() },
      { id, pk: 'p', ...(ttl !== undefined && { ttl }) },
    ),
  );
const ids = (): string[] =>
  journal
    .statement('SELECT id FROM cosmos_documents_1 ORDER BY id')
    .all<{ id: string }>()
    .map(({ id }) => id);
const inMs = (): number => (clock.nextDueMs() ?? Infinity) - clock.now();

test('documents without expiry set no alarm', async () => {
  await add('ever');
  sweeper.arm();
  expect(clock.nextDueMs()).toBeUndefined();
});

test('one alarm is set for the first expiry, however often that is looked up', async () => {
  await add('soon', 60);
  sweeper.arm();
  expect(inMs()).toBe(60 * SECOND_MS);
  await add('sooner', 20);
  sweeper.arm();
  expect(inMs()).toBe(60 * SECOND_MS);
});

test('sweeps are ten seconds apart, also when a document has expired already', async () => {
  await add('at once', 1);
  sweeper.arm();
  expect(inMs()).toBe(10 * SECOND_MS);
});

test('a sweep sets the alarm for the next expiry', async () => {
  await add('first', 20);
  await add('second', 40);
  await add('ever');
  sweeper.arm();
  clock.advance(20 * SECOND_MS);
  await until('the first is swept', () => !ids().includes('first'));
  await until('the next alarm is set', () => clock.nextDueMs());
  expect([ids(), inMs()]).toEqual([['ever', 'second'], 20 * SECOND_MS]);
  clock.advance(20 * SECOND_MS);
  await until('the second is swept', () => !ids().includes('second'));
  expect(ids()).toEqual(['ever']);
});

test('after a sweep that left no expiring document, the next write with an expiry sets an alarm', async () => {
  await add('first', 20);
  sweeper.arm();
  clock.advance(20 * SECOND_MS);
  await until('the first is swept', () => ids().length === 0);
  await journal.settled();
  await add('second', 20);
  sweeper.arm();
  clock.advance(20 * SECOND_MS);
  await until('the second is swept', () => ids().length === 0);
});

test('once stopped nothing is swept and no alarm is set', async () => {
  await add('soon', 20);
  sweeper.arm();
  await sweeper.stop();
  expect(clock.nextDueMs()).toBeUndefined();
  sweeper.arm();
  expect(clock.nextDueMs()).toBeUndefined();
  clock.advance(60 * SECOND_MS);
  await journal.settled();
  expect(ids()).toEqual(['soon']);
});

// Every statement that the local host prepares, by SQLite's own plan: none may read a table from end to end, or sort what
// it read, if that table grows with the orders. What is prepared at the first use only is used here first.
import { randomUUID } from 'node:crypto';
import { ChangeFeedStartFrom, CosmosClient, type ChangeFeedPullModelIterator } from '@azure/cosmos';
import { ManualClock } from 'azure-local/kit/clock';
import { EMULATOR_KEY } from 'azure-local/kit/emulator-connections';
import { createCosmosServer } from 'azure-local/cosmos/server';
import { createStore } from 'azure-local/durable/store';
import { createEventGridServer } from 'azure-local/eventgrid/server';
import { parseTopics } from 'azure-local/eventgrid/topics';
import { createTimerStore } from 'azure-local/host/timer-store';
import { parseEntities } from 'azure-local/servicebus/entities';
import { createServiceBusServer } from 'azure-local/servicebus/server';
import { createServicesServer } from 'order-saga-simulators/server';
import { Journal } from 'azure-local/storage/journal';
import { silent } from 'azure-local/testing/cosmos-fixture';
import config from '../../local/servicebus/Config.json';

/** Statements that may, and why. */
const PERMITTED: readonly (readonly [RegExp, string])[] = [
  [/FROM (cosmos_databases|eventgrid_subscriptions|services_faults|pragma_table_info\S+)( |$)/, 'few rows'],
  [/^SELECT last_insert_rowid/, 'no table'],
  [/cosmos_documents_\d+_pk WHERE pk = \? AND lsn/, 'sorts the changes of one partition'],
  [
    /FROM durable_instances WHERE ended <> 1 AND ended = 0/,
    'the unfinished ones by their index, at the start',
  ],
  [/FROM durable_inbox JOIN/, 'what entities have yet to run, at the start'],
  [/FROM durable_instances WHERE 1/, 'what operators ask for, in pages by id'],
  [/FROM services_ledger GROUP BY effect/, 'the sums of the demo and of tests'],
];

async function useCosmos(journal: Journal, clock: ManualClock): Promise<void> {
  const server = createCosmosServer({ journal, clock, log: silent });
  const client = new CosmosClient({ endpoint: await server.listen(0), key: EMULATOR_KEY });
  const { database } = await client.databases.create({ id: 'db' });
  const { container } = await database.containers.create({ id: 'c', partitionKey: '/pk', defaultTtl: 60 });
  for (let from = 0; from < 600; from += 100)
    await container.items.batch(
      Array.from({ length: 100 }, (_, n) => ({
        operationType: 'Create' as const,
        resourceBody: { id: `${from + n}`, pk: 'p', n } as never,
      })),
      'p',
    );
  const ordered = 'SELECT * FROM c WHERE c.pk = "p" ORDER BY c.n';
  for (const partitionKey of [undefined, 'p']) {
    const options = partitionKey === undefined ? {} : { partitionKey };
    for (const query of [
      'SELECT * FROM c',
      'SELECT * FROM c WHERE c.id = "7"',
      ordered,
      ordered,
      `${ordered} DESC`,
    ])
      await container.items.query(query, options).fetchAll();
  }
  const starts: object[] = [
    ChangeFeedStartFrom.Beginning(),
    ChangeFeedStartFrom.Beginning('p'),
    ChangeFeedStartFrom.Time(new Date(clock.now())),
  ];
  for (const changeFeedStartFrom of starts) {
    const feed: ChangeFeedPullModelIterator<unknown> = container.items.getChangeFeedIterator({
      changeFeedStartFrom,
    });
    await feed.readNext();
  }
  await container.item('1', 'p').replace({ id: '1', pk: 'p', n: -1 });
  await container.item('1', 'p').delete();
  clock.advance(600_000);
  client.dispose();
  await server.close();
}

async function usePlatform(journal: Journal): Promise<void> {
  const clock = new ManualClock();
  await useCosmos(journal, clock);
  const common = { journal, clock, log: silent };
  const servers = [
    createServiceBusServer({ ...common, entities: parseEntities(config) }),
    createEventGridServer({ ...common, topics: parseTopics({ topics: [] }) }),
    createServicesServer(common),
  ];
  for (const server of servers) await server.listen(0);
  for (const server of servers) await server.close();
}

async function useHost(journal: Journal): Promise<void> {
  createTimerStore(journal);
  const store = createStore(journal);
  store.lastKey();
  store.operations();
  store.loadUnfinished();
  const ms = Date.now();
  for (const filter of [
    {},
    { afterId: '' },
    { statuses: ['Completed' as const] },
    { statuses: ['Running' as const], afterId: '' },
    { createdFromMs: ms, createdToMs: ms, updatedFromMs: ms, updatedToMs: ms },
    { idPrefix: '@', hasState: true },
  ])
    await store.list(filter, 10);
  await store.purge([1]);
  store.find(randomUUID());
  store.episodes(1);
}

const journals = [new Journal(':memory:'), new Journal(':memory:')] as const;
let statements: ReadonlyMap<string, Journal>;

beforeAll(async () => {
  const prepared = jest.spyOn(Journal.prototype, 'statement');
  await usePlatform(journals[0]);
  await useHost(journals[1]);
  statements = new Map(prepared.mock.calls.map(([sql], at) => [sql, prepared.mock.contexts[at] as Journal]));
  prepared.mockRestore();
});
afterAll(() => Promise.all(journals.map((journal) => journal.close())));

test('no statement reads a table that grows with the orders from end to end', () => {
  const costly = [...statements].flatMap(([sql, journal]) => {
    const values = (sql.match(/\?/g) ?? []).map(() => 0);
    const plan = journal.statement(`EXPLAIN QUERY PLAN ${sql}`).all<{ detail: string }>(...values);
    const isCostly = plan.some(({ detail }) => /^SCAN|TEMP B-TREE/.test(detail));
    const text = sql.replace(/\s+/g, ' ');
    return isCostly && !PERMITTED.some(([permitted]) => permitted.test(text)) ? [text] : [];
  });
  expect(statements.size).toBeGreaterThan(80);
  expect(costly).toEqual([]);
});

test('open-group.G1: no statement writes a time, a random number or what another statement did', () => {
  const writing = [...statements.keys()].filter((sql) => /^\s*(?:INSERT|UPDATE|DELETE|REPLACE)\b/i.test(sql));
  const unrepeatable =
    /\bCURRENT_|\b(?:random|randomblob|changes|total_changes|last_insert_rowid|date|time|datetime|julianday|unixepoch|strftime)\s*\(/i;
  expect(writing.length).toBeGreaterThan(40);
  expect(writing.filter((sql) => unrepeatable.test(sql))).toEqual([]);
});

test('open-group.G3: no statement that writes gives rows', () => {
  expect([...statements.keys()].filter((sql) => /\bRETURNING\b/i.test(sql))).toEqual([]);
});

// Every query of the app with the index that serves it: it asks for paths that its container indexes, and no container indexes
// a path that none of them asks for.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Container } from '@azure/cosmos';
import { createCosmosAudit } from '../../../src/adapters/cosmos-audit';
import { createCosmosBulkStore } from '../../../src/adapters/cosmos-bulk-store';
import { CONTAINERS, ORDERS, type ContainerDefinition } from '../../../src/adapters/cosmos-containers';
import { createCosmosCustomerData } from '../../../src/adapters/cosmos-customer-data';
import { createCosmosDailyStats } from '../../../src/adapters/cosmos-daily-stats';
import { createCosmosKeyRings } from '../../../src/adapters/cosmos-key-rings';
import { createCosmosOrderQueues } from '../../../src/adapters/cosmos-order-queues';
import { createCosmosOrderSearch } from '../../../src/adapters/cosmos-order-search';
import { createCosmosOrderStore } from '../../../src/adapters/cosmos-order-store';
import { createCosmosParking } from '../../../src/adapters/cosmos-parking';
import { createCosmosCustomerOrders, createCosmosOrderIds } from '../../../src/adapters/cosmos-read-models';
import { createCosmosEndedOrders } from '../../../src/adapters/cosmos-saga-archive';
import { sharedCipher } from '../../support/field-cipher';
import { SCOPE } from '../../support/orders';

type Name = keyof typeof CONTAINERS | 'orders';
const definitionOf = (name: Name): ContainerDefinition => (name === 'orders' ? ORDERS : CONTAINERS[name]);

/** What was asked of each container. */
const asked = new Map<Name, Set<string>>();

/** A container that finds nothing, has every document that is read, and keeps the queries. */
function recording(name: Name): () => Promise<Container> {
  const keep = (query: string | { readonly query: string }): object => {
    const queries = asked.get(name) ?? new Set();
    asked.set(name, queries.add((typeof query === 'string' ? query : query.query).replace(/\s+/g, ' ')));
    return { fetchAll: () => Promise.resolve({ resources: [] }), hasMoreResults: () => false };
  };
  const document = { operation: { tenantId: SCOPE.tenantId, id: 'a' }, _etag: 'etag' };
  const item = (): object => ({ read: () => Promise.resolve({ resource: document }) });
  return () => Promise.resolve({ items: { query: keep }, item } as unknown as Container);
}

async function all(pages: AsyncIterable<unknown>): Promise<void> {
  const left = pages[Symbol.asyncIterator]();
  while ((await left.next()).done !== true);
}

beforeAll(async () => {
  const at = '2026-01-01T00:00:00.000Z';
  const customer = { ...SCOPE, customerId: 'c' };
  const [orders, customerOrders] = [recording('orders'), recording('customer-orders')];
  const store = createCosmosOrderStore(orders);
  await store.eventsAfter(SCOPE, 'a', 0, { untilIso: at, limit: 1 });
  await store.snapshotBefore(SCOPE, 'a', 1, at);
  await all(store.scanEvents(SCOPE, { type: 'OrderCreated', fromIso: at, untilIso: at }));
  await store.unfinished(SCOPE, at, 1);
  await store.unsuccessful(SCOPE, at, at, 1);
  await all(createCosmosEndedOrders(orders).between(SCOPE, at, at));
  await all(createCosmosOrderIds(orders).all(SCOPE));
  const search = createCosmosOrderSearch({ orders, customerOrders });
  await search.find(SCOPE, 'a', 1);
  await search.count(SCOPE, { needsIntervention: true, statuses: ['failed'], changedBeforeIso: at });
  const queues = createCosmosOrderQueues(orders);
  await queues.withOpenReturns(SCOPE, { afterId: 'a', limit: 1 });
  await queues.withoutProgress(SCOPE, at, { afterId: 'a', limit: 1 });
  await queues.countWithoutProgress(at);
  const customers = createCosmosCustomerData(orders);
  await customers.running(customer, at, 1);
  await customers.orders(customer, 'a', 1);
  await customers.newestAt(customer);
  const lists = createCosmosCustomerOrders(customerOrders);
  const after = { createdAt: at, id: 'a' };
  await lists.list(customer, { status: 'failed', fromIso: at, toIso: at, after, limit: 1 });
  await lists.listOfTenant(SCOPE, { needsIntervention: false, after, limit: 1 });
  await lists.newestChange(customer, at);
  await all(lists.places(SCOPE));
  const dailyStats = createCosmosDailyStats(recording('daily-stats'));
  await dailyStats.part(SCOPE, '2026-01-01:0', at);
  await dailyStats.days(SCOPE, '2026-01-01', '2026-01-02');
  await all(dailyStats.places(SCOPE));
  const operations = recording('operations');
  await createCosmosAudit(operations, sharedCipher).list(SCOPE, 1);
  const bulks = createCosmosBulkStore(operations);
  await bulks.list(SCOPE, 1);
  await bulks.problems(SCOPE, 'a', 1);
  const rings = createCosmosKeyRings(recording('keys'));
  await rings.withErasures(SCOPE, true, 1);
  await rings.withErasures(SCOPE, false, 1);
  await rings.notWrappedBy(SCOPE, 'a', 1);
  const clock = { nowMs: () => 0 };
  const parking = { cipher: sharedCipher, clock, tenantIds: ['default'] };
  await createCosmosParking(recording('parking'), parking).list(SCOPE, 1);
});

/** The paths that a query filters and sorts by, as a policy names them; `id` is indexed whatever a policy says. */
function pathsOf(query: string): string[] {
  const [, conditions = ''] = query.split(/ FROM c\b/);
  const inside = [...conditions.matchAll(/c\.(\w+), \{(\w+): /g)].map(
    ([, list, field]) => `${list}/[]/${field}`,
  );
  const plain = conditions.replace(/c\.\w+, \{/g, '').matchAll(/\bc\.([\w.]+)/g);
  return [...inside, ...[...plain].map(([, found = '']) => found.replaceAll('.', '/'))].filter(
    (found) => found !== 'id',
  );
}

const indexedBy = (name: Name): string[] =>
  (definitionOf(name).indexingPolicy.includedPaths ?? []).map(({ path: of }) => of.slice(1, -2));

const names = ['orders', ...Object.keys(CONTAINERS)] as Name[];

test.each(names)('the container %s indexes the paths that queries ask for, and no other', (name) => {
  const paths = [...(asked.get(name) ?? [])].flatMap(pathsOf);
  expect(indexedBy(name).sort()).toEqual([...new Set(paths)].sort());
});

test('every ORDER BY of several keys has a composite index, and there is none besides', () => {
  const ordered = names.flatMap((name) =>
    [...(asked.get(name) ?? [])].flatMap((query) => {
      const keys = / ORDER BY (.+?)(?: OFFSET|$)/.exec(query)?.[1]?.split(', ') ?? [];
      return keys.length < 2 ? [] : [`${name}: ${keys.join(', ')}`];
    }),
  );
  const composites = names.flatMap((name) =>
    (definitionOf(name).indexingPolicy.compositeIndexes ?? []).map((index) => {
      const keys = index.map(
        ({ path: of, order }) => `c.${of.slice(1)} ${order === 'descending' ? 'DESC' : 'ASC'}`,
      );
      return `${name}: ${keys.join(', ')}`;
    }),
  );
  expect([...new Set(ordered)]).toEqual(composites);
});

test('no query in the adapters is left out', () => {
  const folder = path.resolve(__dirname, '../../../src/adapters');
  const written = readdirSync(folder).flatMap((file) => [
    ...readFileSync(path.join(folder, file), 'utf8').matchAll(/SELECT ([^$`'"]+?) FROM c\b/g),
  ]);
  const known = new Set(
    [...asked.values()]
      .flatMap((queries) => [...queries])
      .map((query) => /SELECT (.+?) FROM c\b/.exec(query)?.[1]),
  );
  expect(written.map(([, selected]) => selected).filter((selected) => !known.has(selected))).toEqual([]);
  const distinct = [...asked.values()].reduce((sum, queries) => sum + queries.size, 0);
  expect(distinct).toBeGreaterThanOrEqual(written.length);
});

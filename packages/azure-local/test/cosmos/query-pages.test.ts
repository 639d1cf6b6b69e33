// Queries cut into pages and turns, as small as they can be, against the plain meaning of the query over all documents.
import fc from 'fast-check';
import { ManualClock } from '../../src/kit/clock';
import { Catalog } from '../../src/cosmos/catalog';
import type { Container } from '../../src/cosmos/container';
import { createDocument } from '../../src/cosmos/documents';
import type { JsonObject } from '../../src/cosmos/protocol/json';
import { runQuery, type QueryPage } from '../../src/cosmos/run-query';
import { queryFor, scopeOf } from '../../src/cosmos/sql/query';
import { compareForOrder, type Value } from '../../src/cosmos/sql/values';
import { Journal } from '../../src/storage/journal';

const value = fc.oneof(fc.integer({ min: -2, max: 2 }), fc.constantFrom('', 'x', true, null));
const documents = fc.array(
  fc.record({ a: value, b: value, list: fc.array(value, { maxLength: 3 }) }, { requiredKeys: [] }),
  { maxLength: 25 },
) as fc.Arbitrary<JsonObject[]>;

const filters = ['', 'WHERE c.a = 1', 'WHERE c.b > 0', "WHERE c.a = 'x' AND c.b >= -1", 'WHERE c.b = 77'];
const orders = ['', 'ORDER BY c.a', 'ORDER BY c.b DESC', 'ORDER BY c.a DESC, c.b', 'ORDER BY c.b, c.a DESC'];
const cuts = ['', 'OFFSET 2 LIMIT 4', 'OFFSET 0 LIMIT 9'];
const rowQueries = fc
  .tuple(
    fc.constantFrom('VALUE c.b FROM c', 'VALUE {a: c.a, i: i} FROM c JOIN i IN c.list', 'c.a, c.b FROM c'),
    fc.boolean(),
    fc.constantFrom(...filters),
    fc.constantFrom(...orders),
    fc.constantFrom(...cuts),
  )
  .map(([what, distinct, filter, order, cut]) =>
    ['SELECT', distinct ? 'DISTINCT' : '', what, filter, order, order === '' ? '' : cut].join(' '),
  );
const counts = fc
  .tuple(
    fc.constantFrom('COUNT(1)', 'COUNT(c.b)', 'MAX(c.a)', 'MIN(c.b)', 'SUM(i)'),
    fc.constantFrom(...filters),
  )
  .map(
    ([what, filter]) =>
      `SELECT VALUE ${what} FROM c ${what === 'SUM(i)' ? 'JOIN i IN c.list' : ''} ${filter}`,
  );

interface PlainRow {
  readonly keys: readonly Value[];
  readonly row: readonly Value[];
  readonly at: number;
}

/** The answer of a query without aggregates, from its parts, all documents at once. */
function plainAnswer(text: string, all: readonly JsonObject[]): string[] {
  const query = queryFor(text);
  const none = new Map();
  const rows: PlainRow[] = all
    .flatMap((document) => [...query.rows(document)])
    .filter((row) => query.where === undefined || query.where(scopeOf(row, none)) === true)
    .map((row, at) => ({ row, at, keys: query.orderBy.map((key) => key.evaluate(scopeOf(row, none))) }));
  const isDown = query.orderBy[0]?.descending === true;
  rows.sort((one, other) => {
    for (const [at, { descending }] of query.orderBy.entries()) {
      const order = compareForOrder(one.keys[at], other.keys[at]);
      if (order !== 0) return descending ? -order : order;
    }
    const sameDocument = one.row[0] === other.row[0];
    return isDown && !sameDocument ? other.at - one.at : one.at - other.at;
  });
  const items = rows.map(
    ({ row }) => JSON.stringify(query.project(scopeOf(row, none))) as string | undefined,
  );
  const defined = items.filter((item) => item !== undefined);
  const offset = query.offset(none);
  return (query.distinct ? [...new Set(defined)] : defined).slice(offset, offset + query.limit(none));
}

async function withContainer(all: readonly JsonObject[], act: (container: Container) => void): Promise<void> {
  const journal = new Journal(':memory:');
  const catalog = new Catalog(journal, new ManualClock());
  await catalog.createDatabase({ id: 'db' });
  const container = await catalog.createContainer('db', { id: 'c', partitionKey: { paths: ['/pk'] } });
  await journal.write(() => {
    for (const [n, document] of all.entries())
      createDocument({ container, pk: '["p"]', seconds: 0 }, { ...document, id: `${n}`, pk: 'p' });
  });
  act(container);
  await journal.write(() => {
    for (const order of ['a', 'b']) {
      container.documents.addIndex({ partition: false, equal: [], order });
      container.documents.fillIndex(1000);
    }
    container.documents.addIndex({ partition: false, equal: ['a'], order: null });
    container.documents.fillIndex(1000);
  });
  act(container);
  await journal.close();
}

function answer(container: Container, text: string, perPage: number, itemsAtMost: number): string[] {
  const items: string[] = [];
  let continuation: string | undefined;
  do {
    const turns = runQuery(container, {
      ...{ query: queryFor(text), parameters: new Map(), pk: undefined, seconds: 0, mayGiveUp: false },
      ...{ itemsAtMost, continuation, budget: { perPage, withoutIndex: Infinity, perTurn: 1 } },
    });
    let turn = turns.next();
    while (turn.done !== true) turn = turns.next();
    const page = turn.value as QueryPage;
    items.push(...page.items);
    ({ continuation } = page);
  } while (continuation !== undefined);
  return items;
}

const sizes = fc.record({ perPage: fc.integer({ min: 2, max: 9 }), items: fc.integer({ min: 1, max: 9 }) });

test('pages and turns of any size together are the plain answer, with and without indexes', async () => {
  await fc.assert(
    fc.asyncProperty(documents, fc.array(rowQueries, { maxLength: 8 }), sizes, async (all, texts, size) => {
      await withContainer(all, (container) => {
        for (const text of texts)
          expect([text, answer(container, text, size.perPage, size.items)]).toEqual([
            text,
            plainAnswer(text, all),
          ]);
      });
    }),
    { numRuns: 60 },
  );
});

test('an aggregate comes out the same in turns as at once', async () => {
  await fc.assert(
    fc.asyncProperty(documents, fc.array(counts, { maxLength: 8 }), async (all, texts) => {
      await withContainer(all, (container) => {
        for (const text of texts) {
          const query = queryFor(text);
          const items = plainAnswer(text.replace(/VALUE \w+\((.*?)\)/, 'VALUE [$1]'), all);
          const values = items.map((item) => (JSON.parse(item) as Value[])[0]);
          expect([text, answer(container, text, 1, 1)]).toEqual([
            text,
            aggregateOf(query.aggregates[0]?.name, values),
          ]);
        }
      });
    }),
    { numRuns: 40 },
  );
});

/** What the specification says of defined values, as the items of an answer. */
function aggregateOf(name: string | undefined, values: readonly Value[]): string[] {
  const defined = values.filter((one) => one !== undefined);
  if (name === 'COUNT') return [String(defined.length)];
  if (name === 'SUM')
    return defined.every((one) => typeof one === 'number')
      ? [JSON.stringify(defined.reduce((sum, one) => sum + one, 0))]
      : [];
  const sorted = [...defined].sort((a, b) => compareForOrder(a, b));
  const extreme = name === 'MIN' ? sorted[0] : sorted.at(-1);
  return extreme === undefined ? [] : [JSON.stringify(extreme)];
}

// Executor of a compiled query on a container: finds candidates (through an index, a partition or all documents),
// evaluates the query on each, and cuts the result into pages.
//
// run-query.Q1  The query decides, never the index: what comes from an index is a superset, judged row by row.
// run-query.Q2  A page of a query without aggregate or DISTINCT ends at a position (order keys, rid, row), not at a
//   count, so documents written between two pages cause no duplicate row, and no loss of one that was there all along.
// run-query.Q3  A query that had to look at many documents gets an index of its shape, so the next one does not.
// run-query.Q4  One that needs all documents and finds no index gives up after some, and is run again when the index is
//   there: looking at millions would take minutes and, for ORDER BY, all memory, while no other request is served.
// run-query.Q5  One that looks at much ends its turn now and then, so that others are served meanwhile, and goes on
//   behind the document where it was. As between two pages, what it has not come to may change; of ORDER BY it keeps no
//   more rows than its page takes.
import { feedCharge } from './charge';
import type { Container } from './container';
import type { IndexShape } from './indexes';
import type { Json } from './protocol/json';
import { decodeToken, encodeToken, type Position } from './query-token';
import { Scan, type QueryRequest, type Row } from './scan';
import { createAccumulator } from './sql/aggregates';
import { scopeOf, type Query } from './sql/query';
import { compareForOrder } from './sql/values';

export interface QueryPage {
  /** JSON texts. */
  readonly items: readonly string[];
  readonly continuation: string | undefined;
  readonly charge: number;
  /** The index that would have spared this query most of its work (run-query.Q3). */
  readonly wanted: IndexShape | undefined;
}

const BYTES_AT_MOST = 4 * 1024 * 1024;

/** A query that cannot do without this index (run-query.Q4). */
export interface GivenUp {
  readonly needs: IndexShape;
}

/** One page of the answer, turn by turn (run-query.Q5); each turn runs inside a read. */
export function* runQuery(container: Container, request: QueryRequest): Turns<QueryPage | GivenUp> {
  const { query } = request;
  const scan = new Scan(container, request);
  const page =
    query.aggregates.length > 0 || query.distinct
      ? yield* countedPage(scan, request)
      : yield* positionedPage(scan, request);
  const wanted = scan.wanted();
  if (scan.gaveUp && wanted !== undefined) return { needs: wanted };
  const bytes = page.items.reduce((sum, item) => sum + item.length, 0);
  return { ...page, charge: feedCharge(page.items.length, bytes), wanted };
}

/** ORDER BY, then the order of creation, turned round when the first key is descending (as an index has it). */
function comparePositions(query: Query, a: Position, b: Position): number {
  for (const [at, { descending }] of query.orderBy.entries()) {
    const order = compareForOrder(a.keys[at], b.keys[at]);
    if (order !== 0) return descending ? -order : order;
  }
  const byRid = a.rid - b.rid;
  if (byRid !== 0) return query.orderBy[0]?.descending === true ? -byRid : byRid;
  return a.place - b.place;
}

type Page = Pick<QueryPage, 'items' | 'continuation'>;

/** A generator's result, and an end of a turn each time it yields. */
type Turns<T> = Generator<undefined, T>;

function* positionedPage(scan: Scan, request: QueryRequest): Turns<Page> {
  const { query, parameters } = request;
  const token = request.continuation === undefined ? undefined : decodeToken(request.continuation);
  const after = token?.after;
  let skip = token?.skip ?? query.offset(parameters);
  let left = token?.left ?? query.limit(parameters);
  const items: string[] = [];
  let bytes = 0;
  let last = after;
  const goOn = (): string => encodeToken({ after: last, skip, left });
  const taken = skip + Math.min(left, request.itemsAtMost);
  for (const row of scan.ordered ? scan.rows(after) : yield* firstRows(scan, query, after, taken + 1)) {
    if (left === 0) break;
    if (row === undefined) {
      yield;
      continue;
    }
    if (after !== undefined && comparePositions(query, row, after) <= 0) continue;
    if (items.length >= request.itemsAtMost || (items.length > 0 && bytes + row.item.length > BYTES_AT_MOST))
      return { items, continuation: goOn() };
    last = { keys: row.keys, rid: row.rid, place: row.place };
    if (skip > 0) {
      skip -= 1;
      continue;
    }
    left -= 1;
    items.push(row.item);
    bytes += row.item.length;
  }
  if (scan.stoppedAfter === undefined || left === 0) return { items, continuation: undefined };
  last = scan.stoppedAfter;
  return { items, continuation: goOn() };
}

/** At least the first `count` rows behind `after`, in the order the query asks for. */
function* firstRows(
  scan: Scan,
  query: Query,
  after: Position | undefined,
  count: number,
): Turns<readonly Row[]> {
  const rows: Row[] = [];
  const sort = (): Row[] => rows.sort((a, b) => comparePositions(query, a, b));
  for (const row of scan.rows(undefined)) {
    if (row === undefined) yield;
    else if (after === undefined || comparePositions(query, row, after) > 0) rows.push(row);
    if (rows.length >= 2 * count) sort().length = count;
  }
  return sort();
}

/** Aggregates and DISTINCT need all rows at once; their pages are cut by count. */
function* countedPage(scan: Scan, request: QueryRequest): Turns<Page> {
  const { query, parameters, continuation, itemsAtMost } = request;
  const all = query.aggregates.length > 0 ? yield* aggregated(scan, request) : yield* distinct(scan, query);
  const offset = query.offset(parameters);
  const wanted = all.slice(offset, offset + query.limit(parameters));
  const start = continuation === undefined ? 0 : decodeToken(continuation).skip;
  const end = start + itemsAtMost;
  return {
    items: wanted.slice(start, end),
    continuation:
      end < wanted.length ? encodeToken({ after: undefined, skip: end, left: Infinity }) : undefined,
  };
}

/** Each value where its first row is, as its last row has it. */
function* distinct(scan: Scan, query: Query): Turns<readonly string[]> {
  const found = new Map<string, { first: Row; last: Row }>();
  for (const row of scan.rows(undefined)) {
    if (row === undefined) {
      yield;
      continue;
    }
    const value = canonical(JSON.parse(row.item) as Json);
    const { first, last } = found.get(value) ?? { first: row, last: row };
    found.set(value, {
      first: comparePositions(query, row, first) < 0 ? row : first,
      last: comparePositions(query, row, last) > 0 ? row : last,
    });
  }
  return [...found.values()]
    .sort((a, b) => comparePositions(query, a.first, b.first))
    .map(({ last }) => last.item);
}

/** One text for all objects that differ in the order of their properties only. */
const canonical = (value: Json): string =>
  JSON.stringify(value, (_, inner: Json) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );

function* aggregated(scan: Scan, { query, parameters }: QueryRequest): Turns<readonly string[]> {
  const accumulators = query.aggregates.map(({ name }) => createAccumulator(name));
  for (const row of scan.scopes()) {
    if (row === undefined) {
      yield;
      continue;
    }
    const scope = scopeOf(row, parameters);
    for (const [at, { arg }] of query.aggregates.entries()) accumulators[at]?.add(arg(scope));
  }
  const results = accumulators.map((accumulator) => accumulator.result());
  const item = query.project(scopeOf([], parameters, results));
  return item === undefined ? [] : [JSON.stringify(item)];
}

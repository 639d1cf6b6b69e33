// Compiled query: its filter, order, paging and projection as functions over documents. It knows no storage.
import { CosmosError } from '../protocol/errors';
import type { Json, JsonObject } from '../protocol/json';
import type { Expression, QueryTree, Selection } from './ast';
import { compile, type AggregateCall, type Evaluate, type Names, type Scope } from './compile';
import { comparisonsOf, idsOf, pathOf, propertyOf, type Comparison } from './conditions';
import { parseQuery } from './parse-query';
import type { Value } from './values';

export interface OrderKey {
  readonly evaluate: Evaluate;
  readonly descending: boolean;
  /** The property's name when the key is a property of the document itself. */
  readonly property: string | undefined;
  /** As an indexing policy writes it, `/a/b`; undefined when the key is no path of the document. */
  readonly path: string | undefined;
}

/** `c.property operator value`, which every row of the answer fulfils. */
export interface Demand extends Omit<Comparison, 'value'> {
  readonly value: Evaluate;
}

export type Parameters = ReadonlyMap<string, Json>;

export interface Query {
  readonly where: Evaluate | undefined;
  readonly demands: readonly Demand[];
  /** Gives an array with the id of every document of the answer; undefined when ids are not restricted. */
  readonly ids: Evaluate | undefined;
  readonly orderBy: readonly OrderKey[];
  readonly project: Evaluate;
  /** Whether the answer is the documents as they are. */
  readonly wholeDocuments: boolean;
  readonly aggregates: readonly AggregateCall[];
  readonly distinct: boolean;
  readonly offset: (parameters: Parameters) => number;
  readonly limit: (parameters: Parameters) => number;
  /** The rows of one document: one, or one per element of what is joined. */
  rows(document: JsonObject): Iterable<readonly Value[]>;
}

const NO_ROW: readonly Value[] = [];
const NO_AGGREGATES: readonly Value[] = [];

export const scopeOf = (
  row: readonly Value[],
  parameters: Parameters,
  aggregates: readonly Value[] = NO_AGGREGATES,
): Scope => ({ row, parameters, aggregates });

/** Compiles a tree; a 400 that names what cannot be resolved or is not supported. */
export function compileQuery(tree: QueryTree): Query {
  const sources = new Map([[tree.root, 0]]);
  const joins = tree.iterations.map(({ alias, path }) => {
    const evaluate = compile(path, { sources: new Map(sources), aggregates: undefined });
    if (sources.has(alias)) throw new CosmosError(400, `The alias '${alias}' is used twice.`);
    sources.set(alias, sources.size);
    return evaluate;
  });
  const plain: Names = { sources, aggregates: undefined };
  const { project, aggregates } = compileSelection(tree, sources);
  const ids = idsOf(tree.where, tree.root);
  return {
    where: tree.where && compile(tree.where, plain),
    demands: comparisonsOf(tree.where, tree.root).map((comparison) => ({
      ...comparison,
      value: compile(comparison.value, plain),
    })),
    ids: ids && compile(ids, plain),
    orderBy: tree.orderBy.map(({ expression, descending }) => ({
      evaluate: compile(expression, plain),
      descending,
      property: propertyOf(expression, tree.root),
      path: pathOf(expression, tree.root),
    })),
    project,
    wholeDocuments: joins.length === 0 && !tree.distinct && isWhole(tree.selection, tree.root),
    aggregates,
    distinct: tree.distinct,
    offset: compileCount(tree.offset, 0),
    limit: compileCount(tree.top ?? tree.limit, Infinity),
    rows: (document) => (joins.length === 0 ? [[document]] : joined([document], joins, 0)),
  };
}

function* joined(
  row: readonly Value[],
  joins: readonly Evaluate[],
  depth: number,
): Generator<readonly Value[]> {
  const join = joins[depth];
  if (join === undefined) {
    yield row;
    return;
  }
  const items = join(scopeOf(row, new Map()));
  if (Array.isArray(items)) for (const item of items) yield* joined([...row, item], joins, depth + 1);
}

function compileSelection(
  { selection, iterations, orderBy }: QueryTree,
  sources: ReadonlyMap<string, number>,
): { project: Evaluate; aggregates: readonly AggregateCall[] } {
  if (selection.kind === 'all') {
    if (iterations.length > 0)
      throw new CosmosError(
        400,
        "'SELECT *' is only valid with a single input set (no JOIN, no IN in FROM).",
      );
    return { project: ({ row }) => row[0], aggregates: [] };
  }
  const expression: Expression =
    selection.kind === 'value'
      ? selection.expression
      : { kind: 'object', entries: selection.items.map((item) => [item.name, item.expression] as const) };
  const calls: AggregateCall[] = [];
  const project = compile(expression, { sources, aggregates: { calls, sources } });
  if (calls.length === 0) return { project, aggregates: calls };
  if (orderBy.length > 0) throw new CosmosError(400, 'ORDER BY with an aggregate is not supported.');
  // Once more without sources: what stands outside the aggregates belongs to no single row.
  const aggregates: AggregateCall[] = [];
  return {
    project: compile(expression, { sources: new Map(), aggregates: { calls: aggregates, sources } }),
    aggregates,
  };
}

const isWhole = (selection: Selection, root: string): boolean =>
  selection.kind === 'all' ||
  (selection.kind === 'value' &&
    selection.expression.kind === 'source' &&
    selection.expression.name === root);

function compileCount(
  expression: Expression | undefined,
  otherwise: number,
): (parameters: Parameters) => number {
  if (expression === undefined) return () => otherwise;
  const evaluate = compile(expression, { sources: new Map(), aggregates: undefined });
  return (parameters) => {
    const count = evaluate(scopeOf(NO_ROW, parameters));
    if (typeof count !== 'number' || !Number.isInteger(count) || count < 0)
      throw new CosmosError(400, 'TOP, OFFSET and LIMIT take a whole number that is not negative.');
    return count;
  };
}

const COMPILED_AT_MOST = 500;
const compiled = new Map<string, Query>();

/** The compiled form of a query's text, kept for the next request with the same text. */
export function queryFor(text: string): Query {
  const known = compiled.get(text);
  if (known !== undefined) return known;
  const query = compileQuery(parseQuery(text));
  if (compiled.size >= COMPILED_AT_MOST) compiled.clear();
  compiled.set(text, query);
  return query;
}

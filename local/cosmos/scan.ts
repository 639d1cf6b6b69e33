// Finds the rows of a query: through an index of its shape, in its partition, or among all documents.
import type { Container } from './container';
import type { StoredDocument } from './document-table';
import { indexPrefix, isScalar, prefixEnd, sortable, type IndexShape } from './indexes';
import type { Json, JsonObject } from './json';
import type { Position } from './query-token';
import { scopeOf, type Parameters, type Query } from './sql/query';
import type { Value } from './sql/values';

export interface QueryRequest {
  readonly query: Query;
  readonly parameters: Parameters;
  /** The partition to look in; undefined for all. */
  readonly pk: string | undefined;
  readonly itemsAtMost: number;
  readonly continuation: string | undefined;
  readonly seconds: number;
}

/** A row that WHERE let through: its place in the answer and its JSON text. */
export interface Row extends Position {
  readonly item: string;
}

/** A page without ORDER BY, DISTINCT and aggregates ends after so many documents, found or not. */
const EXAMINED_AT_MOST = 5000;
const WORTH_AN_INDEX = 500;

/** The candidates of one request, in an order that is known beforehand, judged by WHERE. */
export class Scan {
  examined = 0;
  /** Set when the budget ran out before the documents did. */
  stoppedAfter: Position | undefined;
  /** Whether rows come in the order the query asks for. */
  readonly ordered: boolean;
  private readonly shape: IndexShape | undefined;
  private readonly values: readonly Json[];
  private readonly index: number | undefined;
  private readonly budget: number;

  constructor(
    private readonly container: Container,
    private readonly request: QueryRequest,
  ) {
    const { query, parameters, pk } = request;
    const needsAll = query.orderBy.length > 0 || query.distinct || query.aggregates.length > 0;
    this.budget = needsAll ? Infinity : EXAMINED_AT_MOST;
    const equal = new Map<string, Json>();
    for (const { property, value } of query.equalities) {
      const constant = value(scopeOf([], parameters));
      if (isScalar(constant)) equal.set(property, constant);
    }
    const properties = [...equal.keys()].sort();
    const [key, ...more] = query.orderBy;
    const order = more.length === 0 ? (key?.property ?? null) : null;
    this.values = properties.map((property) => equal.get(property) as Json);
    if (properties.length > 0 || order !== null)
      this.shape = { partition: pk !== undefined, equal: properties, order };
    this.index = this.shape && container.documents.indexFor(this.shape);
    this.ordered = query.orderBy.length === 0 || (this.index !== undefined && order !== null);
  }

  wanted(): IndexShape | undefined {
    return this.index === undefined && this.examined > WORTH_AN_INDEX ? this.shape : undefined;
  }

  /** Rows that WHERE lets through, from `after` on where the order allows to start there. */
  *rows(after: Position | undefined): Generator<Row> {
    const { query, parameters } = this.request;
    for (const { rid, body } of this.documents(after)) {
      this.examined += 1;
      const document = JSON.parse(body) as JsonObject;
      let place = 0;
      for (const row of query.rows(document)) {
        const scope = scopeOf(row, parameters);
        place += 1;
        if (query.where !== undefined && query.where(scope) !== true) continue;
        const keys = query.orderBy.map((key) => key.evaluate(scope));
        if (query.wholeDocuments) yield { keys, rid, place, item: body };
        else {
          const item = query.aggregates.length > 0 ? undefined : query.project(scope);
          if (item !== undefined) yield { keys, rid, place, item: JSON.stringify(item) };
        }
      }
      if (this.examined >= this.budget) {
        this.stoppedAfter = { keys: [], rid, place: Number.MAX_SAFE_INTEGER };
        return;
      }
    }
  }

  /** Rows as values, for aggregates. */
  *scopes(): Generator<readonly Value[]> {
    const { query, parameters } = this.request;
    for (const { body } of this.documents(undefined)) {
      this.examined += 1;
      for (const row of query.rows(JSON.parse(body) as JsonObject))
        if (query.where === undefined || query.where(scopeOf(row, parameters)) === true) yield row;
    }
  }

  private documents(after: Position | undefined): Generator<StoredDocument> {
    return this.index === undefined
      ? this.inOrderOfCreation(this.ordered ? after : undefined)
      : this.inIndex(this.index, after);
  }

  private *inOrderOfCreation(after: Position | undefined): Generator<StoredDocument> {
    const { pk, seconds } = this.request;
    const { documents } = this.container;
    let from = after?.rid ?? 0;
    for (let limit = 100; ; limit = 1000) {
      const chunk = documents.scan(pk, from, seconds, limit);
      yield* chunk;
      if (chunk.length < limit) return;
      from = (chunk.at(-1) as StoredDocument).rid + 1;
    }
  }

  private *inIndex(index: number, after: Position | undefined): Generator<StoredDocument> {
    const { pk = '', seconds, query } = this.request;
    const shape = this.shape as IndexShape;
    const prefix = indexPrefix(shape, pk, this.values);
    const descending = query.orderBy[0]?.descending ?? false;
    let from = descending
      ? { entry: prefixEnd(prefix), rid: Number.MAX_SAFE_INTEGER }
      : { entry: prefix, rid: 0 };
    if (after !== undefined)
      from = { entry: prefix + (shape.order === null ? '' : sortable(after.keys[0])), rid: after.rid };
    const range = { end: descending ? prefix : prefixEnd(prefix), descending };
    for (let limit = 100; ; limit = 1000) {
      const chunk = this.container.documents.scanIndex(index, { ...range, from }, seconds, limit);
      yield* chunk;
      const last = chunk.at(-1);
      if (last === undefined || chunk.length < limit) return;
      from = { entry: last.entry, rid: last.rid + (descending ? -1 : 1) };
    }
  }
}

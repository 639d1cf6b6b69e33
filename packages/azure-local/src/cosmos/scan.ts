// Scan for the rows of a query: by their ids, through an index of its shape, in its partition, or over all documents.
import type { Container } from './container';
import type { StoredDocument } from './document-table';
import { indexPrefix, isScalar, prefixEnd, sortable, type IndexShape } from './indexes';
import type { Json, JsonObject } from './protocol/json';
import type { Position } from './query-token';
import { scopeOf, type Parameters, type Query } from './sql/query';
import { compareText, type Value } from './sql/values';

export interface QueryRequest {
  readonly query: Query;
  readonly parameters: Parameters;
  /** The partition to look in; undefined for all. */
  readonly pk: string | undefined;
  readonly itemsAtMost: number;
  readonly continuation: string | undefined;
  readonly seconds: number;
  /** Whether it may give up for want of an index (run-query.Q4). */
  readonly mayGiveUp: boolean;
  readonly budget: Budget;
}

/** How much of a container may be looked at. */
export interface Budget {
  /** Documents for a page that may end anywhere, found or not. */
  readonly perPage: number;
  /** Documents for an answer that needs all of them, before it gives up for want of an index. */
  readonly withoutIndex: number;
  /** Rows and documents, large ones several times, between two turns of other requests (run-query.Q5). */
  readonly perTurn: number;
}

/** Of the service: twenty thousand documents are about half a second. */
export const BUDGET: Budget = { perPage: 5000, withoutIndex: 20_000, perTurn: 4000 };

/** A row that WHERE let through: its place in the answer and its JSON text. */
export interface Row extends Position {
  readonly item: string;
}

const WORTH_AN_INDEX = 500;
/** A document of so many characters is as much work as two. */
const CHARACTERS_AS_ONE = 2000;

/** The candidates of one request, in an order that is known beforehand, judged by WHERE. */
export class Scan {
  examined = 0;
  /** Set when the budget ran out before the documents did. */
  stoppedAfter: Position | undefined;
  /** Set when it stopped although it needs all documents. */
  gaveUp = false;
  /** Whether rows come in the order the query asks for. */
  readonly ordered: boolean;
  private readonly shape: IndexShape | undefined;
  private readonly values: readonly Json[];
  private readonly index: number | undefined;
  private readonly examinedAtMost: number;
  private doneThisTurn = 0;
  /** Whether a part of the documents gives no part of the answer. */
  private readonly needsAll: boolean;
  /** Of the documents to look at, when the query names them. */
  private readonly ids: readonly string[] | undefined;

  constructor(
    private readonly container: Container,
    private readonly request: QueryRequest,
  ) {
    const { query, parameters, pk, budget } = request;
    this.ids = namedIds(query, parameters);
    const equal = new Map<string, Json>();
    for (const { property, operator, value } of query.demands) {
      const constant = operator === '=' ? value(scopeOf([], parameters)) : undefined;
      if (isScalar(constant)) equal.set(property, constant);
    }
    const properties = [...equal.keys()].sort();
    const [key, ...more] = query.orderBy;
    const order = more.length === 0 ? (key?.property ?? null) : null;
    this.values = properties.map((property) => equal.get(property) as Json);
    if (this.ids === undefined && (properties.length > 0 || order !== null))
      this.shape = { partition: pk !== undefined, equal: properties, order };
    this.index = this.shape && container.documents.indexFor(this.shape);
    this.ordered = query.orderBy.length === 0 || (this.index !== undefined && order !== null);
    this.needsAll = !this.ordered || query.distinct || query.aggregates.length > 0;
    const canGiveUp = request.mayGiveUp && this.shape !== undefined && this.index === undefined;
    const whenAllAreNeeded = canGiveUp ? budget.withoutIndex : Infinity;
    this.examinedAtMost = this.needsAll ? whenAllAreNeeded : budget.perPage;
  }

  wanted(): IndexShape | undefined {
    return this.index === undefined && this.examined > WORTH_AN_INDEX ? this.shape : undefined;
  }

  /** Rows that WHERE lets through, from `after` on where the order allows to start there; undefined ends a turn. */
  *rows(after: Position | undefined): Generator<Row | undefined> {
    const { query, parameters } = this.request;
    for (const { rid, body } of this.documents(after)) {
      this.examined += 1;
      if (this.endsTurn(body.length / CHARACTERS_AS_ONE)) yield undefined;
      const document = JSON.parse(body) as JsonObject;
      const keysOf = (row: readonly Value[]): Value[] =>
        query.orderBy.map((key) => key.evaluate(scopeOf(row, parameters)));
      let place = 0;
      for (const row of query.rows(document)) {
        if (this.endsTurn(1)) yield undefined;
        const scope = scopeOf(row, parameters);
        place += 1;
        if (query.where !== undefined && query.where(scope) !== true) continue;
        if (query.wholeDocuments) yield { keys: keysOf(row), rid, place, item: body };
        else {
          const item = query.project(scope);
          if (item !== undefined) yield { keys: keysOf(row), rid, place, item: JSON.stringify(item) };
        }
      }
      if (this.examined >= this.examinedAtMost) {
        this.gaveUp = this.needsAll;
        // Behind all rows of the document, whatever they are.
        const keys = this.needsAll ? [] : keysOf([document]);
        this.stoppedAfter = { keys, rid, place: Number.MAX_SAFE_INTEGER };
        return;
      }
    }
  }

  /** Rows as values, for aggregates; undefined ends a turn. */
  *scopes(): Generator<readonly Value[] | undefined> {
    const { query, parameters } = this.request;
    for (const { body } of this.documents(undefined)) {
      if (this.examined >= this.examinedAtMost) {
        this.gaveUp = true;
        return;
      }
      this.examined += 1;
      if (this.endsTurn(body.length / CHARACTERS_AS_ONE)) yield undefined;
      for (const row of query.rows(JSON.parse(body) as JsonObject)) {
        if (this.endsTurn(1)) yield undefined;
        if (query.where === undefined || query.where(scopeOf(row, parameters)) === true) yield row;
      }
    }
  }

  private endsTurn(work: number): boolean {
    this.doneThisTurn += work;
    if (this.doneThisTurn < this.request.budget.perTurn) return false;
    this.doneThisTurn = 0;
    return true;
  }

  private documents(after: Position | undefined): Iterable<StoredDocument> {
    if (this.ids !== undefined) return this.byId(this.ids, this.ordered ? after : undefined);
    return this.index === undefined
      ? this.inOrderOfCreation(this.ordered ? after : undefined)
      : this.inIndex(this.index, after);
  }

  private byId(ids: readonly string[], after: Position | undefined): readonly StoredDocument[] {
    const { pk, seconds } = this.request;
    const { documents } = this.container;
    return [...new Set(ids)]
      .flatMap((id) =>
        pk === undefined ? documents.findAll(id, seconds) : (documents.find(pk, id, seconds) ?? []),
      )
      .filter(({ rid }) => rid >= (after?.rid ?? 0))
      .sort((a, b) => a.rid - b.rid);
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
    const { low, high } = this.bounds(prefix, shape.order);
    let from = descending ? { entry: high, rid: Number.MAX_SAFE_INTEGER } : { entry: low, rid: 0 };
    if (after !== undefined)
      from = { entry: prefix + (shape.order === null ? '' : sortable(after.keys[0])), rid: after.rid };
    const range = { end: descending ? low : high, descending };
    for (let limit = 100; ; limit = 1000) {
      const chunk = this.container.documents.scanIndex(index, { ...range, from }, seconds, limit);
      yield* chunk;
      const last = chunk.at(-1);
      if (last === undefined || chunk.length < limit) return;
      from = { entry: last.entry, rid: last.rid + (descending ? -1 : 1) };
    }
  }

  /** Between which entries all rows lie that fulfil what the query demands of the property it is ordered by. */
  private bounds(prefix: string, order: string | null): { readonly low: string; readonly high: string } {
    let [low, high] = [prefix, prefixEnd(prefix)];
    for (const { property, operator, value } of this.request.query.demands) {
      const bound = property === order ? value(scopeOf([], this.request.parameters)) : undefined;
      if (typeof bound !== 'string' && typeof bound !== 'number') continue;
      const entry = prefix + sortable(bound);
      if (operator.startsWith('>') && compareText(entry, low) > 0) low = entry;
      if (operator.startsWith('<') && compareText(prefixEnd(entry), high) < 0) high = prefixEnd(entry);
    }
    return { low, high };
  }
}

/** The ids that the query restricts its answer to; undefined when it does not. */
function namedIds(query: Query, parameters: Parameters): readonly string[] | undefined {
  const ids = query.ids?.(scopeOf([], parameters));
  return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : undefined;
}

// Table of one container's documents with its change sequence (LSN) and its indexes. It must not know HTTP or etags.
//
// document-table.T1  Every method that changes something runs inside a `journal.write`; no other request can change
//   what it reads there.
// document-table.T2  A document keeps its `rid` for life; each write of it takes the next LSN, and no LSN is ever given
//   twice, not even after the newest document has been deleted and the process restarted (change-sequence.ts).
// document-table.T3  An expired document is not there for anybody, whether it has been swept yet or not.
// document-table.T4  The `seconds` of rows never go down from one LSN to the next, though the clock of the machine may
//   be set back: so a time is found by halving, without an index that every write would have to keep.
// document-table.T5  Every table has a column and an index for as many shapes as there may be, empty until a shape
//   takes them: to add one to a table that is full would read all of it, and block all requests meanwhile.
import type { Journal } from '../storage/journal';
import type { SqlValue, Statement } from '../storage/statements';
import { ChangeSequence } from './change-sequence';
import { idIndexSql, INDEXES_AT_MOST, indexColumn, indexSql, tableSql } from './document-schema';
import { indexEntry, sameShape, type Index, type IndexShape, type ScanStart } from './indexes';
import type { JsonObject } from './protocol/json';

export interface StoredDocument {
  readonly rid: number;
  readonly lsn: number;
  readonly body: string;
}

/** A version about to be written. */
export interface NewVersion {
  readonly pk: string;
  readonly id: string;
  readonly lsn: number;
  readonly seconds: number;
  /** When it is gone, in seconds since the epoch. */
  readonly expires: number | null;
  readonly document: JsonObject;
  readonly body: string;
}

export class DocumentTable {
  private readonly name: string;
  private readonly statements = new Map<string, Statement>();
  private insertion!: Statement;
  private replacement!: Statement;
  private nextRid: number;
  private readonly sequence: ChangeSequence;
  private indexes: readonly Index[];
  /** How far the first incomplete index has come. */
  private filledTo = 0;
  /** Whether its container is deleted: there is nothing to read any more. */
  dropped = false;

  constructor(
    private readonly journal: Journal,
    private readonly container: number,
  ) {
    this.name = `cosmos_documents_${container}`;
    journal.schema(idIndexSql(this.name));
    const row = journal
      .statement('SELECT lsn, indexes FROM cosmos_containers WHERE container = ?')
      .get<{ lsn: number; indexes: string }>(container);
    const last = journal
      .statement(
        `SELECT max(rid) AS rid, (SELECT max(lsn) FROM ${this.name}) AS lsn,
           (SELECT seconds FROM ${this.name} WHERE lsn = (SELECT max(lsn) FROM ${this.name})) AS seconds
         FROM ${this.name}`,
      )
      .get<{ rid: number | null; lsn: number | null; seconds: number | null }>();
    this.nextRid = (last?.rid ?? 0) + 1;
    this.sequence = new ChangeSequence(Math.max(row?.lsn ?? 0, last?.lsn ?? 0), last?.seconds ?? 0);
    this.indexes = JSON.parse(row?.indexes ?? '[]') as Index[];
    this.prepare();
  }

  /** Creates the table of a container that has just been created. */
  static create(journal: Journal, container: number): void {
    journal.schema(tableSql(`cosmos_documents_${container}`));
  }

  drop(): void {
    this.journal.schema(`DROP TABLE ${this.name}`);
    this.dropped = true;
  }

  get lsn(): number {
    return this.sequence.last;
  }

  takeLsn(): number {
    return this.sequence.take();
  }

  takeRid(): number {
    this.nextRid += 1;
    return this.nextRid - 1;
  }

  find(pk: string, id: string, seconds: number): StoredDocument | undefined {
    return this.sql(
      'SELECT rid, lsn, body FROM $ WHERE pk = ? AND id = ? AND (expires IS NULL OR expires > ?)',
    ).get<StoredDocument>(pk, id, seconds);
  }

  /** The documents with that id, in all partitions. */
  findAll(id: string, seconds: number): readonly StoredDocument[] {
    return this.sql('SELECT rid, lsn, body FROM $ WHERE id = ? AND (expires IS NULL OR expires > ?)').all(
      id,
      seconds,
    );
  }

  /** False when a document with that key is already there. */
  insert(rid: number, version: NewVersion): boolean {
    const { pk, id, lsn, seconds, expires, body } = version;
    const values = [rid, pk, id, lsn, this.sequence.stamp(seconds), expires, body, ...this.entries(version)];
    if (this.insertion.run(...values).changes === 1) return true;
    const expired = 'DELETE FROM $ WHERE pk = ? AND id = ? AND expires <= ?';
    return (
      this.sql(expired).run(pk, id, seconds).changes === 1 && this.insertion.run(...values).changes === 1
    );
  }

  replace(rid: number, version: NewVersion): void {
    const { lsn, seconds, expires, body } = version;
    this.replacement.run(lsn, this.sequence.stamp(seconds), expires, body, ...this.entries(version), rid);
  }

  remove(rid: number): void {
    this.sql('DELETE FROM $ WHERE rid = ?').run(rid);
    this.keepLsn();
  }

  /** Documents in the order of their creation, in one partition or in all. */
  scan(pk: string | undefined, from: number, seconds: number, limit: number): readonly StoredDocument[] {
    const live = '(expires IS NULL OR expires > ?) ORDER BY rid LIMIT ?';
    return pk === undefined
      ? this.sql(`SELECT rid, lsn, body FROM $ WHERE rid >= ? AND ${live}`).all(from, seconds, limit)
      : this.sql(`SELECT rid, lsn, body FROM $ INDEXED BY $_pk WHERE pk = ? AND rid >= ? AND ${live}`).all(
          pk,
          from,
          seconds,
          limit,
        );
  }

  /** Documents whose index entry lies between `from` (including it) and `end`, in that direction. */
  scanIndex(
    index: number,
    range: { readonly from: ScanStart; readonly end: string; readonly descending: boolean },
    seconds: number,
    limit: number,
  ): readonly (StoredDocument & { entry: string })[] {
    const { from, end, descending } = range;
    const [beyond, within, direction] = descending ? ['<=', '>=', 'DESC'] : ['>=', '<', 'ASC'];
    const k = indexColumn(index);
    return this.sql(
      `SELECT rid, lsn, body, ${k} AS entry FROM $ INDEXED BY $_${k}
       WHERE (${k}, rid) ${beyond} (?, ?) AND ${k} ${within} ? AND (expires IS NULL OR expires > ?)
       ORDER BY ${k} ${direction}, rid ${direction} LIMIT ?`,
    ).all(from.entry, from.rid, end, seconds, limit);
  }

  /** Documents changed after `lsn`, oldest change first, expired ones included (`expires` tells). */
  changes(
    pk: string | undefined,
    after: number,
    limit: number,
  ): readonly (StoredDocument & { expires: number | null })[] {
    const columns = 'SELECT rid, lsn, body, expires FROM $';
    return pk === undefined
      ? this.sql(`${columns} WHERE lsn > ? ORDER BY lsn LIMIT ?`).all(after, limit)
      : this.sql(`${columns} INDEXED BY $_pk WHERE pk = ? AND lsn > ? ORDER BY lsn LIMIT ?`).all(
          pk,
          after,
          limit,
        );
  }

  /** The LSN before the first change made at or after `seconds` (document-table.T4). */
  lsnBefore(seconds: number): number {
    const next = this.sql('SELECT lsn, seconds FROM $ WHERE lsn >= ? ORDER BY lsn LIMIT 1');
    // Rows up to `before` are older, rows from `from` on are not.
    let before = 0;
    let from = this.sequence.last + 1;
    while (from - before > 1) {
      const middle = Math.floor((before + from) / 2);
      const row = next.get<{ lsn: number; seconds: number }>(middle);
      if (row !== undefined && row.lsn < from && row.seconds < seconds) before = row.lsn;
      else from = middle;
    }
    return before;
  }

  /** The place of the index for `shape`, if there is a complete one. */
  indexFor(shape: IndexShape): number | undefined {
    const place = this.indexes.findIndex((known) => known.complete && sameShape(known.shape, shape));
    return place < 0 ? undefined : place;
  }

  /** Adds an index that has no documents for now; false when there is one of that shape, or as many as there may be. */
  addIndex(shape: IndexShape): boolean {
    if (this.indexes.length >= INDEXES_AT_MOST || this.indexes.some((known) => sameShape(known.shape, shape)))
      return false;
    const k = indexColumn(this.indexes.length);
    const columns = this.sql("SELECT name FROM pragma_table_info('$')").all<{ name: string }>();
    // A data folder of an earlier version.
    if (!columns.some(({ name }) => name === k)) {
      this.journal.schema(`ALTER TABLE ${this.name} ADD COLUMN ${k} TEXT; ${indexSql(this.name, k)}`);
    }
    this.keepIndexes([...this.indexes, { shape, complete: false }]);
    return true;
  }

  /**
   * Enters up to `limit` older documents into the first incomplete index. Gives its shape when that completed it, null
   * when there is more to do, and undefined when every index is complete (or the container is gone).
   */
  fillIndex(limit: number): IndexShape | null | undefined {
    const place = this.indexes.findIndex(({ complete }) => !complete);
    const index = this.indexes[place];
    if (index === undefined || this.dropped) return undefined;
    const rows = this.sql('SELECT rid, pk, body FROM $ WHERE rid > ? ORDER BY rid LIMIT ?').all<{
      rid: number;
      pk: string;
      body: string;
    }>(this.filledTo, limit);
    const fill = this.sql(`UPDATE $ SET ${indexColumn(place)} = ? WHERE rid = ?`);
    for (const { rid, pk, body } of rows)
      fill.run(indexEntry(index.shape, pk, JSON.parse(body) as JsonObject), rid);
    this.filledTo = rows.length < limit ? 0 : (rows.at(-1)?.rid ?? 0);
    if (this.filledTo > 0) return null;
    this.keepIndexes(this.indexes.map((known) => (known === index ? { ...known, complete: true } : known)));
    return index.shape;
  }

  /** Removes at most `limit` expired documents; whether there may be more (never when the container is gone). */
  sweep(seconds: number, limit: number): boolean {
    if (this.dropped) return false;
    const expired = 'SELECT rid FROM $ WHERE expires <= ? LIMIT ?';
    const { changes } = this.sql(`DELETE FROM $ WHERE rid IN (${expired})`).run(seconds, limit);
    if (changes > 0) this.keepLsn();
    return changes === limit;
  }

  /** When the next document expires. */
  nextExpiry(): number | undefined {
    return (
      this.sql('SELECT min(expires) AS expires FROM $ WHERE expires IS NOT NULL').get<{
        expires: number | null;
      }>()?.expires ?? undefined
    );
  }

  private entries({ pk, document }: NewVersion): readonly SqlValue[] {
    return this.indexes.map(({ shape }) => indexEntry(shape, pk, document));
  }

  /** document-table.T2: the table no longer shows how far the sequence had come. */
  private keepLsn(): void {
    this.journal
      .statement('UPDATE cosmos_containers SET lsn = ? WHERE container = ?')
      .run(this.sequence.last, this.container);
  }

  private keepIndexes(indexes: readonly Index[]): void {
    this.journal
      .statement('UPDATE cosmos_containers SET indexes = ? WHERE container = ?')
      .run(JSON.stringify(indexes), this.container);
    this.indexes = indexes;
    this.prepare();
  }

  private prepare(): void {
    const columns = this.indexes.map((_, place) => indexColumn(place));
    const names = ['rid', 'pk', 'id', 'lsn', 'seconds', 'expires', 'body', ...columns];
    this.insertion = this.sql(
      `INSERT INTO $ (${names.join()}) VALUES (${names.map(() => '?').join()}) ON CONFLICT (pk, id) DO NOTHING`,
    );
    const set = ['lsn', 'seconds', 'expires', 'body', ...columns].map((column) => `${column} = ?`);
    this.replacement = this.sql(`UPDATE $ SET ${set.join()} WHERE rid = ?`);
  }

  /** A statement in which `$` stands for the table. */
  private sql(text: string): Statement {
    let statement = this.statements.get(text);
    if (statement === undefined) {
      statement = this.journal.statement(text.replaceAll('$', this.name));
      this.statements.set(text, statement);
    }
    return statement;
  }
}

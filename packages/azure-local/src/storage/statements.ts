// Prepared statements of one database, each prepared once per text; the journal and the shared file have them.
import type Database from 'libsql';

/** A prepared statement. Rows are objects of columns; libsql adds an enumerable `_metadata` to what `get` returns. */
export interface Statement {
  run(...params: SqlValue[]): { changes: number };
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller knows its columns
  get<Row>(...params: SqlValue[]): Row | undefined;
  all<Row>(...params: SqlValue[]): Row[];
}

export type SqlValue = string | number | bigint | Buffer | null;

/** Hears of each `run` that has succeeded, with what does it again. */
export type OnRun = (again: () => unknown) => void;

/** Gives the statement for a text, prepared at its first use. */
export function preparedOnce(database: Database.Database, onRun?: OnRun): (sql: string) => Statement {
  const statements = new Map<string, Statement>();
  return (sql) => {
    let statement = statements.get(sql);
    if (statement === undefined) {
      statement = new ListStatement(database.prepare(sql), onRun);
      statements.set(sql, statement);
    }
    return statement;
  };
}

/**
 * Hands the parameters over as one list, which libsql takes as it is; those that come one by one it copies. Asks for rows
 * as lists and names their values itself: libsql makes every name of every row anew.
 */
class ListStatement implements Statement {
  private columns: readonly string[] | undefined;

  constructor(
    private readonly prepared: Database.Statement,
    private readonly onRun: OnRun | undefined,
  ) {}

  run(...params: SqlValue[]): { changes: number } {
    const result = this.prepared.run(params);
    this.onRun?.(() => this.prepared.run(params));
    return result;
  }

  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- as in `Statement`
  get<Row>(...params: SqlValue[]): Row | undefined {
    const columns = this.columnsOf();
    const values = this.prepared.get(params) as readonly unknown[] | undefined;
    return values === undefined ? undefined : (rowOf(columns, values) as Row);
  }

  all<Row>(...params: SqlValue[]): Row[] {
    const columns = this.columnsOf();
    const rows = this.prepared.all(params) as (readonly unknown[])[];
    return rows.map((values) => rowOf(columns, values) as Row);
  }

  private columnsOf(): readonly string[] {
    this.columns ??= this.prepared
      .raw()
      .columns()
      .map(({ name }) => name);
    return this.columns;
  }
}

function rowOf(columns: readonly string[], values: readonly unknown[]): object {
  const row: Record<string, unknown> = {};
  for (let at = 0; at < columns.length; at += 1) row[columns[at] as string] = values[at];
  return row;
}

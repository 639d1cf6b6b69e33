// SQL schema of one container's table: its columns and indexes. Used by document-table.ts.

/** Of one container; each has a column, `indexColumn`. */
export const INDEXES_AT_MOST = 8;

export const indexColumn = (place: number): string => `k${place}`;

/** What finds documents by an index column. */
export const indexSql = (table: string, k: string): string =>
  `CREATE INDEX ${table}_${k} ON ${table} (${k}, rid) WHERE ${k} IS NOT NULL;`;

export function tableSql(table: string): string {
  const columns = Array.from({ length: INDEXES_AT_MOST }, (_, place) => indexColumn(place));
  return `
    CREATE TABLE ${table} (rid INTEGER PRIMARY KEY, pk TEXT NOT NULL, id TEXT NOT NULL, lsn INTEGER NOT NULL,
      seconds INTEGER NOT NULL, expires INTEGER, body TEXT NOT NULL, ${columns.map((k) => `${k} TEXT`).join()});
    CREATE INDEX ${table}_pk ON ${table} (pk, rid);
    CREATE UNIQUE INDEX ${table}_lsn ON ${table} (lsn);
    CREATE INDEX ${table}_expires ON ${table} (expires) WHERE expires IS NOT NULL;
    ${columns.map((k) => indexSql(table, k)).join('')}`;
}

/** Run at every start: data folders of earlier versions have another one, which cannot find an id in all partitions. */
export const idIndexSql = (table: string): string => `
  CREATE UNIQUE INDEX IF NOT EXISTS ${table}_by_id ON ${table} (id, pk);
  DROP INDEX IF EXISTS ${table}_id;`;

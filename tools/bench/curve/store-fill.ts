// Filler of a stopped system's data folder: copies of one completed order, with its documents, read models, ledger
// lines, keys and durable history. They are written as SQL into the databases, because a million orders over the wire
// would take hours; this file is therefore the one that knows the tables of others.
//
// store-fill.F1  Readers of the change feed have passed the copies: `liftChangeNumbers` moves all later changes beyond
//   a number that the copies stay below. It comes before the order that is copied.
// store-fill.F2  Ids and customers of copies have the length of the original's, so sizes are real; times are the
//   original's.
// store-fill.F3  Ids of copies are spread over all ids, as real ones are: what comes later lands between them, not
//   behind them.
// store-fill.F4  Nothing is safe while it fills: a fill that was cut off leaves a folder to throw away.
import path from 'node:path';
import Database from 'libsql';
import { CHILDREN, databaseFile } from 'azure-local/supervisor/data-folder';

/** The order that is copied. */
export interface SampleOrder {
  readonly orderId: string;
  readonly customerId: string;
}

/** Copies number `from` to `to`, `to` excluded. */
export interface CopyRange {
  readonly from: number;
  readonly to: number;
}

const LIFTED = 100_000_000;
const FIRST_COPIED = 1_000;
const AT_ONCE = 10_000;
const ORDERS_PER_CUSTOMER = 20;
const CUSTOMER_LENGTH = 13;
/** store-fill.F3. Odd, so that no two copies have one id; near 2^32 over the golden ratio, so that they are even. */
const SPREAD = 2_654_435_769;

/** The customer of copy number `index`. */
export const copiedCustomer = (index: number): string =>
  `fill-${String(Math.floor(index / ORDERS_PER_CUSTOMER)).padStart(CUSTOMER_LENGTH - 5, '0')}`;

/** Makes room below the change numbers of all containers (store-fill.F1). */
export function liftChangeNumbers(dataDir: string): void {
  const database = open(databaseFile(dataDir, 'platform'));
  database.prepare('UPDATE cosmos_containers SET lsn = ?').run(LIFTED);
  database.close();
}

/** @throws Error when a reader of the feed would find the copies before it (store-fill.F1). */
export function checkReaders(dataDir: string): void {
  const database = open(databaseFile(dataDir, 'platform'));
  const leases = database
    .prepare(`SELECT id, body FROM ${containerTable(database, 'leases')}`)
    .all() as readonly { id: string; body: string }[];
  database.close();
  for (const { id, body } of leases) {
    const { ContinuationToken } = JSON.parse(body) as { readonly ContinuationToken: string | null };
    const change = Number(/continuationToken\\*":\\*"\\*"?(\d+)/.exec(ContinuationToken ?? '')?.[1]);
    if (!(change > LIFTED)) throw new Error(`The reader ${id} is still at change ${change}.`);
  }
}

/** Adds copies of `sample`; `onProgress` gets what it does now. */
export function fillStore(
  dataDir: string,
  sample: SampleOrder,
  range: CopyRange,
  onProgress: (what: string) => void,
): void {
  if (sample.customerId.length !== CUSTOMER_LENGTH)
    throw new Error(
      `The sample's customer has ${sample.customerId.length} characters, not ${CUSTOMER_LENGTH}.`,
    );
  for (const name of CHILDREN) {
    const database = openForFilling(databaseFile(dataDir, name));
    const copies = name === 'platform' ? platformCopies(database) : hostCopies(database, sample);
    for (const copy of copies) {
      withoutIndexes(database, copy.table, onProgress, () => {
        const add = prepareCopy(database, sample, range, copy);
        const step = copy.sorted === undefined ? AT_ONCE : range.to - range.from;
        for (let from = range.from; from < range.to; from += step) {
          onProgress(`${copy.table}: orders from ${from} of ${range.to}`);
          add(from, Math.min(from + step, range.to));
        }
      });
    }
    database.pragma('journal_mode = WAL');
    database.close();
  }
}

/** Indexes are made anew behind `work`: sorted once, instead of one place after another. */
function withoutIndexes(
  database: Database.Database,
  table: string,
  onProgress: (what: string) => void,
  work: () => void,
): void {
  const indexes = database
    .prepare("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL")
    .all(table) as readonly { name: string; sql: string }[];
  for (const { name } of indexes) database.exec(`DROP INDEX ${name}`);
  work();
  for (const { name, sql } of indexes) {
    onProgress(`${name} made anew`);
    database.exec(sql);
  }
}

interface Copy {
  readonly table: string;
  /** Selects the rows of the sample, by `@id`. */
  readonly where: string;
  /** Numbers that are one per row, or one per order, by column: where the first copy of all begins. */
  readonly perRow?: Readonly<Record<string, number>>;
  readonly perOrder?: Readonly<Record<string, number>>;
  /** The key of a table that is its own index: all copies are added in that order at once. */
  readonly sorted?: string;
}

function platformCopies(database: Database.Database): Copy[] {
  const documents = (container: string, where: string): Copy => {
    const table = containerTable(database, container);
    return { table, where, perRow: { rid: next(database, table, 'rid'), lsn: FIRST_COPIED } };
  };
  // Below 0, so that who reads the ledger from its beginning does not read the copies.
  const ledgerFrom = lowest(database, 'services_ledger', 'seq') - 1;
  return [
    documents('orders', `pk = '["' || @id || '"]'`),
    documents('customer-orders', 'id = @id'),
    { table: 'services_ledger', where: 'order_id = @id', perRow: { seq: ledgerFrom } },
    { table: 'services_keys', where: 'order_id = @id', sorted: 'service, key' },
  ];
}

function hostCopies(database: Database.Database, { orderId }: SampleOrder): Copy[] {
  const row = database.prepare('SELECT key FROM durable_instances WHERE id = ?').get(orderId) as
    { readonly key: number } | undefined;
  if (row === undefined) throw new Error(`The task hub does not have the saga of ${orderId}.`);
  const perOrder = { key: next(database, 'durable_instances', 'key') };
  return [
    { table: 'durable_instances', where: 'id = @id', perOrder },
    { table: 'durable_episodes', where: `key = ${row.key}`, perOrder },
  ];
}

/** Copies the rows of one table for the orders `from` to `to`. */
function prepareCopy(
  database: Database.Database,
  { orderId, customerId }: SampleOrder,
  range: CopyRange,
  { table, where, perRow = {}, perOrder = {}, sorted = 'i, place' }: Copy,
): (from: number, to: number) => void {
  const sample = `sample_${table}`;
  const condition = where.replaceAll('@id', `'${orderId}'`);
  database.exec(
    `CREATE TEMP TABLE ${sample} AS SELECT row_number() OVER () - 1 AS place, * FROM ${table} WHERE ${condition}`,
  );
  const { rows } = database.prepare(`SELECT count(*) AS rows FROM ${sample}`).get() as { rows: number };
  if (rows === 0) throw new Error(`The sample ${orderId} has nothing in ${table}.`);
  const columns = database.prepare(`SELECT name, type FROM pragma_table_info('${table}')`).all() as readonly {
    name: string;
    type: string;
  }[];
  const expression = ({ name, type }: { readonly name: string; readonly type: string }): string => {
    const row = perRow[name];
    // Change numbers go on over all fills, row numbers from the highest at hand; the ledger's end below the lowest.
    if (name === 'lsn') return `${FIRST_COPIED} + i * ${rows} + place`;
    if (row !== undefined && row < 0) return `${row} - (${range.to} - i) * ${rows} + place`;
    if (row !== undefined) return `${row} + (i - ${range.from}) * ${rows} + place`;
    const order = perOrder[name];
    if (order !== undefined) return `${order} + (i - ${range.from})`;
    return type === 'TEXT'
      ? `replace(replace(${name}, '${orderId}', copied_id), '${customerId}', customer)`
      : name;
  };
  const names = columns.map(({ name }) => name).join(', ');
  const insertion = database.prepare(
    `WITH RECURSIVE copies(i) AS (SELECT ? UNION ALL SELECT i + 1 FROM copies WHERE i + 1 < ?),
       named AS (SELECT i, printf('%08x', i * ${SPREAD} % ${2 ** 32}) || substr('${orderId}', 9) AS copied_id,
         printf('fill-%0${CUSTOMER_LENGTH - 5}d', i / ${ORDERS_PER_CUSTOMER}) AS customer FROM copies)
     INSERT INTO ${table} (${names})
     SELECT ${columns.map(expression).join(', ')} FROM named CROSS JOIN ${sample} ORDER BY ${sorted}`,
  );
  return (from, to) => void insertion.run(from, to);
}

const open = (file: string): Database.Database => new Database(path.resolve(file));

/** store-fill.F4. Whole pages go straight into the file, once. */
function openForFilling(file: string): Database.Database {
  const database = open(file);
  // It leaves the log in order only by way of a journal.
  for (const mode of ['DELETE', 'OFF']) database.pragma(`journal_mode = ${mode}`);
  database.pragma('synchronous = OFF');
  database.pragma('locking_mode = EXCLUSIVE');
  database.pragma('cache_size = -400000');
  return database;
}

function containerTable(database: Database.Database, id: string): string {
  const row = database.prepare('SELECT container FROM cosmos_containers WHERE id = ?').get(id) as
    { readonly container: number } | undefined;
  if (row === undefined) throw new Error(`The store has no container ${id} yet.`);
  return `cosmos_documents_${row.container}`;
}

function next(database: Database.Database, table: string, column: string): number {
  return extreme(database, table, `max(${column})`) + 1;
}

function lowest(database: Database.Database, table: string, column: string): number {
  return Math.min(0, extreme(database, table, `min(${column})`));
}

function extreme(database: Database.Database, table: string, of: string): number {
  const row = database.prepare(`SELECT ${of} AS value FROM ${table}`).get() as { value: number | null };
  return row.value ?? 0;
}

// Ledger: one line for every effect that a service had, in order. A repeat, a refusal and a tombstone have none and
// are not in it. A line is written in the same journal write as its effect.
import type { Clock } from 'azure-local/kit/clock';
import type { Journal } from 'azure-local/storage/journal';
import type { ServiceName } from './operation';

export const EFFECTS = [
  'stockReserved',
  'stockReleased',
  'stockConfirmed',
  'restocked',
  'couponRedeemed',
  'couponCancelled',
  'charged',
  'refunded',
  'shipmentCreated',
  'shipmentCancelled',
  'notified',
] as const;
export type Effect = (typeof EFFECTS)[number];

export interface LedgerEntry {
  readonly service: ServiceName;
  readonly effect: Effect;
  readonly orderId: string;
  readonly customerId: string;
  /** The key of the reservation, charge, shipment or message that the effect is about; of a partial refund, its own. */
  readonly key: string;
  /** Its reservation, transaction, tracking or notification id. */
  readonly reference: string;
  /** Minor units: of a charge, a refund, a discount. */
  readonly amount?: number;
  readonly currency?: string;
  readonly productIds?: readonly string[];
  /** Pieces, over all products. */
  readonly quantity?: number;
}

/** A line as the control API shows it. */
export interface LedgerLine extends LedgerEntry {
  readonly seq: number;
  readonly at: string;
}

export interface LedgerQuery {
  readonly orderId?: string | undefined;
  readonly service?: ServiceName | undefined;
  readonly effect?: Effect | undefined;
  /** Lines with a greater `seq` only. */
  readonly after: number;
  readonly limit: number;
}

export interface Ledger {
  /** Adds a line; only inside a journal write. */
  record(entry: LedgerEntry): void;
  /** Lines in the order of their effects. */
  lines(query: LedgerQuery): LedgerLine[];
  /** How often each effect happened and the sum of its amounts. Reads the whole ledger. */
  totals(): Map<Effect, { times: number; amount: number }>;
}

interface LedgerRow {
  readonly seq: number;
  readonly at_ms: number;
  readonly service: ServiceName;
  readonly effect: Effect;
  readonly order_id: string;
  readonly customer_id: string;
  readonly key: string;
  readonly reference: string;
  readonly amount: number | null;
  readonly currency: string | null;
  readonly product_ids: string | null;
  readonly quantity: number | null;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS services_ledger (
    seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, service TEXT NOT NULL, effect TEXT NOT NULL,
    order_id TEXT NOT NULL, customer_id TEXT NOT NULL, key TEXT NOT NULL, reference TEXT NOT NULL,
    amount INTEGER, currency TEXT, product_ids TEXT, quantity INTEGER);
  CREATE INDEX IF NOT EXISTS services_ledger_order ON services_ledger (order_id);`;

const FILTERS = `seq > ?1 AND (?2 IS NULL OR service = ?2) AND (?3 IS NULL OR effect = ?3)`;

export function createLedger(journal: Journal, clock: Clock): Ledger {
  journal.schema(SCHEMA);
  const insert = journal.statement(
    'INSERT INTO services_ledger VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  const all = journal.statement(`SELECT * FROM services_ledger WHERE ${FILTERS} ORDER BY seq LIMIT ?4`);
  const ofOrder = journal.statement(
    `SELECT * FROM services_ledger WHERE ${FILTERS} AND order_id = ?5 ORDER BY seq LIMIT ?4`,
  );
  const sums = journal.statement(
    'SELECT effect, COUNT(*) AS times, COALESCE(SUM(amount), 0) AS amount FROM services_ledger GROUP BY effect',
  );
  return {
    record(entry) {
      const { service, effect, orderId, customerId, key, reference } = entry;
      insert.run(
        ...[clock.now(), service, effect, orderId, customerId, key, reference],
        entry.amount ?? null,
        entry.currency ?? null,
        entry.productIds === undefined ? null : JSON.stringify(entry.productIds),
        entry.quantity ?? null,
      );
    },
    lines({ orderId, service, effect, after, limit }) {
      const filters = [after, service ?? null, effect ?? null, limit];
      const rows =
        orderId === undefined ? all.all<LedgerRow>(...filters) : ofOrder.all<LedgerRow>(...filters, orderId);
      return rows.map(toLine);
    },
    totals() {
      const rows = sums.all<{ effect: Effect; times: number; amount: number }>();
      return new Map(rows.map(({ effect, times, amount }) => [effect, { times, amount }]));
    },
  };
}

function toLine(row: LedgerRow): LedgerLine {
  return {
    seq: row.seq,
    at: new Date(row.at_ms).toISOString(),
    service: row.service,
    effect: row.effect,
    orderId: row.order_id,
    key: row.key,
    customerId: row.customer_id,
    reference: row.reference,
    ...(row.amount === null ? {} : { amount: row.amount }),
    ...(row.currency === null ? {} : { currency: row.currency }),
    ...(row.product_ids === null ? {} : { productIds: JSON.parse(row.product_ids) as string[] }),
    ...(row.quantity === null ? {} : { quantity: row.quantity }),
  };
}

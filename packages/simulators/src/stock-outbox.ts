// Outbox of stock changes: publishes every change as an event after it is on disk. It knows no topic; the caller wires
// one.
//
// stock-outbox.N1  A change and its event are one journal write; the event is deleted once it is published. So it is
//   published at least once, under the same id, also after a SIGKILL.
// stock-outbox.N2  While a batch is under way, a later change of a product replaces its waiting event: the last level is
//   published.
// stock-outbox.N3  Batches go out one after another, so no subscriber sees two levels of a product in the wrong order.
import type { GridEvent } from './grid-event';
import { createOutboxPump, type OutboxParts } from './outbox-pump';
import type { OnStockChange, StockLevel } from './stock';
import type { Journal } from 'azure-local/storage/journal';

export interface StockEvent extends GridEvent {
  readonly eventType: 'Inventory.StockUpdated' | 'Inventory.StockLow';
}

export interface StockOutbox {
  /** Notes a change; only inside the journal write that makes it. */
  readonly noteChange: OnStockChange;
  /** Publishes what an earlier process left. */
  start(): void;
  /** Resolves when nothing is under way any more; the signal given to `publish` ends with `lifetime`. */
  ended(): Promise<void>;
}

/** A stock is low from the change on that leaves fewer pieces on hand. */
const LOW_STOCK_THRESHOLD = 5;

interface Row {
  readonly product_id: string;
  readonly type: 'StockUpdated' | 'StockLow';
  readonly seq: number;
  readonly at_ms: number;
  readonly on_hand: number;
  readonly reserved: number;
}

export function createStockOutbox(parts: OutboxParts): StockOutbox {
  const { clock } = parts;
  const outbox = openOutbox(parts.journal);
  const pump = createOutboxPump<Row>(parts, { ...outbox, what: 'stock events', toEvent: toStockEvent });
  return {
    noteChange(productId, before, after) {
      if (after.unlimited || isSame(before, after)) return;
      outbox.put(productId, 'StockUpdated', clock.now(), after);
      if (after.onHand < LOW_STOCK_THRESHOLD && before.onHand >= LOW_STOCK_THRESHOLD) {
        outbox.put(productId, 'StockLow', clock.now(), after);
      }
      pump.wake();
    },
    start: () => pump.wake(),
    ended: () => pump.ended(),
  };
}

interface Outbox {
  put(productId: string, type: Row['type'], atMs: number, level: StockLevel): void;
  first(limit: number): readonly Row[];
  /** Unless it has been replaced since. */
  forget(row: Row): void;
}

function openOutbox(journal: Journal): Outbox {
  journal.schema(`CREATE TABLE IF NOT EXISTS services_stock_news (
    product_id TEXT NOT NULL, type TEXT NOT NULL, seq INTEGER NOT NULL, at_ms INTEGER NOT NULL,
    on_hand INTEGER NOT NULL, reserved INTEGER NOT NULL, PRIMARY KEY (product_id, type)) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS services_stock_news_seq ON services_stock_news (seq);`);
  const put = journal.statement('INSERT OR REPLACE INTO services_stock_news VALUES (?, ?, ?, ?, ?, ?)');
  const first = journal.statement('SELECT * FROM services_stock_news ORDER BY seq LIMIT ?');
  const forget = journal.statement(
    'DELETE FROM services_stock_news WHERE product_id = ? AND type = ? AND seq = ?',
  );
  const last = journal.statement('SELECT MAX(seq) AS seq FROM services_stock_news');
  let seq = last.get<{ seq: number | null }>()?.seq ?? 0;
  return {
    put: (productId, type, atMs, { onHand, reserved }) =>
      void put.run(productId, type, ++seq, atMs, onHand, reserved),
    first: (limit) => first.all<Row>(limit),
    forget: (row) => void forget.run(row.product_id, row.type, row.seq),
  };
}

function toStockEvent(row: Row): StockEvent {
  const { product_id: productId, type, seq, at_ms: atMs, on_hand: onHand, reserved } = row;
  return {
    // The time keeps ids apart between one life of the journal and the next; of one time the greater id is the later.
    id: `${type}-${atMs}-${String(seq).padStart(12, '0')}`,
    eventType: `Inventory.${type}`,
    subject: `/products/${encodeURIComponent(productId)}`,
    eventTime: new Date(atMs).toISOString(),
    dataVersion: '1',
    data:
      type === 'StockLow'
        ? { productId, onHand, threshold: LOW_STOCK_THRESHOLD }
        : { productId, onHand, reserved },
  };
}

function isSame(one: StockLevel, other: StockLevel): boolean {
  return one.onHand === other.onHand && one.reserved === other.reserved && one.unlimited === other.unlimited;
}

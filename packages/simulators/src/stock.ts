// Stock counters: on hand and reserved, per product. They know no orders and no keys.
import type { Journal } from 'azure-local/storage/journal';
import type { Seed } from './seed';

export interface StockLevel {
  readonly onHand: number;
  readonly reserved: number;
  /** Never short; `onHand` is counted down all the same. */
  readonly unlimited?: true;
}

/** Called with every change, inside the journal write that makes it; the levels may be equal. */
export type OnStockChange = (productId: string, before: StockLevel, after: StockLevel) => void;

/** `level` and `available` may be used at any time, the others only inside a journal write. */
export interface Stock {
  level(productId: string): StockLevel;
  /** Pieces that can still be reserved; `Infinity` for a product without limit. */
  available(productId: string): number;
  /** Enters the products of a seed unless they are there already, so that a restart keeps what was sold. */
  enter(seed: Seed): void;
  /** Sets what is on hand, and from now on there is a limit. Without `reserved`, reservations stay as they are. */
  set(productId: string, onHand: number, reserved?: number): void;
  reserve(productId: string, quantity: number): void;
  release(productId: string, quantity: number): void;
  /** Takes reserved pieces off the shelf. */
  confirm(productId: string, quantity: number): void;
  /** Puts confirmed or returned pieces back on the shelf; a product without limit stays as it is. */
  restock(productId: string, quantity: number): void;
}

/** Where a product that was never counted starts: enough to count down from for ever. */
const UNLIMITED_ON_HAND = 1_000_000_000;

/** Magic value of the simulation: products with this prefix are out of stock. */
const OUT_OF_STOCK_PREFIX = 'oos-';

/** The counters in the journal; every product that was neither entered nor set is without limit. */
export function createStock(journal: Journal, onChange?: OnStockChange): Stock {
  journal.schema(`CREATE TABLE IF NOT EXISTS services_stock (
    product_id TEXT PRIMARY KEY, on_hand INTEGER NOT NULL, reserved INTEGER NOT NULL,
    unlimited INTEGER NOT NULL) WITHOUT ROWID`);
  const select = journal.statement(
    'SELECT on_hand, reserved, unlimited FROM services_stock WHERE product_id = ?',
  );
  const enter = journal.statement('INSERT OR IGNORE INTO services_stock VALUES (?, ?, 0, 0)');
  const set = journal.statement(`INSERT INTO services_stock VALUES (?1, ?2, COALESCE(?3, 0), 0)
    ON CONFLICT DO UPDATE SET on_hand = ?2, reserved = COALESCE(?3, reserved), unlimited = 0`);
  const reserve = journal.statement(`INSERT INTO services_stock VALUES (?1, ${UNLIMITED_ON_HAND}, ?2, 1)
    ON CONFLICT DO UPDATE SET reserved = reserved + ?2`);
  const release = journal.statement(
    'UPDATE services_stock SET reserved = reserved - ?2 WHERE product_id = ?1',
  );
  const confirm = journal.statement(
    'UPDATE services_stock SET on_hand = on_hand - ?2, reserved = reserved - ?2 WHERE product_id = ?1',
  );
  const restock = journal.statement('UPDATE services_stock SET on_hand = on_hand + ?2 WHERE product_id = ?1');
  const level = (productId: string): StockLevel => {
    const row = select.get<{ on_hand: number; reserved: number; unlimited: number }>(productId);
    if (row === undefined) return unseen(productId);
    const counted = { onHand: row.on_hand, reserved: row.reserved };
    return row.unlimited === 0 ? counted : { ...counted, unlimited: true };
  };
  const changing = (productId: string, change: () => unknown): void => {
    const before = onChange && level(productId);
    change();
    if (before !== undefined) onChange?.(productId, before, level(productId));
  };
  return {
    level,
    available(productId) {
      if (productId.startsWith(OUT_OF_STOCK_PREFIX)) return 0;
      const { onHand, reserved, unlimited } = level(productId);
      return unlimited ? Infinity : onHand - reserved;
    },
    enter(seed) {
      for (const [productId, { onHand }] of Object.entries(seed)) {
        changing(productId, () => enter.run(productId, onHand));
      }
    },
    set: (productId, onHand, reserved) =>
      changing(productId, () => set.run(productId, onHand, reserved ?? null)),
    reserve: (productId, quantity) => changing(productId, () => reserve.run(productId, quantity)),
    release: (productId, quantity) => changing(productId, () => release.run(productId, quantity)),
    confirm: (productId, quantity) => changing(productId, () => confirm.run(productId, quantity)),
    restock: (productId, quantity) => changing(productId, () => restock.run(productId, quantity)),
  };
}

function unseen(productId: string): StockLevel {
  return productId.startsWith(OUT_OF_STOCK_PREFIX)
    ? { onHand: 0, reserved: 0 }
    : { onHand: UNLIMITED_ON_HAND, reserved: 0, unlimited: true };
}

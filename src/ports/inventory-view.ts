// The inventory view of stock and prices: what the inventory has told, which may be behind what it knows. The inventory service
// stays the authority; a product that it has told nothing of is unknown here.

/** The event that an aspect comes from. Times are UTC with nine decimals, so that they compare as text. */
export interface Mark {
  readonly at: string;
  readonly eventId: string;
}

/** Each aspect is as old as its own event: stock may be newer than the price. */
export interface ProductView {
  readonly productId: string;
  readonly stock: (Mark & { readonly onHand: number; readonly reserved: number }) | null;
  readonly price: (Mark & { readonly currency: string; readonly unitPriceMinor: number }) | null;
  readonly lowStock: LowStock | null;
}

export interface LowStock extends Mark {
  readonly onHand: number;
  readonly threshold: number;
  /** Since when one process is about to raise the alert; it is gone once that is done. ISO 8601. */
  readonly alertDueSince?: string;
}

/** The store is away: a TransientError with `outage` says so. */
export interface InventoryView {
  /**
   * The known ones of these products. An answer is at most `maxAgeMs` behind the store (a second unless given; 0 asks the
   * store), and never behind what this process wrote itself.
   */
  find(productIds: readonly string[], maxAgeMs?: number): Promise<ReadonlyMap<string, ProductView>>;
}

/** A product as it was read; the etag is undefined when there is none yet. */
export interface StoredProduct {
  readonly product: ProductView | undefined;
  readonly etag: string | undefined;
}

/** Where the inventory view is kept. */
export interface InventoryViewStore {
  /** The product as it was seen here a few seconds ago at most, or else as the store has it. */
  lastSeen(productId: string): Promise<StoredProduct>;
  read(productId: string): Promise<StoredProduct>;
  /** Writes the product if its document still has `etag` (undefined: if there is none). */
  write(product: ProductView, etag: string | undefined): Promise<'written' | 'conflict'>;
}

// Copy of stock and prices in memory, which passes the same contract suite as the one on Cosmos DB.
import { TransientError } from '../../src/errors';
import type {
  InventoryViewStore,
  ProductView,
  InventoryView,
  StoredProduct,
} from '../../src/ports/inventory-view';

export interface MemoryInventoryView extends InventoryView, InventoryViewStore {
  /** How many writes were asked for. */
  writes: number;
  /** Whether every operation fails as a store that is away does. */
  away: boolean;
  /** Called before each write; what it does comes in between. */
  beforeWrite: () => Promise<void>;
}

export function createMemoryInventoryView(): MemoryInventoryView {
  const products = new Map<string, StoredProduct>();
  const read = (productId: string): Promise<StoredProduct> =>
    store.away
      ? Promise.reject(new TransientError('STORE_UNAVAILABLE', 'the store is away', { outage: true }))
      : Promise.resolve(products.get(productId) ?? { product: undefined, etag: undefined });
  const store: MemoryInventoryView = {
    writes: 0,
    away: false,
    beforeWrite: () => Promise.resolve(),
    async find(productIds) {
      const found = (await Promise.all(productIds.map(read))).flatMap(({ product }) => product ?? []);
      return new Map(found.map((product) => [product.productId, product]));
    },
    lastSeen: read,
    read,
    async write(product: ProductView, etag) {
      await store.beforeWrite();
      store.writes += 1;
      if ((await read(product.productId)).etag !== etag) return 'conflict';
      products.set(product.productId, { product, etag: `etag-${store.writes}` });
      return 'written';
    },
  };
  return store;
}

// The inventory view in Cosmos DB: one document per product, alone in its partition, with a cache of this process in front of it.
//
// cosmos-inventory-view.C1  An entry is younger than it claims: its age counts from before the read that made it. One
//   from the future, after the clock was put back, has no age that could be told.
// cosmos-inventory-view.C2  What this process writes is in the cache when the write resolves. A read that began before
//   does not replace it.
import type { Container } from '@azure/cosmos';
import type { Clock } from '../ports/clock';
import type { InventoryViewStore, ProductView, InventoryView, StoredProduct } from '../ports/inventory-view';
import { attempt } from './cosmos-attempt';
import { storeOperation, type Connect } from './cosmos-client';

/** Product ids may hold characters that document ids may not; it is the only document of its partition. Never renamed: it is stored. */
const DOCUMENT_ID = 'echo';
const USUAL_MAX_AGE_MS = 1_000;
/** Of what is only written over: a stale one costs a conflict, and a burst of events of one product no read each. */
const LAST_SEEN_MAX_AGE_MS = 5_000;
/** Some megabytes. Beyond it the longest unwritten entry makes room. */
const MAX_ENTRIES = 10_000;

interface Entry {
  readonly seen: Promise<StoredProduct>;
  readonly asOfMs: number;
}

type ProductDocument = ProductView & { readonly _etag: string };

/** The inventory view in the container that `connect` gives. */
export function createCosmosInventoryView(
  connect: Connect,
  clock: Clock,
): InventoryView & InventoryViewStore {
  const entries = new Map<string, Entry>();

  function enter(productId: string, seen: Promise<StoredProduct>): Promise<StoredProduct> {
    entries.delete(productId);
    const entry = { seen, asOfMs: clock.nowMs() };
    entries.set(productId, entry);
    const [oldest] = entries.keys();
    if (entries.size > MAX_ENTRIES && oldest !== undefined) entries.delete(oldest);
    seen.catch(() => {
      if (entries.get(productId) === entry) entries.delete(productId);
    });
    return seen;
  }

  const read = (productId: string): Promise<StoredProduct> =>
    enter(productId, readProduct(connect, productId));

  function seenWithin(productId: string, maxAgeMs: number): Promise<StoredProduct> {
    const entry = entries.get(productId);
    if (entry === undefined) return read(productId);
    const ageMs = clock.nowMs() - entry.asOfMs;
    return ageMs >= 0 && ageMs < maxAgeMs ? entry.seen : read(productId);
  }

  return {
    async find(productIds, maxAgeMs = USUAL_MAX_AGE_MS) {
      const found = await Promise.all(productIds.map((productId) => seenWithin(productId, maxAgeMs)));
      const products = found.flatMap(({ product }) => product ?? []);
      return new Map(products.map((product) => [product.productId, product]));
    },
    lastSeen: (productId) => seenWithin(productId, LAST_SEEN_MAX_AGE_MS),
    read,
    async write(product, etag) {
      const written = await writeProduct(connect, product, etag);
      if (written === undefined) {
        entries.delete(product.productId);
        return 'conflict';
      }
      await enter(product.productId, Promise.resolve({ product, etag: written }));
      return 'written';
    },
  };
}

async function readProduct(connect: Connect, productId: string): Promise<StoredProduct> {
  const container = await storeOperation(connect);
  const { resource } = await storeOperation(() =>
    container.item(DOCUMENT_ID, productId).read<ProductDocument>(),
  );
  if (resource === undefined) return { product: undefined, etag: undefined };
  const { stock, price, lowStock, _etag: etag } = resource;
  return { product: { productId, stock, price, lowStock }, etag };
}

/** The new etag; undefined when the document is not as `etag` says. */
async function writeProduct(
  connect: Connect,
  product: ProductView,
  etag: string | undefined,
): Promise<string | undefined> {
  // Created or changed by somebody else, or (404) deleted since it was seen.
  const conflicts = etag === undefined ? [409] : [412, 404];
  const { refused, answer } = await attempt(
    connect,
    (container) => replaceOrCreate(container, product, etag),
    ...conflicts,
  );
  return refused === undefined ? answer.etag : undefined;
}

function replaceOrCreate(
  container: Container,
  product: ProductView,
  etag: string | undefined,
): Promise<{ readonly etag: string }> {
  const document = { id: DOCUMENT_ID, ...product };
  if (etag === undefined) return container.items.create(document);
  const accessCondition = { type: 'IfMatch', condition: etag };
  return container.item(DOCUMENT_ID, product.productId).replace(document, { accessCondition });
}

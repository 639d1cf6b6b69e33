// Keeps the echo: brings events of the inventory into the documents of their products. Knows no trigger and no database.
//
// E1  A product has one writer in this process; events that arrive while it writes go into the next write together.
// E2  A write is guarded by etag. Whoever loses to another process folds again over what that one wrote.
// E3  Last time and id lie in the document that they guard: a kill between effect and marker is not possible.
import { TransientError } from '../errors';
import type { EchoStore, EchoedProduct, StoredProduct } from '../ports/inventory-echo';
import type { InventoryEvent } from './inventory-event';
import { echo } from './product-echo';

export interface EchoKeeper {
  /**
   * Resolves when the event is in the store, or is no news. `onNews` is called once, before the write: what it does is
   * repeated after a kill in between, never lost. A TransientError when the store is away.
   */
  keep(event: InventoryEvent, onNews?: () => void): Promise<'kept' | 'outdated'>;
}

interface Waiting {
  readonly event: InventoryEvent;
  onNews: (() => void) | undefined;
  resolve(outcome: 'kept' | 'outdated'): void;
  reject(error: unknown): void;
}

/** As many other writers of one product, each of a whole group of events, are not to be met by chance. */
const MAX_CONFLICTS = 20;

/** `latestDate` says which marks are dated beyond what is believed now. */
export function createEchoKeeper(store: EchoStore, latestDate: () => string): EchoKeeper {
  const waitingByProduct = new Map<string, Waiting[]>();

  async function work(productId: string): Promise<void> {
    for (;;) {
      const group = waitingByProduct.get(productId) ?? [];
      if (group.length === 0) {
        waitingByProduct.delete(productId);
        return;
      }
      waitingByProduct.set(productId, []);
      await keepGroup(store, productId, group, latestDate()).catch((error: unknown) => {
        for (const waiting of group) waiting.reject(error);
      });
    }
  }

  return {
    keep: (event, onNews) =>
      new Promise((resolve, reject) => {
        const { productId } = event.data;
        const waiting = { event, onNews, resolve, reject };
        const group = waitingByProduct.get(productId);
        if (group !== undefined) {
          group.push(waiting);
          return;
        }
        waitingByProduct.set(productId, [waiting]);
        void work(productId);
      }),
  };
}

async function keepGroup(
  store: EchoStore,
  productId: string,
  group: readonly Waiting[],
  latestDate: string,
): Promise<void> {
  let seen = await store.lastSeen(productId);
  for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts++) {
    const { product, news } = fold(seen, group, latestDate);
    for (const waiting of news) {
      waiting.onNews?.();
      waiting.onNews = undefined;
    }
    const isWritten =
      product === undefined || news.size === 0 || (await store.write(product, seen.etag)) === 'written';
    if (isWritten) {
      for (const waiting of group) waiting.resolve(news.has(waiting) ? 'kept' : 'outdated');
      return;
    }
    seen = await store.read(productId);
  }
  throw new TransientError('ECHO_CONTENDED', `the echo of ${productId} is written by too many at once`);
}

function fold(
  { product }: StoredProduct,
  group: readonly Waiting[],
  latestDate: string,
): { readonly product: EchoedProduct | undefined; readonly news: ReadonlySet<Waiting> } {
  const news = new Set<Waiting>();
  let folded = product;
  for (const waiting of group) {
    const next = echo(folded, waiting.event, latestDate);
    if (next !== folded) news.add(waiting);
    folded = next;
  }
  return { product: folded, news };
}

// Writer of the inventory view: applies inventory events to the documents of their products. Knows no trigger and no
// database; called by handle-inventory.ts.
//
// view-writer.E1  A product has one writer in this process; events that arrive while it writes go into the next write
//   together.
// view-writer.E2  A write is guarded by etag. Whoever loses to another process folds again over what that one wrote.
// view-writer.E3  Last time and id lie in the document that they guard: a kill between effect and marker is not
//   possible.
// view-writer.E4  Of several processes the one whose write holds the news raises its alert. The document says that it
//   is due until it is raised; a process that died in between leaves it due, and the event, brought again, raises it
//   then.
import { TransientError } from '../errors';
import { toIso, type Clock } from '../ports/clock';
import type { InventoryViewStore, ProductView, StoredProduct } from '../ports/inventory-view';
import type { InventoryEvent } from './inventory-event';
import { evolveProduct } from './product-view';

export interface ViewWriter {
  /**
   * Resolves when the event is in the store, or is no news. `raiseAlert` is called after the write that holds the event, once
   * however many processes are brought it, unless one dies in between: then it may be twice, and never not at all
   * (view-writer.E4).
   * A TransientError when the store is away, or another process is about to raise the alert.
   */
  keep(event: InventoryEvent, raiseAlert?: () => void): Promise<'kept' | 'outdated'>;
}

interface Waiting {
  readonly event: InventoryEvent;
  readonly raiseAlert: (() => void) | undefined;
  resolve(outcome: 'kept' | 'outdated'): void;
  reject(error: unknown): void;
}

/** As many other writers of one product, each of a whole group of events, are not to be met by chance. */
const MAX_CONFLICTS = 20;
/** Whoever is about to raise an alert does so at once; after this time it has died. */
const ALERT_DUE_MS = 10_000;

/** `latestDate` says which marks are dated beyond what is believed now. */
export function createViewWriter(
  store: InventoryViewStore,
  clock: Clock,
  latestDate: () => string,
): ViewWriter {
  const waitingByProduct = new Map<string, Waiting[]>();

  async function work(productId: string): Promise<void> {
    for (;;) {
      const group = waitingByProduct.get(productId) ?? [];
      if (group.length === 0) {
        waitingByProduct.delete(productId);
        return;
      }
      waitingByProduct.set(productId, []);
      await keepGroup(store, productId, group, { nowMs: clock.nowMs(), latestDate: latestDate() }).catch(
        (error: unknown) => {
          for (const waiting of group) waiting.reject(error);
        },
      );
    }
  }

  return {
    keep: (event, raiseAlert) =>
      new Promise((resolve, reject) => {
        const { productId } = event.data;
        const waiting = { event, raiseAlert, resolve, reject };
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
  store: InventoryViewStore,
  productId: string,
  group: readonly Waiting[],
  moment: Moment,
): Promise<void> {
  let seen = await store.lastSeen(productId);
  if (group.some((waiting) => isAlertDue(seen, waiting))) seen = await store.read(productId);
  for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts++) {
    const { product, news, raises } = fold(seen, group, moment);
    const isWritten =
      product === undefined || news.size === 0 || (await store.write(product, seen.etag)) === 'written';
    if (isWritten) {
      for (const waiting of news) waiting.raiseAlert?.();
      if (product !== undefined && raises) await noteRaised(store, product);
      settle(group, news, seen);
      return;
    }
    seen = await store.read(productId);
  }
  throw new TransientError(
    'ECHO_CONTENDED',
    `the inventory view of ${productId} is written by too many at once`,
  );
}

/** view-writer.E4. Whether the event is in the store already and its alert is not known to be raised. */
function isAlertDue({ product }: StoredProduct, { event }: Waiting): boolean {
  const lowStock = product?.lowStock;
  return (
    event.type === 'StockLow' && lowStock?.eventId === event.eventId && lowStock.alertDueSince !== undefined
  );
}

interface Moment {
  readonly nowMs: number;
  /** Marks that are dated later are not believed. */
  readonly latestDate: string;
}

interface Folded {
  readonly product: ProductView | undefined;
  readonly news: ReadonlySet<Waiting>;
  /** Whether the alert of the low stock in `product` is for this process to raise. */
  readonly raises: boolean;
}

function fold(
  { product, etag }: StoredProduct,
  group: readonly Waiting[],
  { nowMs, latestDate }: Moment,
): Folded {
  const news = new Set<Waiting>();
  let folded = product;
  for (const waiting of group) {
    const next = evolveProduct(folded, waiting.event, latestDate);
    const isLeft = isAlertDue({ product, etag }, waiting) && isLeftDue(product, nowMs);
    if (next !== folded || isLeft) news.add(waiting);
    folded = next;
  }
  const lowStock = folded?.lowStock ?? null;
  const raises = [...news].some(
    ({ event }) => event.type === 'StockLow' && event.eventId === lowStock?.eventId,
  );
  if (folded === undefined || lowStock === null || !raises) return { product: folded, news, raises: false };
  return { product: { ...folded, lowStock: { ...lowStock, alertDueSince: toIso(nowMs) } }, news, raises };
}

/** Also one from the future, after the clock was put back. */
function isLeftDue(product: ProductView | undefined, nowMs: number): boolean {
  return Math.abs(nowMs - Date.parse(product?.lowStock?.alertDueSince ?? '')) >= ALERT_DUE_MS;
}

function settle(group: readonly Waiting[], news: ReadonlySet<Waiting>, seen: StoredProduct): void {
  for (const waiting of group) {
    if (news.has(waiting)) waiting.resolve('kept');
    else if (!isAlertDue(seen, waiting)) waiting.resolve('outdated');
    else
      waiting.reject(
        new TransientError(
          'ALERT_DUE',
          `another process is about to raise the alert of ${waiting.event.eventId}`,
        ),
      );
  }
}

/** view-writer.E4. Where that fails the alert is raised once more if the event comes once more. */
async function noteRaised(store: InventoryViewStore, { productId, lowStock }: ProductView): Promise<void> {
  try {
    let { product, etag } = await store.lastSeen(productId);
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts++) {
      const due = product?.lowStock;
      if (product === undefined || !due || due.eventId !== lowStock?.eventId) return;
      const { alertDueSince: _, ...raised } = due;
      if ((await store.write({ ...product, lowStock: raised }, etag)) === 'written') return;
      ({ product, etag } = await store.read(productId));
    }
  } catch (error) {
    if (!(error instanceof TransientError)) throw error;
  }
}

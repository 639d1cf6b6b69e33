// Reducer for the inventory view of one product. Pure; called by view-writer.ts.
import type { ProductView, Mark } from '../ports/inventory-view';
import type { InventoryEvent } from './inventory-event';

/**
 * The product after `event`, or the very same object when the event is no news: it came before, or a later one of its
 * aspect did. Of two events at the same time the one with the greater id counts, so the order of arrival does not matter.
 * An aspect that is dated after `latestDate` was kept while our clock was ahead: whatever comes is news then.
 */
export function evolveProduct(
  product: ProductView | undefined,
  event: InventoryEvent,
  latestDate: string,
): ProductView {
  const before = product ?? unknownProduct(event.data.productId);
  const { at, eventId } = event;
  switch (event.type) {
    case 'StockUpdated': {
      const { onHand, reserved } = event.data;
      return isNews(before.stock, event, latestDate)
        ? { ...before, stock: { onHand, reserved, at, eventId } }
        : before;
    }
    case 'PriceChanged': {
      const { currency, unitPriceMinor } = event.data;
      return isNews(before.price, event, latestDate)
        ? { ...before, price: { currency, unitPriceMinor, at, eventId } }
        : before;
    }
    case 'StockLow': {
      const { onHand, threshold } = event.data;
      return isNews(before.lowStock, event, latestDate)
        ? { ...before, lowStock: { onHand, threshold, at, eventId } }
        : before;
    }
  }
}

function unknownProduct(productId: string): ProductView {
  return { productId, stock: null, price: null, lowStock: null };
}

function isNews(last: Mark | null, { at, eventId }: Mark, latestDate: string): boolean {
  if (last === null) return true;
  if (last.eventId === eventId) return false;
  if (last.at > latestDate) return true;
  return at === last.at ? eventId > last.eventId : at > last.at;
}

// Consumer of inventory events behind WatchStock, with a subscription of its own: suggests reorders and follows prices, as
// a purchasing team would. Shares nothing with the inventory view. Its effects are log lines, so a repeated event repeats them.
import type { Parking } from '../ports/parking';
import { createConsumer, type Consumer } from '../consumers/consumer';
import { readInventoryEvent, type InventoryEvent } from './inventory-event';

/** So many times the threshold shall be on hand again. */
const REORDER_UP_TO = 10;

/** The consumer behind WatchStock. */
export function createStockWatcher(parking: Parking): Consumer<InventoryEvent> {
  const consumer = createConsumer('WatchStock', readInventoryEvent, parking);
  consumer.on('StockLow', ({ data: { productId, onHand, threshold } }, log) => {
    const quantity = Math.max(1, REORDER_UP_TO * threshold - onHand);
    log.info('ReorderSuggested', { productId, onHand, quantity });
    return Promise.resolve();
  });
  consumer.on('PriceChanged', ({ data: { productId, currency, unitPriceMinor } }, log) => {
    log.info('PriceFollowed', { productId, currency, unitPriceMinor });
    return Promise.resolve();
  });
  return consumer;
}

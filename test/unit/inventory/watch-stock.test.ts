import { createInventoryConsumer } from '../../../src/inventory/handle-inventory';
import { createStockWatcher } from '../../../src/inventory/watch-stock';
import { cloudEvent, eventGrid, inventoryEvent, rememberingLog } from '../../support/inventory-event-input';
import { createMemoryInventoryView } from '../../support/memory-inventory-view';

const parking = { park: () => Promise.resolve() };
const price = inventoryEvent({
  type: 'Inventory.PriceChanged',
  data: { productId: 'p-1', currency: 'USD', unitPriceMinor: 5_499 },
});
const low = inventoryEvent({
  type: 'Inventory.StockLow',
  data: { productId: 'p-1', onHand: 2, threshold: 5 },
});

describe('WatchStock', () => {
  test('suggests what to order when a stock is low', async () => {
    const { lines, log } = rememberingLog();
    await createStockWatcher(parking).take(eventGrid(low), log);
    expect(lines).toEqual([
      { level: 'info', event: 'ReorderSuggested', fields: { productId: 'p-1', onHand: 2, quantity: 48 } },
    ]);
  });

  test('sees a price change that the inventory view sees too, also while the inventory view cannot be kept', async () => {
    const store = createMemoryInventoryView();
    const view = createInventoryConsumer(
      {
        ...{ store, parking, clock: { nowMs: () => Date.UTC(2026, 0, 2) } },
        telemetry: { record: () => undefined },
      },
      300_000,
    );
    store.away = true;
    const { lines, log } = rememberingLog();
    await expect(view.take(cloudEvent(price), log)).rejects.toThrow('away');
    await createStockWatcher(parking).take(cloudEvent(price), log);
    expect(lines).toMatchObject([{ event: 'PriceFollowed', fields: { unitPriceMinor: 5_499 } }]);
    store.away = false;
    await view.take(cloudEvent(price), log);
    expect((await store.read('p-1')).product?.price?.unitPriceMinor).toBe(5_499);
  });

  test('has no use for a stock that only changed', async () => {
    const { lines, log } = rememberingLog();
    expect(await createStockWatcher(parking).take(eventGrid(inventoryEvent()), log)).toBe('skipped');
    expect(lines).toEqual([]);
  });
});

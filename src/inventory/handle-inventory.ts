// Consumer of inventory events behind HandleInventoryEvent: updates the inventory view, and raises an alert for a low stock.
import type { Clock } from '../ports/clock';
import type { InventoryViewStore } from '../ports/inventory-view';
import type { Log } from '../ports/log';
import type { TelemetryEvents } from '../ports/telemetry-events';
import type { Parking } from '../ports/parking';
import { createConsumer, type Consumer } from '../consumers/consumer';
import { latestDate, type DateLimit } from '../consumers/event-grid-event';
import { createViewWriter } from './view-writer';
import { readInventoryEvent, type InventoryEvent, type ReadInventoryEvent } from './inventory-event';

export interface InventoryPorts {
  readonly store: InventoryViewStore;
  readonly parking: Parking;
  readonly clock: Clock;
  readonly telemetry: TelemetryEvents;
}

/**
 * The consumer behind HandleInventoryEvent. An event that is dated more than `aheadMs` ahead of our clock is parked. Rejects
 * with a TransientError while the store is away or another instance is about to raise the alert, and for nothing else.
 */
export function createInventoryConsumer(
  { store, parking, clock, telemetry }: InventoryPorts,
  aheadMs: number,
): Consumer<InventoryEvent> {
  const limit = (): DateLimit => ({ nowMs: clock.nowMs(), aheadMs });
  const keeper = createViewWriter(store, clock, () => latestDate(limit()));
  const read = (json: unknown): ReadInventoryEvent => readInventoryEvent(json, limit());
  const consumer = createConsumer('HandleInventoryEvent', read, parking);

  async function keep(event: InventoryEvent, log: Log, raiseAlert?: () => void): Promise<void> {
    if ((await keeper.keep(event, raiseAlert)) === 'kept') return;
    const { type, eventId, data } = event;
    log.info('inventory event is no news', { type, eventId, productId: data.productId });
  }

  consumer.on('StockUpdated', (event, log) => keep(event, log));
  consumer.on('PriceChanged', (event, log) => keep(event, log));
  consumer.on('StockLow', (event, log) => keep(event, log, () => alert(telemetry, event.data, log)));
  return consumer;
}

function alert(
  telemetry: TelemetryEvents,
  { productId, onHand: current, threshold }: { productId: string; onHand: number; threshold: number },
  log: Log,
): void {
  telemetry.record('LowStockAlert', { productId, current, threshold });
  log.warn('stock is low', { productId, current, threshold });
  log.info('LowStockAlert', { productId, current, threshold });
}

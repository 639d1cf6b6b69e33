// WatchStock: the events of the inventory once more, by a subscription of its own.
import { app } from '@azure/functions';
import type { Consumer } from '../consumers/consumer';
import type { InventoryEvent } from '../inventory/inventory-event';
import { invocationLog } from '../telemetry/invocation-log';

export function registerStockWatch(consumer: Consumer<InventoryEvent>): void {
  app.eventGrid('WatchStock', {
    handler: async (event, context) => {
      await consumer.take(event, invocationLog(context));
    },
  });
}

// HandleInventoryEvent: events of the inventory, by Event Grid in either of its schemas.
//
// Event Grid brings an event again for 24 hours when the function throws. So it throws while the store is away, and for
// nothing that a repetition would not change.
import { app } from '@azure/functions';
import type { Consumer } from '../consumers/consumer';
import type { InventoryEvent } from '../inventory/inventory-event';
import { invocationLog } from '../telemetry/invocation-log';

export function registerInventoryEvents(consumer: Consumer<InventoryEvent>): void {
  app.eventGrid('HandleInventoryEvent', {
    handler: async (event, context) => {
      await consumer.take(event, invocationLog(context));
    },
  });
}

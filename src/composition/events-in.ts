// Composition of what comes in besides orders: news of stock and parcels, and what customers are told.
import { createNotificationService } from '../adapters/notification-service';
import { countedConsumer } from '../consumers/counted-consumer';
import { createParcelFollower } from '../consumers/follow-parcels';
import { createCustomerNotifier } from '../consumers/notify-customers';
import { registerInventoryEvents } from '../functions/handle-inventory-event.eventgrid';
import { registerShippingEvents } from '../functions/handle-shipping-event.eventgrid';
import { registerCustomerNotifications } from '../functions/notify-customers.queue';
import { registerStockWatch } from '../functions/watch-stock.eventgrid';
import { createInventoryConsumer } from '../inventory/handle-inventory';
import { createTelemetryEvents } from '../telemetry/telemetry-events';
import { createStockWatcher } from '../inventory/watch-stock';
import type { Parts } from './parts';
import type { InventoryViewStore } from '../ports/inventory-view';
import type { ServiceClient } from '../adapters/service-client';

export function registerEventsIn(
  { config, connections, clock, encryption, orders, parking, metrics, tracing }: Parts,
  inventoryView: InventoryViewStore,
  notification: ServiceClient,
): void {
  const aheadMs = config.eventsAheadMinutes * 60_000;
  registerInventoryEvents(
    countedConsumer(
      'HandleInventoryEvent',
      createInventoryConsumer(
        { store: inventoryView, parking, clock, telemetry: createTelemetryEvents(metrics) },
        aheadMs,
      ),
      metrics,
    ),
  );
  registerStockWatch(countedConsumer('WatchStock', createStockWatcher(parking), metrics));
  registerShippingEvents(
    countedConsumer(
      'HandleShippingEvent',
      createParcelFollower({ orders, parking, clock }, aheadMs),
      metrics,
    ),
  );
  registerCustomerNotifications(
    tracing.consumer(
      'NotifyCustomers',
      config.customerNotificationsQueue,
      countedConsumer(
        'NotifyCustomers',
        createCustomerNotifier({
          orders,
          notifications: tracing.service('notification', createNotificationService(notification)),
          parking,
          cipher: encryption.cipher,
        }),
        metrics,
      ),
    ),
    { connection: connections.serviceBus, queueName: config.customerNotificationsQueue },
  );
}

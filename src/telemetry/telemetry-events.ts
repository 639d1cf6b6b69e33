// Events of telemetry as metrics: how often each was recorded by this instance, and what the last one said of a product.
import type { Meter } from '../ports/meter';
import type { TelemetryEvents } from '../ports/telemetry-events';

export function createTelemetryEvents(meter: Meter): TelemetryEvents {
  return {
    record: (name, { productId, current }) => {
      meter.add('order_saga_telemetry_events_total', { event: name, product: productId });
      meter.observe('order_saga_low_stock_level', { product: productId }, () => current);
    },
  };
}

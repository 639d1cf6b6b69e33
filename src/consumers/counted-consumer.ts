// Consumer whose events are counted by type and result.
import type { Meter } from '../ports/meter';
import type { Consumer } from './consumer';

/** `consumer`, with what it takes counted under `name`. The type of what is unknown or invalid is for its sender to choose. */
export function countedConsumer<E extends { readonly type: string }>(
  name: string,
  consumer: Consumer<E>,
  meter: Meter,
): Consumer<E> {
  return {
    ...consumer,
    async take(json, log) {
      const result = await consumer.take(json, log);
      const isKnown = result === 'handled' || result === 'skipped';
      const type = isKnown ? typeOf(json) : 'unknown';
      meter.add('order_saga_events_consumed_total', { consumer: name, type, result });
      return result;
    },
  };
}

/** As it came in: `Inventory.StockLow` of Event Grid, or `StockLow`. */
function typeOf(json: unknown): string {
  const { type, eventType } = (json ?? {}) as Readonly<Record<string, unknown>>;
  return String(type ?? eventType);
}

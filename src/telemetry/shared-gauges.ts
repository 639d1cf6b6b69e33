// Gauges that no instance counts by itself: dead letters and orders without progress are asked of the broker and the store, by
// whoever reads the metrics. They are everybody's: each instance tells of them, and a reader takes the maximum.
import type { DeadLetterCounts } from '../ports/dead-letter-counts';
import type { Meter } from '../ports/meter';

export interface SharedCounts {
  readonly deadLetters: DeadLetterCounts;
  /** Undefined where the store does not answer. */
  readonly stuckOrders: { read(): Promise<number | undefined> };
}

/** Asks for them; what does not answer keeps its last value. */
export function createSharedGauges(
  { deadLetters, stuckOrders }: SharedCounts,
  meter: Meter,
): () => Promise<void> {
  return async () => {
    for (const [queue, count] of await deadLetters.read())
      meter.observe('order_saga_dead_letters', { queue }, () => count);
    const stuck = await stuckOrders.read();
    if (stuck !== undefined) meter.observe('order_saga_orders_without_progress', {}, () => stuck);
  };
}

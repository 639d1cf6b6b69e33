// The consumer of inventory events on a view in memory.
import { createInventoryConsumer } from '../../src/inventory/handle-inventory';
import { eventGrid, inventoryEvent, rememberingLog, type InventoryEventInput } from './inventory-event-input';
import { createMetrics } from '../../src/telemetry/metrics';
import { createTelemetryEvents } from '../../src/telemetry/telemetry-events';
import { createMemoryInventoryView } from './memory-inventory-view';

export const at = (second: number): string => `2026-01-01T12:00:0${second}Z`;
export const AHEAD_MS = 300_000;
export const NOW = '2026-01-01T13:00:00.000Z';
export const stock = (onHand: number): object => ({ productId: 'p-1', onHand, reserved: 0 });

export function openInventoryConsumer() {
  const store = createMemoryInventoryView();
  const parked: { source: string; document: unknown; reason: string }[] = [];
  const parking = {
    park: (source: string, document: unknown, reason: string) =>
      Promise.resolve(void parked.push({ source, document, reason })),
  };
  const metrics = createMetrics();
  const clock = { ms: Date.parse(NOW), nowMs: () => clock.ms };
  const consumer = createInventoryConsumer(
    { store, parking, clock, telemetry: createTelemetryEvents(metrics) },
    AHEAD_MS,
  );
  const { lines, log } = rememberingLog();
  return {
    ...{ store, parked, lines, consumer, clock, metrics },
    take: (json: unknown) => consumer.take(json, log),
    tell: (more: Partial<InventoryEventInput>) => consumer.take(eventGrid(inventoryEvent(more)), log),
    product: async (id = 'p-1') => (await store.read(id)).product,
  };
}

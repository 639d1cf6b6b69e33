// Parser of inventory events: which types there are, and what each says. Envelopes: consumers/event-grid-event.ts.
import { z } from 'zod';
import {
  readGridEvent,
  type DateLimit,
  type EventFamily,
  type GridEvent,
  type ReadGridEvent,
} from '../consumers/event-grid-event';
import {
  priceChanged,
  stockLow,
  stockUpdated,
  type PriceChanged,
  type StockLow,
  type StockUpdated,
} from '../events/inventory-events';
import { productId } from '../fields';

/** Payload by type. */
export interface InventoryEventData {
  StockUpdated: StockUpdated;
  StockLow: StockLow;
  PriceChanged: PriceChanged;
}

export type InventoryEvent = GridEvent<InventoryEventData>;
export type ReadInventoryEvent = ReadGridEvent<InventoryEventData>;

const FAMILY: EventFamily<InventoryEventData> = {
  prefix: 'Inventory.',
  payloads: { StockUpdated: stockUpdated, StockLow: stockLow, PriceChanged: priceChanged },
  common: z.object({ productId }),
};

/** Reads one event, as `readGridEvent` does. */
export function readInventoryEvent(json: unknown, limit?: DateLimit): ReadInventoryEvent {
  return readGridEvent(FAMILY, json, limit);
}

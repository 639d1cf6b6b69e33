// Schemas of the `data` of inventory events. The envelopes (Event Grid, CloudEvents) are in inventory/inventory-event.ts.
import { z } from 'zod';
import { minorDigits } from '../domain/money';
import { count, name } from './schemas';

export const stockUpdated = z.object({ productId: name, onHand: count, reserved: count });
export const stockLow = z.object({ productId: name, onHand: count, threshold: count });
export const priceChanged = z.object({
  productId: name,
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'must be a currency code in capitals (ISO 4217)')
    // Without the decimals of its currency the price is unknown.
    .refine(
      (code) => minorDigits(code) !== undefined,
      'must be a currency of ISO 4217 that has a smallest unit',
    ),
  unitPriceMinor: count,
});

export type StockUpdated = z.infer<typeof stockUpdated>;
export type StockLow = z.infer<typeof stockLow>;
export type PriceChanged = z.infer<typeof priceChanged>;

/** By type, as in `ORDER_EVENT_SCHEMAS`: the first in a list is version 1. */
export const INVENTORY_EVENT_SCHEMAS = {
  StockUpdated: [stockUpdated],
  StockLow: [stockLow],
  PriceChanged: [priceChanged],
} as const;

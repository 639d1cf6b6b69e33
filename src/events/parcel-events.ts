// Schemas of the `data` of a carrier's news of a parcel. The envelopes (Event Grid, CloudEvents) are in
// consumers/event-grid-event.ts.
import { z } from 'zod';
import { name } from './schemas';

/** The tenant and the order are the reference that the carrier was given with the parcel. */
const parcel = z.object({ orderId: name, tenantId: name.default('default'), trackingId: name });

export type ParcelNews = z.infer<typeof parcel>;

/** By type, as in `ORDER_EVENT_SCHEMAS`: the first in a list is version 1. */
export const PARCEL_EVENT_SCHEMAS = {
  ParcelDispatched: [parcel],
  ParcelDelivered: [parcel],
} as const;

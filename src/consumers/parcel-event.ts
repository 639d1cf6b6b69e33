// Parser of a carrier's news of a parcel: which types there are, and what each says. Envelopes: event-grid-event.ts.
import { z } from 'zod';
import { PARCEL_EVENT_SCHEMAS, type ParcelNews } from '../events/parcel-events';
import { pathId } from '../fields';
import {
  readGridEvent,
  type DateLimit,
  type EventFamily,
  type GridEvent,
  type ReadGridEvent,
} from './event-grid-event';

/** Payload by type. */
export interface ParcelEventData {
  ParcelDispatched: ParcelNews;
  ParcelDelivered: ParcelNews;
}

export type ParcelEvent = GridEvent<ParcelEventData>;
export type ReadParcelEvent = ReadGridEvent<ParcelEventData>;

const FAMILY: EventFamily<ParcelEventData> = {
  prefix: 'Shipping.',
  payloads: {
    ParcelDispatched: PARCEL_EVENT_SCHEMAS.ParcelDispatched[0],
    ParcelDelivered: PARCEL_EVENT_SCHEMAS.ParcelDelivered[0],
  },
  common: z.object({ orderId: pathId, tenantId: pathId, trackingId: z.string().max(256) }),
};

/** Reads one event, as `readGridEvent` does. */
export function readParcelEvent(json: unknown, limit?: DateLimit): ReadParcelEvent {
  return readGridEvent(FAMILY, json, limit);
}

// Type of the envelope around every event of an order, as stored and as published.
import type { OrderEvent } from './order-events';

/** An event in its stream. `eventId` is `<orderId>:<sequence>`, so a stream cannot hold two events in one place. */
export type EventEnvelope = OrderEvent & {
  readonly eventId: string;
  /** The version of the type's payload; what is written has the current one (events/schemas.ts). */
  readonly schemaVersion: number;
  readonly orderId: string;
  readonly tenantId: string;
  readonly correlationId: string;
  /** The event before this one in the stream; null for the first. */
  readonly causationId: string | null;
  readonly actor: string;
  readonly traceparent: string;
  /** The key of what was done once and is told by this event; null when nothing was done outside (S2, S5). */
  readonly key: string | null;
};

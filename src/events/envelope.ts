// The envelope around every event of an order, as it is stored and as it leaves.
import type { OrderHead } from '../domain/order';
import type { OrderEvent, OrderFact } from '../domain/order-events';
import { currentVersion } from './schemas';

/** An event in its stream. `eventId` is `<orderId>:<sequence>`, so a stream cannot hold two events in one place. */
export type EventEnvelope = OrderEvent & {
  readonly eventId: string;
  /** The version of the type's payload; what is written has the current one (schemas.ts). */
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

/** Who says so, when, and under which key. */
export interface Provenance {
  readonly actor: string;
  readonly occurredAt: string;
  readonly key: string | null;
}

/** Puts `fact` at `sequence` of the stream of an order. */
export function toEnvelope(
  order: Pick<OrderHead, 'orderId' | 'tenantId' | 'correlationId' | 'traceparent'>,
  fact: OrderFact,
  sequence: number,
  { actor, occurredAt, key }: Provenance,
): EventEnvelope {
  const { orderId, tenantId, correlationId, traceparent } = order;
  return {
    eventId: eventId(orderId, sequence),
    ...fact,
    schemaVersion: currentVersion(fact.type),
    orderId,
    tenantId,
    sequence,
    correlationId,
    causationId: sequence > 1 ? eventId(orderId, sequence - 1) : null,
    actor,
    occurredAt,
    traceparent,
    key,
  };
}

function eventId(orderId: string, sequence: number): string {
  return `${orderId}:${sequence}`;
}

// Converter from facts to the event envelopes that writers of an order's stream store.
import type { EventEnvelope } from '../domain/event-envelope';
import type { OrderHead } from '../domain/order';
import type { OrderFact } from '../domain/order-events';
import { currentVersion } from './schemas';

/** Who says so, when, and under which key. */
export interface Provenance {
  readonly actor: string;
  readonly occurredAt: string;
  readonly key: string | null;
  /** The trace context of the writer; left out, that of the order. */
  readonly traceparent?: string | undefined;
}

/** Puts `fact` at `sequence` of the stream of an order. */
export function toEnvelope(
  order: Pick<OrderHead, 'orderId' | 'tenantId' | 'correlationId' | 'traceparent'>,
  fact: OrderFact,
  sequence: number,
  { actor, occurredAt, key, traceparent = order.traceparent }: Provenance,
): EventEnvelope {
  const { orderId, tenantId, correlationId } = order;
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

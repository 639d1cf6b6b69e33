// Claim check for an event that is too large for its target: a reference replaces the order's lines, and consumers read
// the lines in the order's stream. Used by publishers; stored events are whole.
import type { EventEnvelope } from '../domain/event-envelope';

/** `event` without its lines; undefined when it has none to leave out. */
export function withoutLines(event: EventEnvelope): EventEnvelope | undefined {
  if (event.type !== 'OrderCreated' || event.data.lines.length === 0) return undefined;
  const { orderId, sequence, data } = event;
  const linesReference = { orderId, sequence, count: data.lines.length };
  return { ...event, data: { ...data, lines: [], linesReference } };
}

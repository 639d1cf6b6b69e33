// The smaller form of an event that is too large for its target: a reference takes the place of the lines, and consumers
// read them in the order's stream. Used by publishers; what is stored is always whole.
import type { EventEnvelope } from '../domain/event-envelope';

/** `event` without its lines; undefined when it has none to leave out. */
export function withoutLines(event: EventEnvelope): EventEnvelope | undefined {
  if (event.type !== 'OrderCreated' || event.data.lines.length === 0) return undefined;
  const { orderId, sequence, data } = event;
  const linesReference = { orderId, sequence, count: data.lines.length };
  return { ...event, data: { ...data, lines: [], linesReference } };
}

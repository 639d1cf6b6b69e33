// What every projection is to the feed, and the order in which events reach it.
import type { EventEnvelope } from '../domain/event-envelope';

export interface Projection {
  readonly name: string;
  /** For how long after it happened an event that was taken is told from a new one; for ever unless given. */
  readonly remembersMs?: number;
  /**
   * Takes `events` into the read model; those of one order are in sequence, each once. Events that were taken before
   * change nothing, as far as it remembers. Throws what the store throws, and then the same events must be brought again.
   */
  project(events: readonly EventEnvelope[]): Promise<void>;
}

/** Events by order. */
export function byOrder(events: readonly EventEnvelope[]): ReadonlyMap<string, readonly EventEnvelope[]> {
  const orders = new Map<string, EventEnvelope[]>();
  for (const event of events) {
    const own = orders.get(event.orderId);
    if (own === undefined) orders.set(event.orderId, [event]);
    else own.push(event);
  }
  return orders;
}

/** The events of each order in sequence, each once: a feed repeats, and does not order within a transaction. */
export function inSequence(events: readonly EventEnvelope[]): readonly EventEnvelope[] {
  return [...byOrder(events).values()].flatMap((own) =>
    [...new Map(own.map((event) => [event.sequence, event])).values()].sort(
      (a, b) => a.sequence - b.sequence,
    ),
  );
}

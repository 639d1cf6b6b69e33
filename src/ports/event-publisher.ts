// Where the events of orders go when they leave the app. It knows no broker.
import type { EventEnvelope } from '../domain/event-envelope';

/** What a target can never take, and why. */
export interface Unsendable<T> {
  readonly item: T;
  readonly reason: string;
}

export interface EventPublisher {
  /**
   * Publishes `events` one batch after the other in the order given; resolves when all are accepted but those that fit
   * into no message, which it gives back. At least once: a repetition carries the same id. Throws a TransientError with
   * `outage` when the target is away or held back by its breaker; then the first part may have gone out.
   */
  publish(events: readonly EventEnvelope[]): Promise<readonly Unsendable<EventEnvelope>[]>;
}

// Publisher to a topic that no saga listens to, of a tenant with a topic of its own: the events that wake choreographed sagas go
// to a second target as well. A message that is lost in between is sent again with its page: the second target takes it once.
import type { EventEnvelope } from '../domain/event-envelope';
import type { EventPublisher } from '../ports/event-publisher';

/** Publishes to `topic`, and what `wakesSaga` names to `waking` too. What either can never take is given back once. */
export function publishAndWake(
  topic: EventPublisher,
  waking: EventPublisher,
  wakesSaga: (event: EventEnvelope) => boolean,
): EventPublisher {
  return {
    async publish(events) {
      const refused = await topic.publish(events);
      const wakes = events.filter(wakesSaga);
      const unwoken = wakes.length === 0 ? [] : await waking.publish(wakes);
      const known = new Set(refused.map(({ item }) => item.eventId));
      return [...refused, ...unwoken.filter(({ item }) => !known.has(item.eventId))];
    },
  };
}

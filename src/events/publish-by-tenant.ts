// Publisher that sends the events of a tenant to a target of its own, and those of the other tenants to the common one. Events
// of one order are of one tenant, so their order is kept. When one target fails the whole call fails, after the others
// have taken theirs.
import type { EventEnvelope } from '../domain/event-envelope';
import type { EventPublisher } from '../ports/event-publisher';

export function publishByTenant(
  common: EventPublisher,
  own: ReadonlyMap<string, EventPublisher>,
): EventPublisher {
  if (own.size === 0) return common;
  return {
    async publish(events) {
      const parts = new Map<EventPublisher, EventEnvelope[]>();
      for (const event of events) {
        const publisher = own.get(event.tenantId) ?? common;
        parts.set(publisher, [...(parts.get(publisher) ?? []), event]);
      }
      const sent = await Promise.allSettled(
        Array.from(parts, ([publisher, part]) => publisher.publish(part)),
      );
      const failed = sent.find((result) => result.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
      return sent.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
    },
  };
}

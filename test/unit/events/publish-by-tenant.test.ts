// Events of tenants that have a topic of their own.
import type { EventEnvelope } from '../../../src/domain/event-envelope';
import { publishByTenant } from '../../../src/events/publish-by-tenant';
import type { EventPublisher } from '../../../src/ports/event-publisher';

const event = (tenantId: string, sequence: number): EventEnvelope =>
  ({ tenantId, sequence, eventId: `${tenantId}:${sequence}` }) as EventEnvelope;

function target(
  refuses: (event: EventEnvelope) => boolean = () => false,
): EventPublisher & { taken: string[] } {
  const taken: string[] = [];
  return {
    taken,
    publish: (events) => {
      taken.push(...events.map(({ eventId }) => eventId));
      return Promise.resolve(events.filter(refuses).map((item) => ({ item, reason: 'too large' })));
    },
  };
}

test('S19: the events of a tenant go to its own target only, in the order given', async () => {
  const [common, own] = [target(), target(({ sequence }) => sequence === 2)];
  const events = [
    event('acme', 1),
    event('globex', 1),
    event('acme', 2),
    event('initech', 1),
    event('globex', 2),
  ];
  const refused = await publishByTenant(common, new Map([['globex', own]])).publish(events);
  expect(common.taken).toEqual(['acme:1', 'acme:2', 'initech:1']);
  expect(own.taken).toEqual(['globex:1', 'globex:2']);
  expect(refused.map(({ item }) => item.eventId)).toEqual(['globex:2']);
});

test('a target that fails fails the call, after the others have taken theirs', async () => {
  const common = target();
  const away: EventPublisher = { publish: () => Promise.reject(new Error('away')) };
  const publisher = publishByTenant(common, new Map([['globex', away]]));
  await expect(publisher.publish([event('globex', 1), event('acme', 1)])).rejects.toThrow('away');
  expect(common.taken).toEqual(['acme:1']);
});

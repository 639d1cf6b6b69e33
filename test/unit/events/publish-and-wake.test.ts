// Events of a tenant with a topic of its own, in the mode choreography: those that wake sagas go to a queue as well.
import type { EventEnvelope } from '../../../src/domain/event-envelope';
import { publishAndWake } from '../../../src/events/publish-and-wake';
import type { EventPublisher } from '../../../src/ports/event-publisher';

const event = (eventId: string): EventEnvelope => ({ eventId }) as EventEnvelope;
const wakes = ({ eventId }: EventEnvelope): boolean => eventId.startsWith('wakes');

function target(refused: readonly string[] = []): EventPublisher & { taken: string[] } {
  const taken: string[] = [];
  return {
    taken,
    publish: (events) => {
      taken.push(...events.map(({ eventId }) => eventId));
      const unsendable = events.filter(({ eventId }) => refused.includes(eventId));
      return Promise.resolve(unsendable.map((item) => ({ item, reason: 'too large' })));
    },
  };
}

const EVENTS = ['other-1', 'wakes-1', 'wakes-2', 'other-2'].map(event);

test('S17: all go to the topic, and those that wake a saga to the queue too, in their order', async () => {
  const [topic, queue] = [target(), target()];
  expect(await publishAndWake(topic, queue, wakes).publish(EVENTS)).toEqual([]);
  expect(topic.taken).toEqual(['other-1', 'wakes-1', 'wakes-2', 'other-2']);
  expect(queue.taken).toEqual(['wakes-1', 'wakes-2']);
});

test('what either refuses is given back once', async () => {
  const publisher = publishAndWake(target(['other-1', 'wakes-1']), target(['wakes-1', 'wakes-2']), wakes);
  const refused = await publisher.publish(EVENTS);
  expect(refused.map(({ item }) => item.eventId)).toEqual(['other-1', 'wakes-1', 'wakes-2']);
});

test('a queue that is away fails the page, which is sent again', async () => {
  const away: EventPublisher = { publish: () => Promise.reject(new Error('away')) };
  await expect(publishAndWake(target(), away, wakes).publish(EVENTS)).rejects.toThrow('away');
  const topic = target();
  expect(await publishAndWake(topic, away, wakes).publish([event('other-1')])).toEqual([]);
});

import { createConsumer, type Incoming } from '../../../src/consumers/consumer';
import type { EventEnvelope } from '../../../src/domain/event-envelope';
import { toEnvelope } from '../../../src/events/envelope';
import { readEvent } from '../../../src/events/read-event';
import { rememberingLog } from '../../support/inventory-event-input';
import { AT, facts, orderAfter } from '../../support/orders';

const envelope = (fact: Parameters<typeof toEnvelope>[1]): EventEnvelope =>
  toEnvelope(orderAfter(), fact, 2, { actor: 'test', occurredAt: AT, key: null });

function open(read: (json: unknown) => Incoming<EventEnvelope> = readEvent) {
  const parked: string[] = [];
  const parking = {
    park: (_: string, __: unknown, reason: string) => Promise.resolve(void parked.push(reason)),
  };
  const { lines, log } = rememberingLog();
  const consumer = createConsumer<EventEnvelope>('Mailer', read, parking);
  return { parked, lines, consumer, take: (json: unknown) => consumer.take(json, log) };
}

describe('a consumer', () => {
  test('gives a handler the events of its type and no others', async () => {
    const { consumer, take } = open();
    const seen: string[] = [];
    consumer.on('OrderCompleted', (event) => Promise.resolve(void seen.push(event.type)));
    expect(await take(envelope(facts.completed))).toBe('handled');
    expect(await take(envelope(facts.cancelled))).toBe('skipped');
    expect(seen).toEqual(['OrderCompleted']);
    expect(consumer.counts()).toMatchObject({ handled: 1, skipped: 1 });
  });

  test('takes one handler per type', () => {
    const { consumer } = open();
    const handler = () => Promise.resolve();
    consumer.on('OrderCompleted', handler);
    expect(() => consumer.on('OrderCompleted', handler)).toThrow(
      'Mailer has a handler for OrderCompleted already',
    );
  });

  test('logs and counts an event of unknown type, and goes on', async () => {
    const { consumer, take, lines, parked } = open();
    expect(await take({ ...envelope(facts.completed), type: 'OrderFramed' })).toBe('unknownType');
    expect(lines).toMatchObject([{ event: 'event of unknown type', fields: { type: 'OrderFramed' } }]);
    expect([consumer.counts().unknownType, parked]).toEqual([1, []]);
  });

  test('parks what is not valid, with the paths, before a handler sees it', async () => {
    const { consumer, take, parked } = open();
    consumer.on('OrderCompleted', () => Promise.reject(new Error('seen')));
    expect(await take({ ...envelope(facts.completed), orderId: '' })).toBe('invalid');
    expect(parked).toEqual(['orderId must not be empty']);
  });

  test('S21: asks for a version that it does not know yet again, for an instance of a newer release', async () => {
    const { consumer, take, parked } = open();
    const newer = { ...envelope(facts.completed), schemaVersion: 9 };
    await expect(take(newer)).rejects.toMatchObject({ code: 'EVENT_NEWER' });
    expect([parked, Object.values(consumer.counts())]).toEqual([[], [0, 0, 0, 0]]);
  });

  test('asks for an event again that its handler could not take, and does not count it', async () => {
    const { consumer, take } = open();
    consumer.on('OrderCompleted', () => Promise.reject(new Error('away')));
    await expect(take(envelope(facts.completed))).rejects.toThrow('away');
    expect(consumer.counts().handled).toBe(0);
  });
});

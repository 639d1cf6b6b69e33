// What is read is checked and brought to the newest version; what leaves is checked again.
import fc from 'fast-check';
import type { EventEnvelope } from '../../../src/domain/event-envelope';
import type { OrderFact } from '../../../src/domain/order-events';
import type { TerminalError } from '../../../src/errors';
import { toEnvelope } from '../../../src/events/envelope';
import { checkOutgoing, readEvent, readStoredEvent, readToHandOn } from '../../../src/events/read-event';
import { AT, created, facts, orderAfter, started } from '../../support/orders';

const order = orderAfter();
const envelope = (fact: OrderFact): EventEnvelope =>
  toEnvelope(order, fact, 3, { actor: 'saga', occurredAt: AT, key: null });
const stored = (fact: OrderFact): Record<string, unknown> => ({
  ...{ id: 'x', kind: 'event', _etag: '"1"', _ts: 1 },
  ...envelope(fact),
});
const ofNewerReleases: readonly (readonly [string, object])[] = [
  ['an unknown type', { type: 'CustomerScreened' }],
  ['a newer version', { schemaVersion: 2 }],
];
const everyFact: readonly OrderFact[] = [created, started, ...Object.values(facts)];

describe('an event document', () => {
  test.each(everyFact.map((fact) => [fact.type, fact] as const))(
    'of type %s reads as what was written, without what the store adds',
    (_, fact) => {
      expect(readEvent(stored(fact))).toEqual({ kind: 'event', event: envelope(fact) });
    },
  );

  test('of an unknown type is told from an invalid one', () => {
    expect(readEvent({ ...stored(started), type: 'SomethingElse' })).toEqual({
      kind: 'unknownType',
      type: 'SomethingElse',
    });
    expect(readEvent({ ...stored(started), type: 'toString' }).kind).toBe('unknownType');
  });

  test('of a version that is not known yet is told as newer, whatever is in it', () => {
    const newer = { type: 'OrderFailed', schemaVersion: 3, data: 'who knows' };
    expect(readEvent(newer)).toEqual({ kind: 'newerVersion', type: 'OrderFailed', version: 3 });
  });

  test.each<[string, unknown, readonly string[]]>([
    ['no object', null, ['']],
    ['no type', {}, ['type']],
    ['no version', { type: 'SagaStarted' }, ['schemaVersion']],
    ['version 0', { ...stored(started), schemaVersion: 0 }, ['schemaVersion']],
    ['version 1.5', { ...stored(started), schemaVersion: 1.5 }, ['schemaVersion']],
    ['a local time', { ...stored(started), occurredAt: '2026-01-01T00:00:00+01:00' }, ['occurredAt']],
    [
      'wrong payload',
      { ...stored(started), data: { definitionVersion: '1' } },
      ['data.definitionVersion', 'data.firstStep'],
    ],
  ])('with %s is invalid at the path that is wrong', (_, json, paths) => {
    const read = readEvent(json);
    expect(read.kind === 'invalid' ? read.errors.map(({ path }) => path) : read).toEqual(paths);
  });

  test('that cannot be read stops whoever may not read past it', () => {
    expect(readStoredEvent(envelope(started))).toEqual(envelope(started));
    const invalid = { ...envelope(started), actor: '' };
    expect(codeOf(() => void readStoredEvent(invalid))).toBe('EVENT_UNREADABLE');
  });

  test.each(ofNewerReleases)('S21: of %s stops them too, until a newer release reads it', (_, change) => {
    const event = { ...envelope(started), ...change };
    expect(codeOf(() => void readStoredEvent(event))).toBe('EVENT_NEWER');
  });

  test.each(ofNewerReleases)('S21: of %s is handed on as it was written', (_, change) => {
    const event = { ...envelope(started), ...change, data: { new: [1] } };
    expect(readToHandOn({ ...stored(started), ...event })).toEqual({ kind: 'event', event });
    expect(readToHandOn({ ...event, orderId: 'a/b' }).kind).toBe('invalid');
  });

  test('never makes reading throw', () => {
    fc.assert(
      fc.property(fc.anything(), fc.constantFrom(...everyFact), (anything, fact) => {
        expect(typeof readEvent(anything).kind).toBe('string');
        expect(typeof readEvent({ ...stored(fact), data: anything }).kind).toBe('string');
      }),
    );
  });
});

describe('an outgoing event', () => {
  test('that is valid passes', () => {
    everyFact.forEach((fact) => expect(() => checkOutgoing(envelope(fact))).not.toThrow());
  });

  test('that is not valid throws EVENT_INVALID, naming every path', () => {
    const event = envelope(facts.paymentProcessed);
    const broken = { ...event, actor: '', data: { ...event.data, amountMinor: -1 } } as EventEnvelope;
    expect(() => checkOutgoing(broken)).toThrow(
      /actor must not be empty; data\.amountMinor must not be negative/,
    );
    expect(codeOf(() => checkOutgoing(broken))).toBe('EVENT_INVALID');
  });

  test('of an older version, or of a type that is not in the registry, is not published', () => {
    const old = { ...envelope(facts.failed), schemaVersion: 1 };
    expect(() => checkOutgoing(old)).toThrow(/schemaVersion/);
    const foreign = { ...old, type: 'Invented' } as unknown as EventEnvelope;
    expect(() => checkOutgoing(foreign)).toThrow(/not in the registry/);
  });
});

function codeOf(act: () => void): unknown {
  try {
    act();
  } catch (error) {
    return (error as TerminalError).code;
  }
  return undefined;
}

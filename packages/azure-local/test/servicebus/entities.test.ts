import fc from 'fast-check';
import { parseEntities } from '../../src/servicebus/entities';
import { matches, taken, type CorrelationFilter, type MessageFacts } from '../../src/servicebus/filters';
import { parseDuration } from '../../src/servicebus/iso-duration';
import { config, queue } from '../../testing/servicebus-fixture';

const topic = (subscription: unknown): unknown =>
  config(
    [],
    [{ Name: 't', Properties: {}, Subscriptions: [{ Name: 's', Properties: {}, Rules: [subscription] }] }],
  );
const ruleOf = (Properties: unknown): unknown => topic({ Name: 'r', Properties });
const Q = 'UserConfig.Namespaces[0].Queues[0].Properties';
const R = 'UserConfig.Namespaces[0].Topics[0].Subscriptions[0].Rules[0].Properties';

test.each([
  [queue('q', { ForwardTo: 'other' }), `${Q}.ForwardTo is not simulated`],
  [queue('q', { ForwardDeadLetteredMessagesTo: 'x' }), `${Q}.ForwardDeadLetteredMessagesTo is not simulated`],
  [queue('q', { EnablePartitioning: true }), `${Q}.EnablePartitioning is not simulated`],
  [queue('q', { AutoDeleteOnIdle: 'PT5M' }), `${Q}.AutoDeleteOnIdle is not simulated`],
  [queue('q', { LockDuration: 'a minute' }), `${Q}.LockDuration is not a duration`],
  [
    queue('q', { LockDuration: 'PT6M' }),
    `${Q}.LockDuration is outside what the service allows, 5 s to 300 s`,
  ],
  [queue('q', { MaxDeliveryCount: 0 }), `${Q}.MaxDeliveryCount is not a whole number`],
  [queue('q', { RequiresSession: 'yes' }), `${Q}.RequiresSession is neither true nor false`],
  [queue('a b'), "UserConfig.Namespaces[0].Queues[0].Name is 'a b'"],
])('a queue that cannot be had is refused by its path: %#', (definition, message) => {
  expect(() => parseEntities(config([definition]))).toThrow(message);
});

test.each([
  [
    { FilterType: 'Sql', SqlFilter: { SqlExpression: 'amount > 1' } },
    `${R}.SqlFilter.SqlExpression is not simulated`,
  ],
  [{ FilterType: 'Correlation', Action: { SqlExpression: 'SET a = 1' } }, `${R}.Action is not simulated`],
  [
    { FilterType: 'Correlation', CorrelationFilter: { Lable: 'x' } },
    `${R}.CorrelationFilter.Lable is not simulated`,
  ],
])('a rule that cannot be had is refused by its path: %#', (properties, message) => {
  expect(() => parseEntities(ruleOf(properties))).toThrow(message);
});

test('two entities of one name are refused', () => {
  expect(() => parseEntities(config([queue('q'), queue('Q')]))).toThrow("'Q' is defined twice");
});

test('durations count days to seconds', () => {
  expect(['P1D', 'PT1H', 'PT1M30S', 'P1DT2H', 'PT0.5S'].map(parseDuration)).toEqual([
    86_400_000, 3_600_000, 90_000, 93_600_000, 500,
  ]);
  expect(['', 'P', 'PT', '1M', 'P1M', 'P1Y', 'PT1'].map(parseDuration)).toEqual(Array(7).fill(undefined));
});

const NAMES = ['label', 'correlationId', 'to', 'messageId', 'sessionId'] as const;
const word = fc.constantFrom('a', 'b', 'A');
const scalar = fc.oneof(word, fc.integer({ min: 0, max: 2 }), fc.boolean());
const properties = fc.dictionary(fc.constantFrom('x', 'y', 'toString'), scalar, { maxKeys: 3 });
const system = fc.dictionary(fc.constantFrom(...NAMES), word, { maxKeys: 3 });
const filters: fc.Arbitrary<CorrelationFilter> = fc.record({ system, application: properties });
const messages: fc.Arbitrary<MessageFacts> = fc
  .tuple(system, properties)
  .map(([facts, application]) => ({ ...facts, applicationProperties: () => application }));

test('a filter takes a message exactly when every property it names is there and equal', () => {
  fc.assert(
    fc.property(filters, messages, (filter, message) => {
      const application = new Map(Object.entries(message.applicationProperties()));
      const facts = new Map(Object.entries(message));
      const equal =
        Object.entries(filter.system).every(([name, value]) => facts.get(name) === value) &&
        Object.entries(filter.application).every(([name, value]) => application.get(name) === value);
      expect(matches(filter, message)).toBe(equal);
    }),
  );
});

test('a subscription takes what one of its rules takes, and without rules everything', () => {
  fc.assert(
    fc.property(fc.array(filters, { maxLength: 3 }), messages, (rules, message) => {
      const one = rules.map((rule) => matches(rule, message)).includes(true);
      expect(taken(rules, message)).toBe(rules.length === 0 || one);
    }),
  );
});

test('every file that is accepted says of each queue what was written there', () => {
  const durations = fc
    .integer({ min: 5, max: 300 })
    .map((seconds) => ({ text: `PT${seconds}S`, ms: seconds * 1000 }));
  fc.assert(
    fc.property(durations, fc.integer({ min: 1, max: 2000 }), fc.boolean(), (lock, most, sessions) => {
      const definition = queue('q', {
        LockDuration: lock.text,
        MaxDeliveryCount: most,
        RequiresSession: sessions,
      });
      expect(parseEntities(config([definition])).queues[0]).toMatchObject({
        lockDurationMs: lock.ms,
        maxDeliveryCount: most,
        requiresSession: sessions,
        duplicateWindowMs: undefined,
      });
    }),
  );
});

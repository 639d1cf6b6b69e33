// The crash matrix's points at messages of choreographed orders: which there are, what holds an order at each, and which are played
// together.
import { messagePlaces, messageRule, recordedMessages } from '../../tools/crash/message-points';
import { matrixOrder } from '../../tools/crash/orders';
import { packed } from '../../tools/crash/packing';
import { spread, standsMs, type CrashPoint, type Place } from '../../tools/crash/points';
import { isPlayedIn, SCENARIOS, type Scenario } from '../../tools/crash/scenarios';
import { toEnvelope } from '../../src/events/envelope';
import { orderIdFor } from '../../src/commands/place-order';
import { AT, created, facts, ORDER_ID, SCOPE, started } from '../support/orders';

const [scenario] = SCENARIOS as readonly [Scenario, ...Scenario[]];
const order = matrixOrder(scenario, 'wave-1');

const point = (place: Place, more: Partial<CrashPoint> = {}): CrashPoint => ({
  ...{ title: JSON.stringify(place), scenario, place, afterMs: 0, isLate: false, isCarriedOn: true },
  ...more,
});
const relay = (events: number, moment: 'arrival' | 'answer'): Place => ({ kind: 'relay', events, moment });
const wait: Place = { kind: 'wait', act: null };

test('a message is a point when it is sent and when what it woke is through, at its arrival and at its answer', () => {
  const message = { nth: 2, says: 'StockReserved', afterMs: 0 };
  const titles = (['relay', 'step', 'timerSent', 'timer'] as const).flatMap((way) =>
    messagePlaces({ ...message, way }).map(([says]) => says),
  );
  expect(titles).toEqual([
    'the relay stops before event 2, StockReserved',
    'the relay stops behind event 2, StockReserved',
    'message 2, StockReserved, is through and not completed',
    'message 2, StockReserved, is completed and not answered',
    'message 2 for later is not sent',
    'message 2 for later is sent and not answered',
    'message 2 for later is through and not completed',
    'message 2 for later is completed and not answered',
  ]);
});

test('S17: the messages of a recording are named by the events in them, those that wake by the events that do', () => {
  const all = [created, started, facts.stockReserved, facts.paymentProcessed];
  const about = { orderId: ORDER_ID, tenantId: 'default', correlationId: 'corr-1', traceparent: '' };
  const stream = all.map((fact, index) =>
    toEnvelope(about, fact, index + 1, { actor: 'saga', occurredAt: AT, key: null }),
  );
  const at = new Date(1_000).toISOString();
  const seen = (times: number) => ({
    ...messageRule(order, { kind: 'message', way: 'step', nth: 1, moment: 'arrival' }),
    held: 0,
    seen: Array<string>(times).fill(at),
  });
  const messages = recordedMessages([seen(1), seen(2), seen(1), seen(0)], stream, 400);
  expect(messages).toEqual([
    { way: 'relay', nth: 1, says: 'OrderCreated', afterMs: 600 },
    { way: 'step', nth: 1, says: 'SagaStarted', afterMs: 600 },
    { way: 'step', nth: 2, says: 'StockReserved', afterMs: 600 },
    { way: 'timerSent', nth: 1, says: '', afterMs: 600 },
  ]);
});

test('a rule holds a message of its order alone', () => {
  const place = { kind: 'message', nth: 2, moment: 'answer' } as const;
  expect(messageRule(order, { ...place, way: 'step' })).toEqual({
    ...{ entity: 'order-events/Subscriptions/saga-steps', operation: 'complete', nth: 2, moment: 'answer' },
    contains: ['"correlationId":"wave-1"'],
  });
  expect(messageRule(order, { ...place, way: 'timerSent' })).toEqual({
    ...{ entity: 'saga-timers', operation: 'send', nth: 2, moment: 'answer' },
    contains: [`"orderId":"${orderIdFor(SCOPE, 'wave-1')}"`],
  });
});

test('points at which the relay stops are played together, those at one moment of it, and no others with them', () => {
  const others = [point(wait), point(wait)];
  const before = [point(relay(1, 'arrival')), point(relay(2, 'arrival'))];
  const behind = [point(relay(1, 'answer'))];
  expect(packed([...before, ...others, ...behind], 10)).toEqual([others, before, behind]);
});

test('an order stands no longer than who sends a message, or undoes a step, has patience', () => {
  const call = { kind: 'call', service: 'any', nth: 1, fault: 'hang', acted: null } as const;
  const stands = (place: Place): number => standsMs(point(place));
  expect(stands(relay(1, 'arrival'))).toBeLessThan(10_000);
  expect(stands({ kind: 'message', way: 'timerSent', nth: 1, moment: 'arrival' })).toBeLessThan(10_000);
  expect(stands({ ...call, operation: 'refund' })).toBeLessThan(10_000);
  expect(stands({ ...call, operation: 'charge' })).toBeLessThan(25_000);
  expect(stands({ ...call, operation: 'charge' })).toBeGreaterThan(10_000);
});

test('a number of points is spread over the way of an order, and other ones are taken for each victim', () => {
  const points = Array.from({ length: 9 }, (_, events) => point(relay(events, 'arrival')));
  const taken = (victim: 'host' | 'platform' | 'all') =>
    spread(points, victim, 3).map(({ place }) => (place.kind === 'relay' ? place.events : -1));
  expect([taken('host'), taken('platform'), taken('all')]).toEqual([
    [0, 3, 6],
    [1, 4, 7],
    [2, 5, 8],
  ]);
  expect(spread(points, 'host', 20)).toEqual(points);
});

test('S17: what comes back of an order is an orchestration in both modes, and is played as one', () => {
  const left = SCENARIOS.filter((one) => !isPlayedIn('choreography', one)).map(({ name }) => name);
  expect(left).toEqual([
    'is returned',
    'is returned in part and partly damaged',
    'has a return that is cancelled',
  ]);
  expect(SCENARIOS.every((one) => isPlayedIn('orchestration', one))).toBe(true);
});

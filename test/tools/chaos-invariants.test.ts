// Every invariant of a chaos run holds for a run in which all went well, and fails for the one thing that it watches.
import type { Effect, Facts } from '../../tools/chaos/facts';
import { needlesslyAsked } from '../../tools/chaos/invariants-effects';
import { wornOut } from '../../tools/chaos/invariants-orders';
import { INVARIANTS, judge } from '../../tools/chaos/invariants';
import { effect, GOOD, LEDGER, orderOf, STREAMS, type Key } from '../../tools/chaos/facts-example';
import { orderRequest } from '../support/orders';

/** The ledger without the effects of one name of one order. */
const without = (key: Key, name: string): Effect[] =>
  LEDGER.filter((line) => line.orderId !== `id-${key}` || line.effect !== name);
const sentBut = (key: string, more: Partial<Facts['sent'][number]>): Facts['sent'] =>
  GOOD.sent.map((one) => (one.planned.key === key ? { ...one, ...more } : one));
const plannedOf = (key: string): Facts['sent'][number]['planned'] => {
  const found = GOOD.sent.find(({ planned }) => planned.key === key);
  if (found === undefined) throw new Error(`no order ${key}`);
  return found.planned;
};
const topicWith = (key: Key, events: readonly { messageId: string; sequence: number }[]): Facts['topic'] =>
  new Map([...GOOD.topic, [`id-${key}`, events]]);
const publishedBefore = GOOD.topic.get('id-done') ?? [];
const operatorAsked = { ...orderOf('done'), status: 'shipped' as const, ended: false };

const BROKEN: readonly (readonly [invariant: string, what: string, change: Partial<Facts>])[] = [
  ...(
    [
      ['an order that was taken is gone', { orders: GOOD.orders.slice(1) }],
      ['an order was never taken', { sent: sentBut('done', { taken: [] }) }],
      ['one key made two orders', { orders: [...GOOD.orders, { ...orderOf('done'), orderId: 'id-other' }] }],
      ['another id was answered', { sent: sentBut('done', { orderIds: new Set(['id-other']) }) }],
      ['an order has not ended', { orders: GOOD.orders.map((order) => ({ ...order, ended: false })) }],
      [
        'bad input became an order',
        { orders: [...GOOD.orders, { ...orderOf('done'), correlationId: 'bad' }] },
      ],
      ['an order was sent by nobody', { sent: GOOD.sent.slice(1) }],
      ['a client got an answer that nobody should get', { sent: sentBut('done', { odd: ['500'] }) }],
    ] as const
  ).map(([what, change]) => ['every acknowledged order exists once and has ended', what, change] as const),
  ...(
    [
      ['a promised cancel is not kept', { sent: sentBut('done', { cancels: [202] }) }],
      ['an order is cancelled that was to go on', { sent: sentBut('cancelled', { cancels: [409] }) }],
    ] as const
  ).map(([what, change]) => ['an accepted cancel ends the order as cancelled', what, change] as const),
  [
    'the first answer about an approval decides the order',
    'an order completed that was to be rejected',
    { sent: sentBut('done', { planned: { ...plannedOf('done'), approval: 'reject' } }) },
  ],
  [
    'what was answered about a return is kept',
    'a return that was inspected is gone',
    { sent: sentBut('done', { returns: [{ number: 1, inspections: [202], cancels: [] }] }) },
  ],
  [
    'returns give back and restock what was accepted, once',
    'something is given back for a return that is not there',
    { ledger: [...LEDGER, effect('done', 'refunded', 'return:1:RefundReturn', 1)] },
  ],
  ...(
    [
      ['a message is left', { queued: ['done'] }],
      ['a document is parked', { parked: [{ source: 'relay', reason: 'invalid' }] }],
      ['an orchestration runs', { unfinished: [{ instanceId: 'id-done', runtimeStatus: 'Running' }] }],
      ['a process ended by itself', { crashes: ['host ended unexpectedly (exit code 1)'] }],
    ] as const
  ).map(([what, change]) => ['nothing is stuck, parked or crashed', what, change] as const),
  [
    'every effect happens at most once',
    'a charge is repeated under its key',
    { ledger: [...LEDGER, effect('done', 'charged', 'ProcessPayment', orderRequest.totalMinor)] },
  ],
  ...(
    [
      ['a completed order was not charged', { ledger: without('done', 'charged') }],
      [
        'a failed order keeps a charge',
        { ledger: [...LEDGER, effect('failed', 'charged', 'ProcessPayment', orderRequest.totalMinor)] },
      ],
      [
        'a charge is not the total',
        { ledger: [...without('done', 'charged'), effect('done', 'charged', 'ProcessPayment', 999)] },
      ],
      [
        'nobody knows the order of a charge',
        { ledger: [...LEDGER, { ...effect('done', 'charged', 'x', 1), orderId: 'nobody' }] },
      ],
      ['stock stays reserved', { ledger: without('failed', 'stockReleased') }],
    ] as const
  ).map(
    ([what, change]) => ['charges less refunds are the totals of completed orders', what, change] as const,
  ),
  [
    'every compensation on record has happened',
    'a release is recorded that never happened',
    { ledger: without('failed', 'stockReleased') },
  ],
  ...(
    [
      ['a piece is gone', { stock: [{ productId: 'prod-001', supplied: 10, onHand: 7, reserved: 0 }] }],
      [
        'a piece stays reserved',
        { stock: [{ productId: 'prod-001', supplied: 10, onHand: 8, reserved: 2 }] },
      ],
    ] as const
  ).map(([what, change]) => ['stock is conserved', what, change] as const),
  [
    'the inventory view equals the last published stock',
    'older news came last and won',
    { echoes: [{ productId: 'lamp', published: 8, echoed: 9 }] },
  ],
  ...(
    [
      [
        'a stream has a gap',
        { streams: new Map([...GOOD.streams, ['id-done', STREAMS.done.toSpliced(3, 1)]]) },
      ],
      [
        'a document is not the fold',
        { orders: [{ ...orderOf('done'), trackingId: 'other' }, ...GOOD.orders.slice(1)] },
      ],
      ['a stream has no order', { streams: new Map([...GOOD.streams, ['id-lost', STREAMS.done]]) }],
    ] as const
  ).map(([what, change]) => ['every stream is gapless and folds to its document', what, change] as const),
  ...(
    [
      ['an order is in no list', { listed: GOOD.listed.slice(1) }],
      ['a list is behind', { listed: GOOD.listed.map((one) => ({ ...one, status: 'pending' })) }],
      ['an order is listed twice', { listed: [...GOOD.listed, ...GOOD.listed.slice(0, 1)] }],
    ] as const
  ).map(([what, change]) => ['lists show what the streams say', what, change] as const),
  [
    'daily figures are what the streams say',
    'an order is counted twice',
    { days: GOOD.days.map((day) => ({ ...day, completed: 2 })) },
  ],
  ...(
    [
      ['an event is not on the topic', { topic: topicWith('done', publishedBefore.slice(0, -1)) }],
      [
        'a message id came twice',
        { topic: topicWith('done', [...publishedBefore, ...publishedBefore.slice(-1)]) },
      ],
      ['events overtook each other', { topic: topicWith('done', [...publishedBefore].reverse()) }],
    ] as const
  ).map(
    ([what, change]) =>
      ['every event is on the topic in sequence, once per message id', what, change] as const,
  ),
  ...(
    [
      ['a failure is not on the queue', { failures: [] }],
      ['a failure is on the queue twice', { failures: ['id-failed:failed', 'id-failed:failed'] }],
      ['a success is on the failure queue', { failures: ['id-failed:failed', 'id-done:failed'] }],
    ] as const
  ).map(([what, change]) => ['every failed order is on the failure queue once', what, change] as const),
  ...(
    [
      ['a customer was not notified', { ledger: without('done', 'notified') }],
      [
        'a customer was notified of both ends',
        { ledger: [...LEDGER, effect('cancelled', 'notified', 'confirmation')] },
      ],
    ] as const
  ).map(
    ([what, change]) =>
      ['customers are notified of completed and cancelled orders once', what, change] as const,
  ),
  ...(
    [
      ['bad input is gone', { deadLetters: [] }],
      [
        'bad input lies there for another reason',
        { deadLetters: [{ entity: 'orders', messageId: 'bad', reason: 'ProcessingFailed' }] },
      ],
      [
        'a good order lies there for a fault of ours',
        {
          deadLetters: [
            ...GOOD.deadLetters,
            { entity: 'orders', messageId: 'done', reason: 'ProcessingFailed' },
          ],
        },
      ],
      [
        'a subscription has a dead letter',
        {
          deadLetters: [
            ...GOOD.deadLetters,
            { entity: 'order-events/customer-notifications', messageId: 'bad', reason: '' },
          ],
        },
      ],
    ] as const
  ).map(([what, change]) => ['dead letters are the bad input, and all of it', what, change] as const),
];

test('facts of a run without faults violate no invariant', () => {
  expect(judge(GOOD)).toEqual([]);
});

test.each(BROKEN)('"%s" fails when %s', (invariant, _, change) => {
  const broken = judge({ ...GOOD, ...change }).map((violation) => violation.invariant);
  expect(broken).toContain(invariant);
});

test('every invariant has a case in which it fails', () => {
  expect([...new Set(BROKEN.map(([invariant]) => invariant))].sort()).toEqual(Object.keys(INVARIANTS).sort());
});

test('a message that three kills made a dead letter is none either, if it is an order; else it is', () => {
  const letter = (messageId: string) => ({ entity: 'orders', messageId, reason: 'MaxDeliveryCountExceeded' });
  const withLetter = (messageId: string): string[] =>
    judge({ ...GOOD, deadLetters: [...GOOD.deadLetters, letter(messageId)] }).map(({ says }) => says);
  expect(withLetter(GOOD.orders[0]?.correlationId ?? '')).toEqual([]);
  expect(withLetter('nobody')).toEqual(['nobody is a dead letter of orders: MaxDeliveryCountExceeded']);
});

test.each(['MaxDeliveryCountExceeded', 'ProcessingFailed'])(
  'an order that came as a message alone and wore out its deliveries (%s) is lost unless an operator sends it again',
  (reason) => {
    const { correlationId: key = '', orderId = '' } = GOOD.orders[0] ?? {};
    const gone = {
      ...GOOD,
      orders: GOOD.orders.slice(1),
      deadLetters: [...GOOD.deadLetters, { entity: 'orders', messageId: key, reason }],
    };
    const aboutIt = (facts: Facts): string[] =>
      judge(facts).flatMap(({ says }) =>
        says.startsWith(`${key} `) && !says.includes(orderId) ? [says] : [],
      );
    const byQueue = { ...gone, sent: sentBut(key, { taken: ['queue'] }) };
    expect(aboutIt(byQueue)).toEqual([
      `${key} was taken by queue and is not there`,
      `${key} is a dead letter of orders: ${reason}`,
    ]);
    expect([...wornOut(byQueue)]).toEqual([key]);
    expect(aboutIt({ ...byQueue, orders: GOOD.orders })).toEqual([]);
    expect([...wornOut({ ...byQueue, orders: GOOD.orders })]).toEqual([]);
  },
);

test('an operator is asked needlessly about an order without effects, and not about one that is charged', () => {
  const asking = GOOD.orders.map((order) => ({
    ...order,
    saga: { ...order.saga, needsIntervention: order.orderId !== 'id-cancelled' },
  }));
  expect(needlesslyAsked({ ...GOOD, orders: asking })).toEqual(['id-failed']);
});

test('an order that waits for an operator is no violation, and its money is left to him', () => {
  const asked = { ...operatorAsked, saga: { ...operatorAsked.saga, needsIntervention: true } };
  const facts = { ...GOOD, orders: [asked, ...GOOD.orders.slice(1)] };
  const broken = judge(facts).map(({ invariant }) => invariant);
  expect(broken).not.toContain('every acknowledged order exists once and has ended');
  expect(broken).not.toContain('charges less refunds are the totals of completed orders');
});

// The crash matrix's judge of one order: accounts that add up pass, and each thing that may be wrong is seen.
import type { EventEnvelope } from '../../src/domain/event-envelope';
import { fold, type Order } from '../../src/domain/order';
import type { OrderFact } from '../../src/domain/order-events';
import { toEnvelope } from '../../src/events/envelope';
import { accountProblems, type Account } from '../../tools/crash/account';
import { PERMITTED_ENDS, type EndedOtherwise } from '../../tools/crash/permitted';
import { SCENARIOS } from '../../tools/crash/scenarios';
import type { Effect } from '../../tools/crash/system';
import { AT, created, facts, ORDER_ID, orderRequest, started } from '../support/orders';

const { stockReserved, paymentProcessed, shipmentCreated, stockConfirmed, completed } = facts;
const { cancelRequested, compensationStarted, paymentRefunded, stockReleased, failed, cancelled } = facts;

const RECORD = { attempts: 1, lastError: { code: 'CONNECTION_LOST', message: 'reset' } };
const FAILED = { ...RECORD, code: 'PAYMENT_FAILED', detailCode: 'CONNECTION_LOST', reason: 'reset' };
const paymentFailed: OrderFact = { type: 'PaymentFailed', data: { ...FAILED, step: 'ProcessPayment' } };
const paymentDeclined: OrderFact = {
  type: 'PaymentFailed',
  data: {
    ...{ ...FAILED, step: 'ProcessPayment', detailCode: 'CARD_DECLINED' },
    lastError: { code: 'CARD_DECLINED', message: 'declined' },
  },
};
const refundFailed: OrderFact = {
  type: 'CompensationFailed',
  data: {
    ...{ ...RECORD, step: 'RefundPayment', undoes: 'ProcessPayment', reason: 'reset' },
    transactionId: null,
  },
};

function streamOf(...told: readonly OrderFact[]): readonly EventEnvelope[] {
  const order = { orderId: ORDER_ID, tenantId: 'default', correlationId: 'corr-1', traceparent: '' };
  return [created, ...told].map((fact, index) =>
    toEnvelope(order, fact, index + 1, { actor: 'test', occurredAt: AT, key: null }),
  );
}

const PIECES = 7;
const REFERENCES: Readonly<Record<string, string>> = {
  ...{ stockReserved: 'res_1', stockReleased: 'res_1', stockConfirmed: 'res_1' },
  ...{ charged: 'txn_1', refunded: 'txn_1', shipmentCreated: 'trk_1', shipmentCancelled: 'trk_1' },
};

const STEP_OF: Readonly<Record<string, string>> = {
  res: 'ReserveInventory',
  txn: 'ProcessPayment',
  trk: 'CreateShipment',
};
const keyOf = (effect: string): string =>
  `${ORDER_ID}:${STEP_OF[(REFERENCES[effect] ?? '').slice(0, 3)] ?? ''}`;

const effectsOf = (...names: readonly string[]): readonly Effect[] =>
  names.map((effect) => ({
    ...{
      effect,
      key: keyOf(effect),
      orderId: ORDER_ID,
      at: AT,
      customerId: 'cust-1',
      reference: REFERENCES[effect] ?? '',
    },
    ...(effect.startsWith('stock') ? { quantity: PIECES } : {}),
    ...(['charged', 'refunded'].includes(effect) ? { amount: orderRequest.totalMinor } : {}),
  }));

function accountOf(
  told: readonly OrderFact[],
  names: readonly string[],
  more: Partial<Account> = {},
): Account {
  const stream = streamOf(...told);
  const order = fold(ORDER_ID, stream) as Order;
  return { order, stream, effects: effectsOf(...names), before: null, cancelAnswer: undefined, ...more };
}

const RESERVED = [started, stockReserved];
const PAID = [...RESERVED, paymentProcessed];
const SHIPPED = [...PAID, shipmentCreated];
const BACK = [compensationStarted, paymentRefunded, stockReleased];
const ALL = ['stockReserved', 'charged', 'shipmentCreated', 'stockConfirmed'];
const UNDONE = ['stockReserved', 'charged', 'refunded', 'stockReleased'];

const DONE = accountOf([...SHIPPED, stockConfirmed, completed], ALL);
const TURNED = accountOf([...RESERVED, paymentFailed, ...BACK, failed], UNDONE);
const CANCELLED = accountOf([...RESERVED, cancelRequested, paymentProcessed, ...BACK, cancelled], UNDONE, {
  cancelAnswer: 202,
});
const ASKED = accountOf(
  [...PAID, compensationStarted, refundFailed, stockReleased, failed],
  ['stockReserved', 'charged', 'stockReleased'],
);

test.each([
  ['completed', DONE],
  ['was turned round by a payment that may have been made', TURNED],
  [
    'was turned round by one that was not, whose key is closed',
    accountOf(
      [...RESERVED, paymentFailed, compensationStarted, stockReleased, failed],
      ['stockReserved', 'stockReleased'],
    ),
  ],
  ['was cancelled in the middle of a step', CANCELLED],
  ['was cancelled before it began', accountOf([cancelRequested, compensationStarted, cancelled], [])],
  ['waits for an operator with a charge', ASKED],
  [
    'was cut off',
    { ...DONE, before: { stream: DONE.stream.slice(0, 4), effects: DONE.effects.slice(0, 2) } },
  ],
])('the account of an order that %s adds up', (_, account) => {
  expect(accountProblems(account)).toEqual([]);
});

const without = (account: Account, name: string): Account => ({
  ...account,
  effects: account.effects.filter(({ effect }) => effect !== name),
});
const changed = (account: Account, change: Partial<Effect>): Account => ({
  ...account,
  effects: account.effects.map((one) => (one.effect === 'charged' ? { ...one, ...change } : one)),
});

const orderWith = (account: Account, saga: Partial<Order['saga']>): Account => ({
  ...account,
  order: { ...account.order, saga: { ...account.order.saga, ...saga } },
});

test.each<readonly [what: string, says: RegExp, account: Account]>([
  ['a charge that is refunded nowhere', /charged stands/, without(TURNED, 'refunded')],
  ['a reservation that is not released', /stockReserved stands/, without(TURNED, 'stockReleased')],
  ['a record without its effect', /PaymentProcessed is recorded, and/, without(DONE, 'charged')],
  ['a confirmation that the ledger has not', /stock is confirmed/, without(DONE, 'stockConfirmed')],
  [
    'a confirmation that the stream has not',
    /stock is not confirmed/,
    { ...TURNED, effects: effectsOf(...UNDONE, 'stockConfirmed') },
  ],
  ['an effect that happens twice', /twice/, { ...DONE, effects: effectsOf(...ALL, 'charged') }],
  [
    'a refund of an order that shipped',
    /ProcessPayment is undone, and/,
    { ...DONE, effects: effectsOf(...ALL, 'refunded') },
  ],
  [
    'a refund of what was never charged',
    /refunded is recorded and never happened/,
    { ...TURNED, effects: effectsOf('stockReserved', 'stockReleased') },
  ],
  [
    'an undoing that is recorded nowhere',
    /refunded is recorded nowhere/,
    { ...DONE, effects: effectsOf(...ALL, 'refunded') },
  ],
  ['another amount', /charged 1 of an order over/, changed(DONE, { amount: 1 })],
  ['another quantity', /charged 1 pieces/, changed(DONE, { quantity: 1 })],
  ['another transaction', /names another/, changed(DONE, { reference: 'txn_2' })],
  [
    'a refund before its charge',
    /refunded is there without charged before it/,
    { ...TURNED, effects: effectsOf('stockReserved', 'refunded', 'charged', 'stockReleased') },
  ],
  [
    'compensations in another order',
    /no saga writes/,
    accountOf([...PAID, compensationStarted, stockReleased, paymentRefunded, failed], UNDONE),
  ],
  ['a step that is left out', /no saga writes/, accountOf([started, paymentProcessed, failed], [])],
  [
    'an order that goes on behind its end',
    /no saga writes/,
    accountOf([...SHIPPED, stockConfirmed, completed, failed], ALL),
  ],
  [
    'two steps after a cancel',
    /no saga writes/,
    accountOf([started, cancelRequested, stockReserved, paymentProcessed, ...BACK, cancelled], UNDONE),
  ],
  [
    'a cancel after which it ships',
    /it is completed, and a cancel was requested/,
    accountOf([...PAID, cancelRequested, shipmentCreated, stockConfirmed, completed], ALL),
  ],
  [
    'an order that is cancelled by nobody',
    /it is cancelled, and a cancel was not/,
    accountOf([...PAID, ...BACK, cancelled], UNDONE),
  ],
  ['an accepted cancel that is gone', /accepted and is not/, { ...DONE, cancelAnswer: 202 }],
  ['a refused cancel that is there', /refused and is in/, { ...CANCELLED, cancelAnswer: 409 }],
  ['a saga that forgot a step', /completed steps/, orderWith(DONE, { completedSteps: [] })],
  ['a saga that forgot an undoing', /compensated steps/, orderWith(TURNED, { compensatedSteps: [] })],
  ['an operator who was not asked', /an operator is/, orderWith(ASKED, { needsIntervention: false })],
  [
    'an event that is gone',
    /the stream began with/,
    { ...TURNED, before: { stream: DONE.stream.slice(0, 4), effects: [] } },
  ],
  [
    'an effect that is gone',
    /the ledger began with/,
    { ...TURNED, before: { stream: [], effects: DONE.effects.slice(0, 3) } },
  ],
])('%s is seen', (_, says, account) => {
  expect(accountProblems(account)).toContainEqual(expect.stringMatching(says));
});

const scenarioNamed = (name: string): EndedOtherwise['scenario'] => {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`no scenario is called ${name}`);
  return found;
};
const seenAfter = (account: Account, events: number) => ({
  stream: account.stream.slice(0, events),
  effects: [],
});
const otherwise = (
  account: Account,
  name: string,
  events: number,
  more: Partial<EndedOtherwise> = {},
): EndedOtherwise => ({
  ...{ ...account, before: seenAfter(account, events), victim: 'platform', scenario: scenarioNamed(name) },
  ...more,
});
const endOf = (order: EndedOtherwise): string | undefined =>
  PERMITTED_ENDS.find(({ isThis }) => isThis(order))?.says;

describe('the list of permitted ends', () => {
  const timedOut = {
    ...TURNED,
    order: { ...TURNED.order, failureCode: 'SAGA_TIMED_OUT' },
  };
  test.each([
    ['a payment that was cut off', otherwise(TURNED, 'completes', 3), /^failed, or cancelled/],
    ['a refund that was cut off', otherwise(ASKED, 'the carrier refuses', 5), /^an intervention/],
    [
      'a cancel at a later moment',
      otherwise(CANCELLED, 'cancelled during reserve', 2),
      /^cancelled at a later/,
    ],
    [
      'a cancel that came too late',
      otherwise(DONE, 'cancelled during charge', 3, { cancelAnswer: 409 }),
      /^completed/,
    ],
    ['a saga whose services were away too long', otherwise(timedOut, 'runs out of time', 2), /^out of time/],
  ])('has %s', (_, order, says) => {
    expect(endOf(order)).toMatch(says);
  });

  test.each([
    ['a payment that failed two steps after the kill', otherwise(TURNED, 'completes', 2)],
    [
      'a payment that failed though only the host was killed',
      otherwise(TURNED, 'completes', 3, { victim: 'host' }),
    ],
    ['a refund that was cut off before it was due', otherwise(ASKED, 'the carrier refuses', 3)],
    ['a cancel that nobody sends', otherwise(CANCELLED, 'completes', 2)],
    ['a cancel before the call at which it is sent', otherwise(CANCELLED, 'cancelled during ship', 2)],
    [
      'an order that completes though its cancel was not refused',
      otherwise(DONE, 'cancelled during charge', 3),
    ],
    [
      'a payment that was declined',
      otherwise(accountOf([...RESERVED, paymentDeclined, ...BACK, failed], UNDONE), 'completes', 3),
    ],
    [
      'a cancel that was stored before the kill and refused after it',
      otherwise(DONE, 'cancelled during charge', 3, {
        cancelAnswer: 409,
        before: seenAfter(CANCELLED, 4),
      }),
    ],
    [
      'a saga out of time that had shipped',
      otherwise(timedOut, 'runs out of time', 2, { before: seenAfter(DONE, 5) }),
    ],
    ['a saga out of time that has time', otherwise(timedOut, 'completes', 2)],
    [
      'a saga out of time because its host was away',
      otherwise(timedOut, 'runs out of time', 2, { victim: 'host' }),
    ],
  ])('has not %s', (_, order) => {
    expect(endOf(order)).toBeUndefined();
  });
});

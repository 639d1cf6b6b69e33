// The crash matrix's judge of orders about which people decide: accounts with an approval or a return add up, and each thing
// that may be wrong with them is seen. And its people: they act when they are asked, and no other time.
import type { EventEnvelope } from '../../src/domain/event-envelope';
import { fold, type Order } from '../../src/domain/order';
import type { OrderFact } from '../../src/domain/order-events';
import { toEnvelope } from '../../src/events/envelope';
import { accountProblems, type Account } from '../../tools/crash/account';
import { returnProblems } from '../../tools/crash/account-returns';
import { imbalance } from '../../tools/crash/end';
import { matrixOrder } from '../../tools/crash/orders';
import { actProblems, isAtRest, nextAct } from '../../tools/crash/people';
import { SCENARIOS, type Scenario } from '../../tools/crash/scenarios';
import type { Effect } from '../../tools/crash/system';
import { AT, created, facts, ORDER_ID, orderRequest, started } from '../support/orders';

const { stockReserved, paymentProcessed, shipmentCreated, stockConfirmed, completed } = facts;
const { compensationStarted, paymentRefunded, stockReleased, cancelled } = facts;

const ASKED = { ...{ step: 'ApproveOrder', attempts: 1, lastError: null }, nextStep: 'CreateShipment' };
const approvalRequested: OrderFact = {
  type: 'ApprovalRequested',
  data: { ...ASKED, limitMinor: 10_000, expiresAt: AT },
};
const approved: OrderFact = {
  type: 'OrderApproved',
  data: { ...ASKED, automatic: false, answeredBy: 'approver', reason: null },
};
const rejected: OrderFact = {
  type: 'ApprovalRejected',
  data: {
    ...{ step: 'ApproveOrder', attempts: 1, lastError: null, code: 'APPROVAL_REJECTED' },
    ...{ detailCode: 'REJECTED', reason: 'too much', answeredBy: 'approver' },
  },
};
const TERMS = { required: true, limitMinor: 10_000, timeoutMs: 1_000, whenUnanswered: 'reject' } as const;

const OF_RETURN = { returnNumber: 1, attempts: 1, lastError: null };
const PART = { charge: 'ProcessPayment', amountMinor: 4_999 };
const REQUESTED: readonly OrderFact[] = [
  {
    type: 'ReturnRequested',
    data: {
      ...{ returnNumber: 1, definitionVersion: 1, reason: 'x', requestedBy: 'customer' },
      lines: [{ productId: 'prod-001', quantity: 2, unitPriceMinor: 4_999 }],
      ...{ requestKey: 'key', requestHash: 'hash' },
    },
  },
  { type: 'ReturnAuthorised', data: { ...OF_RETURN, step: 'AuthoriseReturn', parcelDueAt: AT } },
];
const RECEIVED: readonly OrderFact[] = [
  ...REQUESTED,
  { type: 'ReturnReceived', data: { returnNumber: 1, receivedBy: 'operator' } },
];
const INSPECTED: readonly OrderFact[] = [
  ...RECEIVED,
  {
    type: 'ReturnInspected',
    data: {
      ...{ returnNumber: 1, inspectedBy: 'operator', amountMinor: 4_999, refunds: [PART] },
      lines: [{ productId: 'prod-001', accepted: 1, damaged: 0 }],
    },
  },
];
const CLOSED: readonly OrderFact[] = [
  ...INSPECTED,
  { type: 'ReturnRefunded', data: { ...OF_RETURN, ...PART, step: 'RefundReturn', refundId: 'rfd_1' } },
  { type: 'ReturnRestocked', data: { ...OF_RETURN, step: 'RestockItems', quantity: 1 } },
  { type: 'ReturnClosed', data: { returnNumber: 1 } },
];
const returnRejected: OrderFact = {
  type: 'ReturnRejected',
  data: {
    ...{ returnNumber: 1, kind: 'cancelled', code: 'RETURN_REJECTED' },
    ...{ detailCode: 'CANCEL_REQUESTED', reason: 'the return was cancelled' },
  },
};

const PIECES = 7;
const LINES: Readonly<Record<string, Partial<Effect>>> = {
  stockReserved: { key: 'ReserveInventory', reference: 'res_1', quantity: PIECES },
  stockReleased: { key: 'ReserveInventory', reference: 'res_1', quantity: PIECES },
  stockConfirmed: { key: 'ReserveInventory', reference: 'res_1', quantity: PIECES },
  charged: { key: 'ProcessPayment', reference: 'txn_1', amount: orderRequest.totalMinor },
  refunded: { key: 'ProcessPayment', reference: 'txn_1', amount: orderRequest.totalMinor },
  shipmentCreated: { key: 'CreateShipment', reference: 'trk_1' },
};
const effect = (name: string, more: Partial<Effect> = LINES[name] ?? {}): Effect => ({
  ...{ effect: name, orderId: ORDER_ID, at: AT, customerId: 'cust-1', reference: '' },
  ...more,
  key: `${ORDER_ID}:${more.key ?? ''}`,
});
const ALL = ['stockReserved', 'charged', 'shipmentCreated', 'stockConfirmed'].map((name) => effect(name));
const UNDONE = ['stockReserved', 'charged', 'refunded', 'stockReleased'].map((name) => effect(name));
const refund = effect('refunded', { key: 'return:1:RefundReturn', reference: 'txn_1', amount: 4_999 });
const restock = effect('restocked', { key: 'return:1:RestockItems', reference: 'rst_1', quantity: 1 });

function accountOf(told: readonly OrderFact[], effects: readonly Effect[]): Account {
  const about = { orderId: ORDER_ID, tenantId: 'default', correlationId: 'corr-1', traceparent: '' };
  const asked = told.includes(approvalRequested) ? { approval: TERMS } : {};
  const first: OrderFact = { ...created, data: { ...created.data, ...asked } };
  const stream: readonly EventEnvelope[] = [first, ...told].map((fact, index) =>
    toEnvelope(about, fact, index + 1, { actor: 'test', occurredAt: AT, key: null }),
  );
  const order = fold(ORDER_ID, stream) as Order;
  return { order, stream, effects, before: null, cancelAnswer: undefined };
}

const PAID = [started, stockReserved, paymentProcessed];
const BACK = [compensationStarted, paymentRefunded, stockReleased, cancelled];
const SHIPPED = [shipmentCreated, stockConfirmed, completed];
const DONE = [...PAID, ...SHIPPED];
const APPROVED = accountOf([...PAID, approvalRequested, approved, ...SHIPPED], ALL);
const REJECTED = accountOf([...PAID, approvalRequested, rejected, ...BACK], UNDONE);
const RETURNED = accountOf([...DONE, ...CLOSED], [...ALL, refund, restock]);
const KEPT = accountOf([...DONE, ...RECEIVED, returnRejected], ALL);

const problemsOf = (account: Account): readonly string[] => [
  ...accountProblems(account),
  ...returnProblems(account),
];

test.each([
  ['is approved', APPROVED],
  ['is rejected', REJECTED],
  ['comes back in part', RETURNED],
  ['has a return that was cancelled', KEPT],
])('the account of an order that %s adds up', (_, account) => {
  expect(problemsOf(account)).toEqual([]);
});

test.each<readonly [what: string, says: RegExp, account: Account]>([
  [
    'a shipment without the answer that was asked for',
    /no saga writes/,
    accountOf([...PAID, approvalRequested, ...SHIPPED], ALL),
  ],
  [
    'a shipment of what was rejected',
    /no saga writes/,
    accountOf([...PAID, approvalRequested, rejected, ...SHIPPED], ALL),
  ],
  ['a second answer', /no saga writes/, accountOf([...PAID, approvalRequested, approved, rejected], ALL)],
  [
    'a rejected order that does not end cancelled',
    /it is completed, and its approval was rejected/,
    accountOf([...PAID, approvalRequested, rejected, ...SHIPPED], ALL),
  ],
  [
    'a return of an order that is on its way',
    /before the order is completed/,
    accountOf([...PAID, ...CLOSED], ALL),
  ],
  ['a refund that never came', /given back/, { ...RETURNED, effects: [...ALL, restock] }],
  ['a refund that came twice', /given back/, { ...RETURNED, effects: [...ALL, refund, refund, restock] }],
  [
    'a refund of another amount',
    /given back/,
    { ...RETURNED, effects: [...ALL, { ...refund, amount: 1 }, restock] },
  ],
  [
    'a refund of another charge',
    /given back/,
    { ...RETURNED, effects: [...ALL, { ...refund, reference: 'txn_2' }, restock] },
  ],
  ['pieces that are not restocked', /restocked/, { ...RETURNED, effects: [...ALL, refund] }],
  [
    'damaged pieces on the shelf',
    /restocked/,
    { ...RETURNED, effects: [...ALL, refund, { ...restock, quantity: 2 }] },
  ],
  ['a refund of a cancelled return', /given back/, { ...KEPT, effects: [...ALL, refund] }],
  [
    'a refund of no return',
    /refunded of no return/,
    { ...KEPT, effects: [...ALL, { ...refund, key: `${ORDER_ID}:return:2:RefundReturn` }] },
  ],
  [
    'more given back than was charged',
    /more is given back/,
    { ...RETURNED, effects: [...ALL, { ...refund, amount: 15_000 }, restock] },
  ],
  ['a return that stays open', /no return writes/, accountOf([...DONE, ...INSPECTED], ALL)],
])('%s is seen', (_, says, account) => {
  expect(problemsOf(account)).toContainEqual(expect.stringMatching(says));
});

test('the effects of a completed order are in balance whatever its return gave back', () => {
  const { order, effects } = RETURNED;
  expect(imbalance({ order } as never, effects)).toBeUndefined();
  expect(imbalance({ order } as never, [...effects, effect('refunded')])).toMatch(/is completed with/);
});

const scenarioWith = (more: Partial<Scenario>): Scenario => ({ ...(SCENARIOS[0] as Scenario), ...more });
const RETURNS = { quantity: 2, accepted: 1, damaged: 0 };

test.each<readonly [act: string | undefined, scenario: Partial<Scenario>, told: readonly OrderFact[]]>([
  ['approve', { approval: 'approve' }, [...PAID, approvalRequested]],
  ['reject', { approval: 'reject' }, [...PAID, approvalRequested]],
  [undefined, { approval: 'nobody' }, [...PAID, approvalRequested]],
  [undefined, { approval: 'approve' }, PAID],
  [undefined, {}, DONE],
  [undefined, { returns: RETURNS }, PAID],
  ['request', { returns: RETURNS }, DONE],
  ['receive', { returns: RETURNS }, [...DONE, ...REQUESTED]],
  ['inspect', { returns: RETURNS }, [...DONE, ...RECEIVED]],
  ['cancel', { returns: { ...RETURNS, isCancelled: true } }, [...DONE, ...RECEIVED]],
  [undefined, { returns: RETURNS }, [...DONE, ...CLOSED]],
])('people are asked to %s an order, or nothing, by what is stored of it', (act, scenario, told) => {
  expect(nextAct(scenarioWith(scenario), accountOf(told, []).order)).toBe(act);
});

test('a saga is at rest when the last that it did is to arm a timer', () => {
  const history = (...types: readonly string[]) => ({
    runtimeStatus: 'Running',
    historyEvents: types.map((EventType) => ({ EventType, Timestamp: AT })),
  });
  expect(isAtRest(history('ExecutionStarted', 'TaskCompleted', 'TimerCreated'))).toBe(true);
  expect(isAtRest(history('TimerCreated', 'OrchestratorCompleted'))).toBe(true);
  expect(isAtRest(history('TimerCreated', 'EventRaised'))).toBe(false);
  expect(isAtRest(undefined)).toBe(false);
});

test('an act that was refused, or never answered, is a problem', () => {
  const order = matrixOrder(scenarioWith({}), 'key');
  order.acts.set('approve', { sinceMs: 0, answer: 409 });
  order.acts.set('receive', { sinceMs: 0, answer: 202 });
  expect(actProblems(order)).toEqual([]);
  order.acts.set('inspect', { sinceMs: 0, answer: 409 });
  order.acts.set('request', { sinceMs: 0, answer: null });
  expect(actProblems(order)).toEqual(['inspect was answered with 409', 'request was answered with nothing']);
});

// Invariants of a chaos run about what people decide hold where approvals and returns went well, and fail for each thing that
// they watch.
import { evolve } from '../../src/domain/order';
import type { OrderFact } from '../../src/domain/order-events';
import { approvals, returnsGiveBack, returnsKeepTheirWord } from '../../tools/chaos/invariants-people';
import { moneyBalances, stockBalances } from '../../tools/chaos/invariants-effects';
import { effect, GOOD, LEDGER, orderOf } from '../../tools/chaos/facts-example';
import type { Effect, Facts } from '../../tools/chaos/facts';
import type { SentReturn } from '../../tools/chaos/sent';

const RECORD = { returnNumber: 1, attempts: 1, lastError: null };
const DONE = orderOf('done');
const LINE = DONE.lines[0] ?? { productId: '', quantity: 0, unitPriceMinor: 0 };
const AMOUNT = Math.floor((DONE.amountDueMinor * LINE.unitPriceMinor) / DONE.totalMinor);
const ITEM = { productId: LINE.productId, quantity: 2, unitPriceMinor: LINE.unitPriceMinor };

/** Two pieces are sent back, one is accepted, and it is not damaged. */
const REQUESTED: readonly OrderFact[] = [
  {
    type: 'ReturnRequested',
    data: {
      ...{ returnNumber: 1, definitionVersion: 1, lines: [ITEM], reason: 'x', requestedBy: 'customer' },
      ...{ requestKey: null, requestHash: '' },
    },
  },
  {
    type: 'ReturnAuthorised',
    data: { ...RECORD, step: 'AuthoriseReturn', parcelDueAt: '2026-02-01T00:00:00.000Z' },
  },
  { type: 'ReturnReceived', data: { returnNumber: 1, receivedBy: 'operator' } },
];
const INSPECTED: OrderFact = {
  type: 'ReturnInspected',
  data: {
    ...{ returnNumber: 1, inspectedBy: 'operator', amountMinor: AMOUNT },
    lines: [{ productId: LINE.productId, accepted: 1, damaged: 0 }],
    refunds: [{ charge: 'ProcessPayment', amountMinor: AMOUNT }],
  },
};
const CLOSED: readonly OrderFact[] = [
  {
    type: 'ReturnRefunded',
    data: { ...RECORD, step: 'RefundReturn', charge: 'ProcessPayment', amountMinor: AMOUNT, refundId: 'r' },
  },
  { type: 'ReturnRestocked', data: { ...RECORD, step: 'RestockItems', quantity: 1 } },
  { type: 'ReturnClosed', data: { returnNumber: 1 } },
];

const orderWith = (...more: readonly OrderFact[]) =>
  more.reduce(
    (order, fact) => evolve(order, { ...fact, sequence: order.version + 1, occurredAt: order.updatedAt }),
    DONE,
  );

const refund = {
  ...effect('done', 'refunded', 'return:1:RefundReturn', AMOUNT),
  reference: LEDGER.find(({ effect: name }) => name === 'charged')?.reference ?? '',
};
const restock = effect('done', 'restocked', 'return:1:RestockItems');
const SENT: SentReturn = { number: 1, inspections: [202], cancels: [409] };

function factsOf(
  facts: readonly OrderFact[],
  {
    ledger = [...LEDGER, refund, restock],
    sent = [SENT],
  }: { ledger?: Facts['ledger']; sent?: SentReturn[] } = {},
): Facts {
  return {
    ...GOOD,
    orders: [orderWith(...facts), ...GOOD.orders.slice(1)],
    ledger,
    sent: GOOD.sent.map((one) => (one.planned.key === 'done' ? { ...one, returns: sent } : one)),
    stock: [{ productId: LINE.productId, supplied: 10, onHand: 9, reserved: 0 }],
  };
}

const RETURNED = [...REQUESTED, INSPECTED, ...CLOSED];
const all = (facts: Facts): string[] =>
  [returnsKeepTheirWord, returnsGiveBack, moneyBalances, stockBalances].flatMap((check) => check(facts));

test('a return that gave back and restocked what was accepted violates nothing', () => {
  expect(all(factsOf(RETURNED))).toEqual([]);
});

test.each<readonly [what: string, facts: Facts, says: string]>([
  ['nothing was given back', factsOf(RETURNED, { ledger: [...LEDGER, restock] }), 'and 0 was given back'],
  [
    'it was given back twice',
    factsOf(RETURNED, { ledger: [...LEDGER, refund, { ...refund, key: `${refund.key}:2` }, restock] }),
    `and ${2 * AMOUNT} was given back`,
  ],
  [
    'more was given back than the charge took',
    factsOf(RETURNED, { ledger: [...LEDGER, { ...refund, reference: 'other' }, restock] }),
    'was refunded, and 0 charged',
  ],
  ['it was not restocked', factsOf(RETURNED, { ledger: [...LEDGER, refund] }), 'and was not restocked'],
  ['it is still open', factsOf([...REQUESTED, INSPECTED]), 'return 1 is still inspected'],
  [
    'its cancel was accepted and it closed',
    factsOf(RETURNED, { sent: [{ ...SENT, cancels: [202] }] }),
    'its cancel was answered 202',
  ],
  [
    'its inspection was refused and is there',
    factsOf(RETURNED, { sent: [{ ...SENT, inspections: [409] }] }),
    'its inspection was answered 409',
  ],
  ['it was requested once and is there twice', factsOf(RETURNED, { sent: [] }), '1 returns of 0 requested'],
])('a return is a violation where %s', (_, facts, says) => {
  expect(all(facts)).toContainEqual(expect.stringContaining(says));
});

test('a return that waits for an operator is no violation, and its money is left to him', () => {
  const data = { step: 'RefundReturn', attempts: 8, lastError: null, returnNumber: 1 };
  const asked: OrderFact = {
    type: 'InterventionOpened',
    data: { ...data, code: 'RETURN_FAILED', detailCode: 'REFUND_REFUSED', reason: 'refused' },
  };
  expect(all({ ...factsOf([...REQUESTED, INSPECTED, asked], { ledger: LEDGER }), stock: [] })).toEqual([]);
});

const answering = (
  approval: 'approve' | 'reject' | 'nobody',
  answers: number[],
  more: object = {},
): Facts => ({
  ...GOOD,
  orders: [{ ...DONE, ...more }, ...GOOD.orders.slice(1)],
  sent: GOOD.sent.map((one) =>
    one.planned.key === 'done' ? { ...one, planned: { ...one.planned, approval }, approvals: answers } : one,
  ),
});
const answeredWith = (kind: 'approved' | 'rejected') => ({
  saga: {
    ...DONE.saga,
    approval: {
      ...{ requestedAt: '', expiresAt: '', limitMinor: 1, nextStep: null },
      answer: { kind, by: 'operator', at: '', reason: null },
    },
  },
});

test.each([
  [0, 'an approved order completed', answering('approve', [202], answeredWith('approved'))],
  [
    0,
    'a rejected one is cancelled',
    answering('reject', [202], { ...answeredWith('rejected'), status: 'cancelled' }),
  ],
  [1, 'one that nobody answered completed', answering('nobody', [])],
  [1, 'a rejected one completed', answering('reject', [202], answeredWith('rejected'))],
  [1, 'an approval that was taken is not there', answering('approve', [202], { status: 'failed' })],
])('there are %i violations where %s', (times, _, facts) => {
  expect(approvals(facts)).toHaveLength(times);
});

describe('a confirmation that was made and not recorded before the order was turned back', () => {
  const confirmed: Effect = effect('cancelled', 'stockConfirmed', 'ReserveInventory');
  const ledger = LEDGER.flatMap((line) =>
    line.orderId === 'id-cancelled' && line.effect === 'stockReleased' ? [confirmed, line] : [line],
  );
  const judged = (physicalCount: number): readonly string[] => {
    const orders = GOOD.orders.map((order) =>
      order.orderId === 'id-cancelled' ? { ...order, physicalCount } : order,
    );
    return [...moneyBalances({ ...GOOD, orders, ledger }), ...stockBalances({ ...GOOD, orders, ledger })];
  };

  test('is taken back with the reservation where nothing is shipped', () => {
    expect(judged(0)).toEqual([]);
  });

  test('is wrong where something is shipped: there a confirmation stands', () => {
    expect(judged(1)).toEqual([expect.stringContaining('stockConfirmed')]);
  });
});

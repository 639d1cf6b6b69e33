// Rules of the approval in an order's stream: what may follow what, and that one answer counts.
import fc from 'fast-check';
import { approvalOf, lacksApproval, rejectionOf } from '../../../src/domain/approval';
import { evolve, type OrderHead } from '../../../src/domain/order';
import { refusal, takenFacts, takenWhole } from '../../../src/domain/order-rules';
import type { OrderFact } from '../../../src/domain/order-events';
import { AT, created, facts, orderAfter, ORDER_ID, started, streamOf } from '../../support/orders';
import { createOrder } from '../../../src/domain/order';

const terms = { required: true, limitMinor: 10_000, timeoutMs: 1_000, whenUnanswered: 'reject' } as const;
const requested: OrderFact = {
  type: 'ApprovalRequested',
  data: {
    ...{ step: 'ApproveOrder', attempts: 1, lastError: null, nextStep: 'CreateShipment' },
    ...{ limitMinor: 10_000, expiresAt: AT },
  },
};

/** An order above the limit of which `more` has happened. */
function above(...more: readonly OrderFact[]): OrderHead {
  const first = { ...created, data: { ...created.data, approval: terms } };
  const paid = [started, facts.stockReserved, facts.paymentProcessed, ...more];
  const [opened, ...rest] = streamOf(first, ...paid);
  if (opened?.type !== 'OrderCreated') throw new Error('no order');
  return rest.reduce<OrderHead>(evolve, createOrder(ORDER_ID, opened));
}

const approvedBy = (order: OrderHead, by: string): readonly OrderFact[] => [
  approvalOf(order, { by, reason: null }),
];
const rejectedBy = (by: string): readonly OrderFact[] =>
  rejectionOf({ by, code: 'APPROVAL_REJECTED', detailCode: 'REJECTED_BY_APPROVER', reason: 'no' });

const after = (order: OrderHead, more: readonly OrderFact[]): OrderHead =>
  more.reduce<OrderHead>(
    (state, fact) => evolve(state, { ...fact, sequence: state.version + 1, occurredAt: AT }),
    order,
  );

describe('an order above the limit', () => {
  test('is not shipped until it is approved', () => {
    const asked = above(requested);
    expect(refusal(above(), facts.shipmentCreated)).toBe('the order is not approved');
    expect(refusal(asked, facts.shipmentCreated)).toMatch(/may not follow in status awaitingApproval/);
    const approved = after(asked, approvedBy(asked, 'anna'));
    expect(refusal(approved, facts.shipmentCreated)).toBeUndefined();
    expect(approved).toMatchObject({
      status: 'approved',
      saga: { currentStep: 'CreateShipment', approval: { answer: { kind: 'approved', by: 'anna', at: AT } } },
    });
    expect(approved.saga.completedSteps).toContain('ApproveOrder');
  });

  test('is asked for once, and not after a cancel', () => {
    expect(refusal(above(requested), requested)).toBe('approval was asked for before');
    expect(refusal(above(facts.cancelRequested), requested)).toBe('cancel was requested before');
    expect(refusal(orderAfter(started, facts.stockReserved, facts.paymentProcessed), requested)).toBe(
      'the order needs no approval',
    );
  });

  test('ends cancelled though no cancel was requested, once it is rejected and undone', () => {
    const rejected = after(above(requested), rejectedBy('ben'));
    expect(rejected).toMatchObject({ status: 'compensating', saga: { failedStep: 'ApproveOrder' } });
    const end: OrderFact = { type: 'OrderCancelled', data: facts.cancelled.data };
    expect(refusal(rejected, end)).toMatch(/is not undone/);
    const undone = after(rejected, [facts.paymentRefunded, facts.stockReleased]);
    expect(refusal(undone, end)).toBeUndefined();
    expect(refusal(above(requested), { type: 'CompensationStarted', data: facts.cancelled.data })).toBe(
      'no cancel was requested',
    );
  });

  test('S24: may be undone after it was approved: the approval is nothing to take back', () => {
    const asked = above(requested);
    const cancelled = after(asked, [
      ...approvedBy(asked, 'anna'),
      ...[facts.cancelRequested, facts.compensationStarted, facts.paymentRefunded, facts.stockReleased],
    ]);
    expect(refusal(cancelled, facts.cancelled)).toBeUndefined();
  });

  test('a rejection that comes too late is taken in no part', () => {
    const asked = above(requested);
    const approved = after(asked, approvedBy(asked, 'anna'));
    expect(takenFacts(approved, rejectedBy('ben'))).toEqual([]);
    expect(takenWhole(above(), rejectedBy('ben'))).toEqual([]);
  });
});

test('S15: however answers, time-out and cancel follow one another, the first counts and no other is taken', () => {
  const answer = fc.constantFrom('anna', 'ben', 'timeout', 'cancel');
  fc.assert(
    fc.property(fc.array(fc.tuple(answer, fc.boolean()), { minLength: 1, maxLength: 8 }), (incoming) => {
      let order = above(requested);
      const taken: string[] = [];
      for (const [by, approves] of incoming) {
        const told =
          by === 'cancel'
            ? takenFacts(order, [facts.cancelRequested])
            : takenWhole(order, approves ? approvedBy(order, by) : rejectedBy(by));
        if (told.length > 0 && by !== 'cancel') taken.push(by);
        order = after(order, told);
      }
      const first = incoming[0]?.[0];
      expect(taken).toEqual(first === 'cancel' ? [] : [first]);
      expect(order.saga.approval?.answer?.by).toBe(taken[0]);
      expect(lacksApproval(order)).toBe(order.saga.approval?.answer?.kind !== 'approved');
    }),
  );
});

// Shares of what is due among the payments of an order, and what may be charged and refunded of each.
import fc from 'fast-check';
import { couponRefusal } from '../../../src/domain/coupon';
import { refusal, takenFacts } from '../../../src/domain/order-rules';
import type { OrderFact, RequestedPayment } from '../../../src/domain/order-events';
import { isCharged, isPaid, paymentsOf, refundRefusal, shareOut } from '../../../src/domain/payments';
import { facts, orderOf, started, withCoupon } from '../../support/orders';

const part = fc.record({
  method: fc.constant('card'),
  amountMinor: fc.oneof(fc.constant(null), fc.integer({ min: 1, max: 10_000 })),
});
/** Parts as they are taken from a request over `totalMinor`, and what a coupon leaves of it. */
const purchase = fc
  .record({
    parts: fc.array(part, { maxLength: 4 }),
    moreMinor: fc.nat(5_000),
    leaves: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ parts, moreMinor, leaves }) => {
    const rest = parts.findIndex(({ amountMinor }) => amountMinor === null);
    const hasRest = rest >= 0;
    const requested = parts.filter(({ amountMinor }, index) => amountMinor !== null || index === rest);
    const fixedMinor = requested.reduce((sum, { amountMinor }) => sum + (amountMinor ?? 0), 0);
    const totalMinor = fixedMinor + (hasRest || requested.length === 0 ? moreMinor : 0);
    return { requested, totalMinor, dueMinor: Math.floor(totalMinor * leaves) };
  });
const sum = (payments: readonly { amountMinor: number }[]): number =>
  payments.reduce((all, { amountMinor }) => all + amountMinor, 0);

describe('the payments of an order', () => {
  test('add up to the total, and to what the coupon leaves of it when one can take the rest', () => {
    fc.assert(
      fc.property(purchase, ({ requested, totalMinor, dueMinor }) => {
        const payments = paymentsOf(requested, totalMinor);
        expect(sum(payments)).toBe(totalMinor);
        const after = shareOut(payments, dueMinor);
        expect(sum(after)).toBe(dueMinor);
        expect(after).toHaveLength(payments.length);
        after.forEach(({ amountMinor }, index) => {
          expect(amountMinor).toBeGreaterThanOrEqual(0);
          expect(amountMinor).toBeLessThanOrEqual(payments[index]?.amountMinor ?? 0);
        });
      }),
    );
  });

  test('always have one that is charged, also when nothing is due', () => {
    fc.assert(
      fc.property(purchase, ({ requested, totalMinor, dueMinor }) => {
        const after = shareOut(paymentsOf(requested, totalMinor), dueMinor);
        const charged = after.filter((_, index) => isCharged(after, index));
        expect(charged.length).toBeGreaterThan(0);
        expect(sum(charged)).toBe(dueMinor);
      }),
    );
  });

  test.each<[string, readonly (number | null)[], number, readonly number[]]>([
    ['the rest takes the whole discount', [5_000, null], 13_494, [5_000, 8_494]],
    [
      'a discount larger than the rest takes from the last amount',
      [5_000, 9_000, null],
      13_494,
      [5_000, 8_494, 0],
    ],
    ['a rest that stands first is asked for last', [null, 5_000], 4_000, [0, 4_000]],
    ['nothing is due', [5_000, null], 0, [0, 0]],
  ])('%s', (_, amounts, dueMinor, shares) => {
    const requested = amounts.map((amountMinor): RequestedPayment => ({ method: 'card', amountMinor }));
    const after = shareOut(paymentsOf(requested, 14_993), dueMinor);
    expect(after.map(({ amountMinor }) => amountMinor)).toEqual(shares);
  });

  test('an order without payments has one over its total; a token is not in it', () => {
    expect(paymentsOf([], 14_993)).toEqual([
      { method: 'card', amountMinor: 14_993, transactionId: null, refundedMinor: 0, takesRest: true },
    ]);
    const order = orderOf(withCoupon);
    expect(JSON.stringify(order)).not.toContain('tok_1');
    expect(order.payments[1]).toMatchObject({ hasToken: true });
  });
});

describe('S16: what may be charged and refunded', () => {
  const paid = (n: number, amountMinor: number): OrderFact => ({
    type: 'PaymentProcessed',
    data: {
      ...facts.paymentProcessed.data,
      step: `ProcessPayment:${n}`,
      transactionId: `txn_${n}`,
      amountMinor,
    },
  });
  const refunded = (n: number, amountMinor: number): OrderFact => ({
    type: 'PaymentRefunded',
    data: { ...facts.paymentRefunded.data, undoes: `ProcessPayment:${n}`, amountMinor },
  });
  const before = [started, facts.stockReserved, facts.couponApplied];

  test('a charge is over the amount that was fixed before, and over no other', () => {
    const order = orderOf(withCoupon, ...before);
    expect(refusal(order, paid(2, 8_494))).toBeUndefined();
    expect(refusal(order, paid(2, 9_993))).toBe('ProcessPayment:2 is over 8494, not over 9993');
    expect(refusal(order, paid(3, 1))).toBe('the order has no payment for ProcessPayment:3');
  });

  test('nothing is charged while the coupon is pending', () => {
    const order = orderOf(withCoupon, started, facts.stockReserved);
    expect(refusal(order, paid(1, 5_000))).toMatch(/the coupon is pending/);
  });

  test('a charge is not refunded twice, nor by more than it is over', () => {
    const back = orderOf(withCoupon, ...before, paid(1, 5_000), paid(2, 8_494), facts.compensationStarted);
    expect(refusal(back, refunded(1, 5_001))).toBe(
      '5001 would be refunded of a charge of which 5000 is left',
    );
    expect(refusal(back, refunded(1, 5_000))).toBeUndefined();
    expect(back.payments.map((payment) => refundRefusal(payment, 8_494) === undefined)).toEqual([
      false,
      true,
    ]);
  });

  test('per charge: whatever is asked for in whatever order, no more is refunded than was charged', () => {
    const asked = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.integer({ min: 1, max: 9_000 })), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(asked, (refunds) => {
        const back = [...before, paid(1, 5_000), paid(2, 8_494), facts.compensationStarted];
        const told = takenFacts(
          orderOf(withCoupon, ...back),
          refunds.map(([n, amountMinor]) => refunded(n, amountMinor)),
        );
        for (const { amountMinor, refundedMinor } of orderOf(withCoupon, ...back, ...told).payments)
          expect(refundedMinor).toBeLessThanOrEqual(amountMinor);
      }),
    );
  });

  test('a split payment is told of when its last part is charged', () => {
    const split: OrderFact = {
      type: 'SplitPaymentProcessed',
      data: { amountMinor: 13_494, transactionIds: [] },
    };
    expect(refusal(orderOf(withCoupon, ...before, paid(1, 5_000)), split)).toMatch(/is not charged/);
    const order = orderOf(withCoupon, ...before, paid(1, 5_000), paid(2, 8_494));
    expect([isPaid(order.payments), refusal(order, split)]).toEqual([true, undefined]);
  });
});

describe('the coupon of an order', () => {
  const reserved = [started, facts.stockReserved];

  test('takes its discount off what is due, and leaves the total', () => {
    expect(orderOf(withCoupon, ...reserved, facts.couponApplied)).toMatchObject({
      ...{ totalMinor: 14_993, discountMinor: 1_499, amountDueMinor: 13_494 },
      coupon: { status: 'applied', couponId: 'cpn_1', isPassedOver: false },
      saga: { completedSteps: ['ReserveInventory', 'ApplyCoupon'] },
    });
  });

  test('that is passed over leaves the full price, and the saga at the next step', () => {
    const order = orderOf(withCoupon, ...reserved, facts.couponPassedOver);
    expect(order).toMatchObject({
      ...{ discountMinor: 0, amountDueMinor: 14_993 },
      coupon: { status: 'rejected', detailCode: 'COUPON_EXPIRED', isPassedOver: true },
      saga: { completedSteps: ['ReserveInventory'], failedStep: null, currentStep: 'ProcessPayment' },
    });
    const failed = orderOf(withCoupon, ...reserved, facts.couponRejected);
    expect(failed).toMatchObject({ coupon: { isPassedOver: false }, saga: { failedStep: 'ApplyCoupon' } });
  });

  test('coupon.D1: is decided once, in the currency of the order, and never by more than the total', () => {
    const order = orderOf(withCoupon, ...reserved);
    const applied = (more: object) => ({
      ...facts.couponApplied,
      data: { ...facts.couponApplied.data, ...more },
    });
    expect(refusal(order, facts.couponApplied)).toBeUndefined();
    expect(couponRefusal(order, applied({ discountMinor: 14_994, amountDueMinor: -1 }))).toMatch(
      /does not leave/,
    );
    expect(couponRefusal(order, applied({ amountDueMinor: 13_000 }))).toMatch(/does not leave/);
    expect(couponRefusal(order, applied({ currency: 'EUR' }))).toMatch(/in EUR/);
    expect(couponRefusal(orderOf({}, ...reserved), facts.couponApplied)).toBe('the order has no coupon');
    for (const first of [facts.couponApplied, facts.couponPassedOver])
      for (const second of [facts.couponApplied, facts.couponPassedOver])
        expect(refusal(orderOf(withCoupon, ...reserved, first), second)).toMatch(/^the coupon is /);
  });
});

// Coupon of an order: what came of it, and what is due after it. Pure; folded into the order by order.ts.
//
// coupon.D1  What came of a coupon is told once. It fixes what is due and the payments before the first charge (payments.M1).
import type { CouponFailurePolicy, OrderCreated, OrderEvent, OrderFact } from './order-events';
import { shareOut, type Payment } from './payments';

export interface Coupon {
  readonly code: string;
  /** What a refusal means for the order, as the setting said when the order was placed. */
  readonly onRefusal: CouponFailurePolicy;
  readonly status: 'pending' | 'applied' | 'rejected' | 'cancelled';
  readonly couponId: string | null;
  /** Why it was rejected. */
  readonly detailCode: string | null;
  readonly reason: string | null;
  /** Whether it was rejected and the order goes on at its full price. */
  readonly isPassedOver: boolean;
}

/** The coupon of a new order; null for one without. */
export function couponOf({
  couponCode,
  couponFailurePolicy,
}: Pick<OrderCreated, 'couponCode' | 'couponFailurePolicy'>): Coupon | null {
  if (couponCode === null) return null;
  return {
    ...{ code: couponCode, onRefusal: couponFailurePolicy ?? 'fail', status: 'pending', couponId: null },
    ...{ detailCode: null, reason: null, isPassedOver: false },
  };
}

/** The part of an order that says what is to be paid, and by which payments. */
export interface AmountDue {
  readonly currency: string;
  readonly totalMinor: number;
  /** What the coupon takes off. */
  readonly discountMinor: number;
  /** What is to be paid: the total less the discount. */
  readonly amountDueMinor: number;
  readonly coupon: Coupon | null;
  readonly payments: readonly Payment[];
}

/** The fields of an order that an event about its coupon sets. */
export function couponFields(order: AmountDue, event: OrderEvent): Partial<AmountDue> {
  const { coupon } = order;
  switch (event.type) {
    case 'CouponApplied': {
      const { couponId, discountMinor, amountDueMinor } = event.data;
      return {
        ...{ coupon: coupon && { ...coupon, status: 'applied', couponId }, discountMinor, amountDueMinor },
        payments: shareOut(order.payments, amountDueMinor),
      };
    }
    case 'CouponRejected': {
      const { detailCode, reason, nextStep } = event.data;
      const isPassedOver = nextStep !== null;
      return { coupon: coupon && { ...coupon, status: 'rejected', detailCode, reason, isPassedOver } };
    }
    case 'CouponCancelled':
      return { coupon: coupon && { ...coupon, status: 'cancelled' } };
    default:
      return {};
  }
}

/** Why an event about the coupon may not follow (coupon.D1). */
export function couponRefusal(
  { coupon, totalMinor, currency }: AmountDue,
  fact: OrderFact & { readonly type: 'CouponApplied' | 'CouponRejected' },
): string | undefined {
  if (coupon === null) return 'the order has no coupon';
  if (coupon.status !== 'pending') return `the coupon is ${coupon.status}`;
  if (fact.type === 'CouponRejected') return undefined;
  const { discountMinor, amountDueMinor } = fact.data;
  if (fact.data.currency !== currency)
    return `the discount is in ${fact.data.currency}, the order in ${currency}`;
  return discountMinor > totalMinor || amountDueMinor !== totalMinor - discountMinor
    ? `a discount of ${discountMinor} does not leave ${amountDueMinor} of ${totalMinor}`
    : undefined;
}

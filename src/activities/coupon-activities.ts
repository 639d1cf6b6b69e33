// Activities of an order's coupon: redeem it, and take that back.
import type { OrderHead } from '../domain/order';
import type { OrderFact } from '../domain/order-events';
import type { Refused } from '../domain/outcome';
import type { PromotionService } from '../ports/downstream';
import { standing, undoing } from './looked-up';
import { runStep, runUndo, stepDone, type RefusalRecord } from './step-runner';
import type { OrderActivity, OrderStepInput, StepPorts } from './step-stream';

export function couponActivities(ports: StepPorts & { readonly promotion: PromotionService }): {
  readonly ApplyCoupon: OrderActivity<'ApplyCoupon'>;
  readonly CancelCoupon: OrderActivity<'CancelCoupon'>;
} {
  const { promotion } = ports;
  return {
    ApplyCoupon: (input, log) =>
      runStep(ports, log, input, {
        act: (call) => promotion.redeem(call, input.payload),
        lookUp: async (call) => standing(await promotion.findRedemption(call, call.key), 'redeemed'),
        facts: ({ couponId, ...given }, { totalMinor, currency }) => {
          const discountMinor = Math.min(given.discountMinor, totalMinor);
          const amountDueMinor = totalMinor - discountMinor;
          const data = { ...stepDone(input), couponId, discountMinor, amountDueMinor, currency };
          return [{ type: 'CouponApplied', data }];
        },
        refusal: passedOver(input),
      }),

    CancelCoupon: (input, log) =>
      runUndo(ports, log, input, {
        act: (call) => promotion.cancel(call, input.payload.redemptionKey),
        lookUp: async (call) => undoing(await promotion.findRedemption(call, input.payload.redemptionKey)),
        fact: (undone) => ({ type: 'CouponCancelled', data: undone }),
      }),
  };
}

/** A refused coupon where the order goes on at its full price. */
function passedOver(input: OrderStepInput<unknown>): RefusalRecord {
  return {
    facts: ({ detailCode, reason }: Refused, { coupon }: OrderHead): readonly OrderFact[] => {
      if (coupon?.onRefusal !== 'continue') return [];
      const failed = { ...stepDone(input), code: 'COUPON_ERROR', detailCode, reason };
      return [{ type: 'CouponRejected', data: failed }];
    },
    recorded: ({ coupon }) =>
      coupon?.isPassedOver === true
        ? { kind: 'refused', detailCode: coupon.detailCode ?? '', reason: coupon.reason ?? '' }
        : null,
  };
}

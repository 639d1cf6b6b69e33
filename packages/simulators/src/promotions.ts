// Simulated promotion service: checks a coupon and uses it in one call, once per key, and gives the use back on request.
import { z } from 'zod';
import type { Coupons } from './coupons';
import { createKeys, decideToDo, decideToUndo, idOf, lookUpByKey, refuseForGood } from './keys';
import type { Effect, Ledger } from './ledger';
import { onBehalfOf, operation, refused, type OnBehalfOf, type Operation } from './operation';
import type { Journal } from 'azure-local/storage/journal';

/** What was redeemed. */
interface Redemption {
  readonly code: string;
  readonly discountMinor: number;
  readonly currency: string;
}

const redemption = onBehalfOf.extend({
  code: z.string().min(1),
  totalMinor: z.int().nonnegative(),
  currency: z.string().length(3),
});

const REFUSALS = {
  redeem: refused(409, 'COUPON_REFUSED', 'The coupon is refused.'),
  cancel: refused(409, 'CANCEL_REFUSED', 'The coupon is not given back.'),
};

/** The routes of the service, below `/promotions`. */
export function createPromotions(
  journal: Journal,
  ledger: Ledger,
  coupons: Coupons,
): Record<string, Operation> {
  const keys = createKeys<Redemption>(journal, 'promotions');

  function record(
    effect: Effect,
    key: string,
    { orderId, customerId }: OnBehalfOf,
    { discountMinor: amount, currency }: Redemption,
  ): void {
    const reference = couponIdOf(key);
    ledger.record({ service: 'promotions', effect, orderId, customerId, key, reference, amount, currency });
  }

  const redeem = operation('redeem', redemption, {
    decide({ key, body }) {
      const known = keys.find(key);
      const quoted = known === undefined ? coupons.quote(body) : 0;
      const discountMinor = known !== undefined && 'detail' in known ? known.detail.discountMinor : quoted;
      return decideToDo(keys, key, body, {
        body: { couponId: couponIdOf(key), discountMinor },
        refuse: () => (typeof quoted === 'number' ? undefined : refused(409, quoted.code, quoted.message)),
        effect() {
          if (typeof quoted !== 'number') return;
          const detail = { code: body.code, discountMinor: quoted, currency: body.currency };
          keys.open(key, body, detail);
          coupons.use(key, body);
          record('couponRedeemed', key, body, detail);
        },
      });
    },
    refuse: ({ key, body }) => refuseForGood(keys, key, body, REFUSALS.redeem),
  });

  const cancel = operation('cancel', onBehalfOf, {
    decide: ({ key, body }) =>
      decideToUndo(keys, key, body, {
        refuse: () => undefined,
        effect(made) {
          keys.move(key, 'undone');
          coupons.giveBack(key);
          record('couponCancelled', key, made, made.detail);
        },
      }),
    refuse: () => ({ answer: REFUSALS.cancel }),
  });

  return {
    'POST /redemptions': redeem,
    'GET /redemptions/{key}': lookUpByKey(keys, (key, { state, detail }) => ({
      couponId: couponIdOf(key),
      ...detail,
      status: state === 'undone' ? 'cancelled' : 'redeemed',
    })),
    'POST /redemptions/{key}/cancel': cancel,
  };
}

const couponIdOf = (key: string): string => idOf('cpn', key);

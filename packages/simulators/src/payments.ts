// Simulated payment service: charges once per key, refunds once per charge. Amounts are integer minor units.
import { z } from 'zod';
import { createKeys, decideToDo, decideToUndo, idOf, lookUpByKey, refuseForGood } from './keys';
import type { Effect, Ledger } from './ledger';
import { onBehalfOf, operation, refused, type Answer, type OnBehalfOf, type Operation } from './operation';
import type { Journal } from 'azure-local/storage/journal';

interface Money {
  readonly amountMinor: number;
  readonly currency: string;
}

const charge = onBehalfOf.extend({
  amountMinor: z.int().positive('must be more than 0: there is no charge of nothing'),
  currency: z.string().length(3),
  method: z.string().min(1).optional(),
  token: z.string().min(1).optional(),
});

const REFUSALS = {
  charge: refused(402, 'CARD_DECLINED', 'The card was declined.'),
  refund: refused(409, 'REFUND_REFUSED', 'The refund was refused.'),
};

/** Magic values of the simulation: customers with these prefixes are refused, and so are tokens with the first. */
const DECLINED_PREFIX = 'declined-';
const NO_REFUND_PREFIX = 'norefund-';

/** The routes of the service, below `/payments`. */
export function createPayments(journal: Journal, ledger: Ledger): Record<string, Operation> {
  const keys = createKeys<Money>(journal, 'payments');

  function record(effect: Effect, key: string, { orderId, customerId }: OnBehalfOf, money: Money): void {
    const { amountMinor: amount, currency } = money;
    const reference = transactionIdOf(key);
    ledger.record({ service: 'payments', effect, orderId, customerId, key, reference, amount, currency });
  }

  const chargeOnce = operation('charge', charge, {
    decide({ key, body }) {
      const { customerId, amountMinor, currency, token = '' } = body;
      const known = keys.find(key);
      if (known?.state === 'done' && !isSame(known.detail, body)) {
        return { answer: keyReused(key, known.detail) };
      }
      return decideToDo(keys, key, body, {
        body: { transactionId: transactionIdOf(key), amountMinor },
        refuse: () =>
          [customerId, token].some((text) => text.startsWith(DECLINED_PREFIX)) ? REFUSALS.charge : undefined,
        effect() {
          keys.open(key, body, { amountMinor, currency });
          record('charged', key, body, { amountMinor, currency });
        },
      });
    },
    refuse: ({ key, body }) => refuseForGood(keys, key, body, REFUSALS.charge),
  });

  const refund = operation('refund', onBehalfOf, {
    decide: ({ key, body }) =>
      decideToUndo(keys, key, body, {
        more: { refundId: idOf('rfd', key) },
        refuse: ({ customerId }) => (customerId.startsWith(NO_REFUND_PREFIX) ? REFUSALS.refund : undefined),
        effect(made) {
          keys.move(key, 'undone');
          record('refunded', key, made, made.detail);
        },
      }),
    refuse: () => ({ answer: REFUSALS.refund }),
  });

  return {
    'POST /charges': chargeOnce,
    'GET /charges/{key}': lookUpByKey(keys, (key, { state, detail }) => ({
      transactionId: transactionIdOf(key),
      ...detail,
      status: state === 'undone' ? 'refunded' : 'charged',
    })),
    'POST /charges/{key}/refund': refund,
  };
}

function isSame(one: Money, other: Money): boolean {
  return one.amountMinor === other.amountMinor && one.currency === other.currency;
}

function keyReused(key: string, { amountMinor, currency }: Money): Answer {
  const message = `The key '${key}' has charged ${amountMinor} ${currency} (minor units): another amount needs another key.`;
  return refused(409, 'KEY_REUSED', message);
}

const transactionIdOf = (key: string): string => idOf('txn', key);

// The simulated payment service: charges once per key, refunds once per charge. Amounts are integer minor units.
import { z } from 'zod';
import { createKeys, decideToDo, decideToUndo, idOf, type Deed } from './keys';
import type { Effect, Ledger } from './ledger';
import { lookUp, onBehalfOf, operation, refused, type Answer, type Operation } from './operation';
import type { Journal } from '../storage/journal';

interface Money {
  readonly amountMinor: number;
  readonly currency: string;
}

const charge = onBehalfOf.extend({
  amountMinor: z.int().nonnegative(),
  currency: z.string().length(3),
  method: z.string().min(1).optional(),
});

const REFUSALS = {
  charge: refused(402, 'CARD_DECLINED', 'The card was declined.'),
  refund: refused(409, 'REFUND_REFUSED', 'The refund was refused.'),
};

/** Magic values of the simulation: customers with these prefixes are refused. */
const DECLINED_PREFIX = 'declined-';
const NO_REFUND_PREFIX = 'norefund-';

/** The routes of the service, below `/payments`. */
export function createPayments(journal: Journal, ledger: Ledger): Record<string, Operation> {
  const keys = createKeys<Money>(journal, 'payments');

  function record(
    effect: Effect,
    key: string,
    { orderId, customerId, detail }: Omit<Deed<Money>, 'state'>,
  ): void {
    const { amountMinor: amount, currency } = detail;
    const reference = transactionIdOf(key);
    ledger.record({ service: 'payments', effect, orderId, customerId, key, reference, amount, currency });
  }

  const chargeOnce = operation('charge', charge, REFUSALS.charge, ({ key, body }) => {
    const { orderId, customerId, amountMinor, currency } = body;
    const deed = keys.find(key);
    if (deed?.state === 'done' && !isSame(deed.detail, body)) return { answer: keyReused(key, deed.detail) };
    return decideToDo(key, deed, {
      body: { transactionId: transactionIdOf(key), amountMinor },
      refuse: () => (customerId.startsWith(DECLINED_PREFIX) ? REFUSALS.charge : undefined),
      effect() {
        keys.open(key, orderId, customerId, { amountMinor, currency });
        record('charged', key, { orderId, customerId, detail: { amountMinor, currency } });
      },
    });
  });

  const refund = operation('refund', onBehalfOf, REFUSALS.refund, ({ key, body }) =>
    decideToUndo(keys.find(key), {
      undone: { refunded: true, refundId: idOf('rfd', key) },
      nothingToUndo: { refunded: false },
      refuse: ({ customerId }) => (customerId.startsWith(NO_REFUND_PREFIX) ? REFUSALS.refund : undefined),
      effect(deed) {
        keys.move(key, 'undone');
        record('refunded', key, deed);
      },
      close: () => keys.close(key, body.orderId, body.customerId),
    }),
  );

  return {
    'POST /charges': chargeOnce,
    'GET /charges/{key}': lookUp((key) => {
      const deed = keys.find(key);
      if (deed === undefined || deed.state === 'void') return undefined;
      const status = deed.state === 'undone' ? 'refunded' : 'charged';
      return { transactionId: transactionIdOf(key), ...deed.detail, status };
    }),
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

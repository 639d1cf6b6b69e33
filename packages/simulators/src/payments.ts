// Simulated payment service: charges once per key, gives parts of a charge back once per key, and what is left of it once.
// Never more than was charged. Amounts are integer minor units.
import { z } from 'zod';
import {
  createKeys,
  decideToDo,
  decideToDoLater,
  decideToUndo,
  idOf,
  lookUpByKey,
  refuseForGood,
  type Keys,
} from './keys';
import type { Effect, Ledger } from './ledger';
import { onBehalfOf, operation, refused, type Answer, type OnBehalfOf, type Operation } from './operation';
import type { Journal } from 'azure-local/storage/journal';

interface Money {
  readonly amountMinor: number;
  readonly currency: string;
  /** Of a charge: what was given back of it in parts. */
  readonly refundedMinor?: number;
}

const partOfCharge = onBehalfOf.extend({
  chargeKey: z.string().min(1),
  amountMinor: z.int().positive('must be more than 0: there is no refund of nothing'),
  currency: z.string().length(3),
});

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

  /** `chargeKey`: of the charge that it is about. */
  function record(
    effect: Effect,
    key: string,
    { orderId, customerId }: OnBehalfOf,
    { amountMinor: amount, currency }: Money,
    chargeKey = key,
  ): void {
    const reference = transactionIdOf(chargeKey);
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
          const left = leftOf(made.detail);
          if (left > 0) record('refunded', key, made, { ...made.detail, amountMinor: left });
        },
      }),
    refuse: () => ({ answer: REFUSALS.refund }),
  });

  return {
    'POST /charges': chargeOnce,
    'GET /charges/{key}': lookUpByKey(keys, (key, { state, detail }) => ({
      transactionId: transactionIdOf(key),
      amountMinor: detail.amountMinor,
      currency: detail.currency,
      refundedMinor: state === 'undone' ? detail.amountMinor : (detail.refundedMinor ?? 0),
      status: state === 'undone' ? 'refunded' : 'charged',
    })),
    'POST /charges/{key}/refund': refund,
    'POST /refunds': refundingPart(keys, record),
  };
}

type RecordLine = (effect: Effect, key: string, of: OnBehalfOf, money: Money, chargeKey?: string) => void;

/** Gives a part of a charge back. */
function refundingPart(keys: Keys<Money>, record: RecordLine): Operation {
  return operation('refundPart', partOfCharge, {
    decide({ key, body }) {
      const { amountMinor, currency, chargeKey } = body;
      const known = keys.find(key);
      if (known?.state === 'done' && !isSame(known.detail, body)) {
        return { answer: keyReused(key, known.detail, 'given back') };
      }
      return decideToDoLater(keys, key, body, {
        body: { refundId: idOf('rfd', key), amountMinor },
        refuse: () => refusalOfPart(keys, body),
        effect() {
          const made = keys.find(chargeKey);
          if (made?.state !== 'done') return;
          keys.open(key, body, { amountMinor, currency });
          const refundedMinor = (made.detail.refundedMinor ?? 0) + amountMinor;
          keys.rewrite(chargeKey, { ...made.detail, refundedMinor });
          record('refunded', key, made, { amountMinor, currency }, chargeKey);
        },
      });
    },
    refuse: () => ({ answer: REFUSALS.refund }),
  });
}

/** Why a part of the charge under `chargeKey` is not given back; undefined when it is. */
function refusalOfPart(
  keys: Keys<Money>,
  { chargeKey, amountMinor, currency, customerId }: z.infer<typeof partOfCharge>,
): Answer | undefined {
  if (customerId.startsWith(NO_REFUND_PREFIX)) return REFUSALS.refund;
  const made = keys.find(chargeKey);
  if (made?.state !== 'done' || made.detail.currency !== currency)
    return refused(409, 'NOT_CHARGED', `Nothing in ${currency} stands charged under the key '${chargeKey}'.`);
  const left = leftOf(made.detail);
  return amountMinor > left
    ? refused(409, 'REFUND_EXCEEDS_CHARGE', `${amountMinor} was asked for and ${left} is left of the charge.`)
    : undefined;
}

const leftOf = ({ amountMinor, refundedMinor = 0 }: Money): number => amountMinor - refundedMinor;

function isSame(one: Money, other: Money): boolean {
  return one.amountMinor === other.amountMinor && one.currency === other.currency;
}

function keyReused(key: string, { amountMinor, currency }: Money, what = 'charged'): Answer {
  const message = `The key '${key}' has ${what} ${amountMinor} ${currency} (minor units): another amount needs another key.`;
  return refused(409, 'KEY_REUSED', message);
}

const transactionIdOf = (key: string): string => idOf('txn', key);

// Payments of an order: which part of what is due each of them pays, what was charged, and what was given back. Pure; folded
// into the order by order.ts.
//
// payments.M1  The parts add up to what is due, and are fixed before the first charge: by OrderCreated or, with a coupon, by
//   the event that tells what came of it. One key charges one amount.
// payments.M2  Per charge: refunded ≤ charged, in minor units (S16).
import type { OrderFact, RequestedPayment } from './order-events';

/** One charge of an order. An order that was placed without payments has one. */
export interface Payment {
  readonly method: string;
  /** What its charge is over. 0: it is not charged, unless nothing at all is due (isCharged). */
  readonly amountMinor: number;
  /** Null until it is charged. */
  readonly transactionId: string | null;
  readonly refundedMinor: number;
  /** Set on the one that takes what the others leave. */
  readonly takesRest?: true;
  /** Set where OrderCreated has a token for it; the token itself is in that event only. */
  readonly hasToken?: true;
}

/** What an order is paid with whose request does not say. */
const USUAL_METHOD = 'card';

/** The payments of a new order over `amountMinor`. */
export function paymentsOf(requested: readonly RequestedPayment[], amountMinor: number): readonly Payment[] {
  const parts: readonly RequestedPayment[] =
    requested.length > 0 ? requested : [{ method: USUAL_METHOD, amountMinor: null }];
  const payments = parts.map(({ method, amountMinor: asked, token }): Payment => ({
    ...{ method, amountMinor: asked ?? 0, transactionId: null, refundedMinor: 0 },
    ...(asked === null ? { takesRest: true } : {}),
    ...(token === undefined ? {} : { hasToken: true }),
  }));
  return shareOut(payments, amountMinor);
}

/**
 * The payments over `dueMinor` in all: in their order each takes its own amount, as long as there is so much left, and the
 * one without an amount of its own takes what the others leave.
 */
export function shareOut(payments: readonly Payment[], dueMinor: number): readonly Payment[] {
  let leftMinor = dueMinor;
  const own = payments.map(({ amountMinor, takesRest }) => {
    const taken = takesRest === true ? 0 : Math.min(amountMinor, leftMinor);
    leftMinor -= taken;
    return taken;
  });
  return payments.map((payment, index) => {
    const amountMinor = payment.takesRest === true ? leftMinor : (own[index] ?? 0);
    return amountMinor === payment.amountMinor ? payment : { ...payment, amountMinor };
  });
}

/** Whether the payment is split: taken once per part, each under a key of its own (S14). */
export function isSplit(payments: readonly Payment[]): boolean {
  return payments.length > 1;
}

/** Whether the payment with `index` is taken. Of an order of which nothing is due, the first stands for all. */
export function isCharged(payments: readonly Payment[], index: number): boolean {
  const payment = payments[index];
  if (payment === undefined) return false;
  return payment.amountMinor > 0 || (index === 0 && payments.every(({ amountMinor }) => amountMinor === 0));
}

/** Whether every payment that is taken has been charged. */
export function isPaid(payments: readonly Payment[]): boolean {
  return payments.every(({ transactionId }, index) => transactionId !== null || !isCharged(payments, index));
}

/** The index of the payment that an entry of the saga takes: `ProcessPayment` and `ProcessPayment:1` take the first. */
export function paymentIndex(entry: string): number {
  const [, number] = entry.split(':', 2);
  return number === undefined ? 0 : Number(number) - 1;
}

/** The ids of all charges, in the order of the payments. */
export function transactionIds(payments: readonly Payment[]): readonly string[] {
  return payments.flatMap(({ transactionId }) => transactionId ?? []);
}

/** Folds an event into the payments; any but a charge and a refund leaves them as they are. */
export function evolvePayments(payments: readonly Payment[], event: OrderFact): readonly Payment[] {
  switch (event.type) {
    case 'PaymentProcessed': {
      const { step, transactionId } = event.data;
      return changed(payments, paymentIndex(step), () => ({ transactionId }));
    }
    case 'PaymentRefunded': {
      const { undoes, amountMinor } = event.data;
      return changed(payments, paymentIndex(undoes), ({ refundedMinor }) => ({
        refundedMinor: refundedMinor + amountMinor,
      }));
    }
    default:
      return payments;
  }
}

function changed(
  payments: readonly Payment[],
  at: number,
  change: (payment: Payment) => Partial<Payment>,
): readonly Payment[] {
  return payments.map((payment, index) => (index === at ? { ...payment, ...change(payment) } : payment));
}

/** Why a charge or a refund may not be recorded of these payments (payments.M1, payments.M2). */
export function paymentRefusal(payments: readonly Payment[], fact: OrderFact): string | undefined {
  switch (fact.type) {
    case 'PaymentProcessed': {
      const { step, amountMinor } = fact.data;
      const payment = payments[paymentIndex(step)];
      if (payment === undefined) return `the order has no payment for ${step}`;
      return payment.amountMinor === amountMinor
        ? undefined
        : `${step} is over ${payment.amountMinor}, not over ${amountMinor}`;
    }
    case 'PaymentRefunded': {
      const { undoes, amountMinor } = fact.data;
      return refundRefusal(payments[paymentIndex(undoes)], amountMinor);
    }
    case 'SplitPaymentProcessed':
      return isPaid(payments) ? undefined : 'a part of the payment is not charged';
    default:
      return undefined;
  }
}

/** Why so much more may not be given back of a charge (S16). */
export function refundRefusal(payment: Payment | undefined, amountMinor: number): string | undefined {
  if (payment === undefined) return 'the order has no such payment';
  const leftMinor = payment.amountMinor - payment.refundedMinor;
  return amountMinor <= leftMinor
    ? undefined
    : `${amountMinor} would be refunded of a charge of which ${leftMinor} is left`;
}

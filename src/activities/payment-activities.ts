// Activities of an order's payments: charge one, and refund it.
import type { OrderHead } from '../domain/order';
import type { OrderFact } from '../domain/order-events';
import { evolvePayments, isPaid, isSplit, paymentIndex, transactionIds } from '../domain/payments';
import { paymentTokensOf } from '../events/placed-order';
import type { Charge, PaymentService } from '../ports/downstream';
import type { PaymentPayload } from '../saga/order/order-saga';
import { approvedWithPayment } from './approve-order';
import { chargeMoney, refundMoney } from './free-payment';
import { standing, undoing } from './looked-up';
import { runStep, runUndo, stepDone } from './step-runner';
import type { OrderActivity, OrderStepInput, StepPorts } from './step-stream';

export function paymentActivities(ports: StepPorts & { readonly payment: PaymentService }): {
  readonly ProcessPayment: OrderActivity<'ProcessPayment'>;
  readonly RefundPayment: OrderActivity<'RefundPayment'>;
} {
  const { payment } = ports;
  return {
    ProcessPayment: (input, log) =>
      runStep(ports, log, input, {
        act: async (call) => chargeMoney(payment, call, await chargeOf(ports, input)),
        lookUp: async (call) => standing(await payment.findCharge(call, call.key), 'charged'),
        facts: ({ transactionId }, order) => [
          ...charged(input, transactionId, order),
          ...approvedWithPayment(input),
        ],
      }),

    RefundPayment: (input, log) =>
      runUndo(ports, log, input, {
        act: (call, order, entry) => refundMoney(payment, call, { ...input.payload, entry }, order),
        lookUp: async (call) => undoing(await payment.findCharge(call, input.payload.chargeKey)),
        fact: (undone, { payments }) => {
          const { amountMinor = 0 } = payments[paymentIndex(undone.undoes)] ?? {};
          return { type: 'PaymentRefunded', data: { ...undone, amountMinor } };
        },
      }),
  };
}

async function chargeOf(
  { orders }: StepPorts,
  { state, payload: { token, ...charge } }: OrderStepInput<PaymentPayload>,
): Promise<Charge> {
  return token === undefined ? charge : { ...charge, token: (await paymentTokensOf(orders, state))[token] };
}

/** With the last part of a split payment goes what was charged in all. */
function charged(
  input: OrderStepInput<PaymentPayload>,
  transactionId: string,
  { payments, amountDueMinor }: OrderHead,
): readonly OrderFact[] {
  const { amountMinor } = input.payload;
  const fact: OrderFact = {
    type: 'PaymentProcessed',
    data: { ...stepDone(input), transactionId, amountMinor },
  };
  const after = evolvePayments(payments, fact);
  if (!isSplit(after) || !isPaid(after)) return [fact];
  const data = { amountMinor: amountDueMinor, transactionIds: transactionIds(after) };
  return [fact, { type: 'SplitPaymentProcessed', data }];
}

// Activities of an order's payments: charge one, and refund it.
import type { OrderHead } from '../domain/order';
import type { OrderFact } from '../domain/order-events';
import { evolvePayments, isPaid, isSplit, paymentIndex, transactionIds } from '../domain/payments';
import { openToken } from '../events/personal-fields';
import { paymentTokensOf } from '../events/placed-order';
import type { Charge, PaymentService } from '../ports/downstream';
import type { FieldCipher } from '../ports/field-cipher';
import type { PaymentPayload } from '../saga/order/order-saga';
import { ERASED } from '../domain/personal-data';
import { withoutEcho } from '../domain/redaction';
import { approvedWithPayment } from './approve-order';
import { refusedForErasure } from './erased-data';
import { chargeMoney, refundMoney } from './free-payment';
import { standing, undoing } from './looked-up';
import { runStep, runUndo, stepDone } from './step-runner';
import type { OrderActivity, OrderStepInput, StepPorts } from './step-stream';

interface PaymentPorts extends StepPorts {
  readonly payment: PaymentService;
  readonly cipher: FieldCipher;
}

export function paymentActivities(ports: PaymentPorts): {
  readonly ProcessPayment: OrderActivity<'ProcessPayment'>;
  readonly RefundPayment: OrderActivity<'RefundPayment'>;
} {
  const { payment } = ports;
  return {
    ProcessPayment: (input, log) =>
      runStep(ports, log, input, {
        act: async (call) => {
          const charge = await chargeOf(ports, input);
          if (charge === ERASED) return refusedForErasure('the token of the payment');
          return withoutEcho(
            await chargeMoney(payment, call, charge),
            charge.token === undefined ? [] : [charge.token],
          );
        },
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
  { orders, cipher }: PaymentPorts,
  { state, payload: { token: index, ...charge } }: OrderStepInput<PaymentPayload>,
): Promise<Charge | typeof ERASED> {
  if (index === undefined) return charge;
  const sealed = (await paymentTokensOf(orders, state))[index];
  const opened = await openToken(cipher, state, index, sealed);
  return opened === ERASED ? ERASED : { ...charge, ...opened };
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

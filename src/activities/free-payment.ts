// Charge and refund for the payment activities that skip the payment service for an amount of 0: payment services refuse
// to charge 0, and no charge of 0 can be found for a refund.
import type { OrderHead } from '../domain/order';
import { paymentIndex } from '../domain/payments';
import type { Outcome } from '../domain/outcome';
import type { Charge, PaymentService, ServiceCall, Undoing } from '../ports/downstream';

/** Stands where the id of a charge would: it begins with `free-`, and the payment service does not know it. */
function freeTransactionId({ orderId }: Pick<ServiceCall, 'orderId'>): string {
  return `free-${orderId}`;
}

/** Charges as `payment` does; an amount of 0 is done without a call. */
export async function chargeMoney(
  payment: PaymentService,
  call: ServiceCall,
  charge: Charge,
): Promise<Outcome<{ transactionId: string }>> {
  if (charge.amountMinor > 0) return payment.charge(call, charge);
  return { kind: 'done', value: { transactionId: freeTransactionId(call) } };
}

/** Gives back what was charged for an entry under `chargeKey`, as `payment` does. Of an amount of 0 the order alone knows whether it was paid. */
export async function refundMoney(
  payment: PaymentService,
  call: ServiceCall,
  { chargeKey, entry }: { readonly chargeKey: string; readonly entry: string },
  { payments, saga }: OrderHead,
): Promise<Outcome<Undoing>> {
  const { amountMinor = 0 } = payments[paymentIndex(entry)] ?? {};
  if (amountMinor > 0) return payment.refund(call, chargeKey);
  return { kind: 'done', value: { found: saga.completedSteps.includes(entry) ? 'undone' : 'closed' } };
}

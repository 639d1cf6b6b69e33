// Charge and refund that ask the payment service only where there is money to move: payment services refuse a charge of
// nothing, and a refund of nothing has nothing to find.
import type { Outcome } from '../domain/outcome';
import type { Charge, PaymentService, ServiceCall, Undoing } from '../ports/downstream';

/** Stands where the id of a charge would: it begins with `free-`, and the payment service does not know it. */
export function freeTransactionId({ orderId }: Pick<ServiceCall, 'orderId'>): string {
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

/**
 * Gives back what was charged under `chargeKey`, as `payment` does. An amount of 0 was never charged: that is undone as soon
 * as it is asked for, whether or not the stream has the payment yet.
 */
export async function refundMoney(
  payment: PaymentService,
  call: ServiceCall,
  { chargeKey, amountMinor }: { readonly chargeKey: string; readonly amountMinor: number },
): Promise<Outcome<Undoing>> {
  return amountMinor > 0 ? payment.refund(call, chargeKey) : { kind: 'done', value: { found: 'undone' } };
}

// Terms on which a new order is approved, by the settings as they are when it is placed: by a person, or with its payment. Called by place-order.ts; nothing asks the settings again (S15).
import type { OrderCreated } from '../domain/order-events';

export interface ApprovalSettings {
  /** By currency, in minor units: an order above it is approved by a person. A currency without one has no limit. */
  readonly limitsMinor: Readonly<Record<string, number>>;
  readonly timeoutMs: number;
  readonly whenUnanswered: 'approve' | 'reject';
}

/** What OrderCreated says of the approval; nothing where the currency has no limit. */
export function approvalTerms(
  settings: ApprovalSettings | undefined,
  { currency, totalMinor }: Pick<OrderCreated, 'currency' | 'totalMinor'>,
): Pick<OrderCreated, 'approval'> {
  const limitMinor = settings?.limitsMinor[currency];
  if (settings === undefined || limitMinor === undefined) return {};
  const { timeoutMs, whenUnanswered } = settings;
  return { approval: { required: totalMinor > limitMinor, limitMinor, timeoutMs, whenUnanswered } };
}

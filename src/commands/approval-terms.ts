// Decision whether a person has to approve a new order, and on which terms: by the settings as they are when it is placed.
// Called by place-order.ts; nothing asks the settings again (S15).
import type { OrderCreated } from '../domain/order-events';

export interface ApprovalSettings {
  /** By currency, in minor units: an order above it is approved by a person. A currency without one has no limit. */
  readonly limitsMinor: Readonly<Record<string, number>>;
  readonly timeoutMs: number;
  readonly whenUnanswered: 'approve' | 'reject';
}

/** What OrderCreated says of the approval: the terms, or nothing when the total is within the limit. */
export function approvalTerms(
  settings: ApprovalSettings | undefined,
  { currency, totalMinor }: Pick<OrderCreated, 'currency' | 'totalMinor'>,
): Pick<OrderCreated, 'approval'> {
  const limitMinor = settings?.limitsMinor[currency];
  if (settings === undefined || limitMinor === undefined || totalMinor <= limitMinor) return {};
  const { timeoutMs, whenUnanswered } = settings;
  return { approval: { limitMinor, timeoutMs, whenUnanswered } };
}

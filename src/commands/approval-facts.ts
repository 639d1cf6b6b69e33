// Facts by which a person answers the question of approval. Pure; the command appends them, and whether they may follow says
// what is allowed.
import { approvalOf, rejectionOf } from '../domain/approval';
import type { OrderHead } from '../domain/order';
import type { OrderFact } from '../domain/order-events';

/** A rejection says why. */
export type GivenAnswer =
  | { readonly kind: 'approve'; readonly reason: string | null }
  | { readonly kind: 'reject'; readonly reason: string };

export function answerFacts(
  order: OrderHead,
  by: string,
  { kind, reason }: GivenAnswer,
): readonly OrderFact[] {
  if (kind === 'approve') return [approvalOf(order, { by, reason })];
  return rejectionOf({ by, code: 'APPROVAL_REJECTED', detailCode: 'REJECTED_BY_APPROVER', reason });
}

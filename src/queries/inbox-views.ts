// What waits for a person, as the API shows it: interventions, approvals and returns, each with the order it is about.
import type { Intervention } from '../domain/interventions';
import { decimalIn } from '../domain/money';
import type { OrderHead } from '../domain/order';
import type { OrderStatus } from '../domain/order-status';
import { paymentIndex } from '../domain/payments';
import { isReturnEnded, returnsOf } from '../domain/return-state';
import { toReturnView, type ReturnView } from './return-view';

interface OfOrder {
  readonly orderId: string;
  readonly customerId: string;
  readonly orderStatus: OrderStatus;
  readonly currency: string;
}

export interface InterventionView extends OfOrder, Omit<Intervention, 'claim' | 'resolution'> {
  readonly id: string;
  /** What a refund would give back; null where it is about no payment. */
  readonly amount: number | null;
  readonly claimedBy: string | null;
  readonly claimedAt: string | null;
  readonly resolvedBy: string | null;
  readonly resolvedAt: string | null;
  readonly resolvedHow: 'undone' | 'ended' | 'note' | null;
  readonly note: string | null;
}

/** Names an intervention over all orders. */
function interventionId(orderId: string, number: number): string {
  return `${orderId}.${number}`;
}

function ofOrder({ orderId, customerId, status, currency }: OrderHead): OfOrder {
  return { orderId, customerId, orderStatus: status, currency };
}

export function toInterventionView(order: OrderHead, one: Intervention): InterventionView {
  const { claim, resolution, ...told } = one;
  const payment =
    one.undoes?.startsWith('ProcessPayment') === true ? order.payments[paymentIndex(one.undoes)] : undefined;
  return {
    id: interventionId(order.orderId, one.number),
    ...ofOrder(order),
    ...told,
    amount: payment === undefined ? null : decimalIn(order.currency, payment.amountMinor),
    claimedBy: claim?.by ?? null,
    claimedAt: claim?.at ?? null,
    resolvedBy: resolution?.by ?? null,
    resolvedAt: resolution?.at ?? null,
    resolvedHow: resolution?.how ?? null,
    note: resolution?.note ?? null,
  };
}

export interface ApprovalInQueue extends OfOrder {
  readonly totalAmount: number;
  readonly limit: number;
  readonly requestedAt: string;
  readonly expiresAt: string;
  /** Until the policy of the time-out answers; 0 when it is about to. */
  readonly secondsLeft: number;
  readonly whenUnanswered: 'approve' | 'reject';
}

/** Undefined for an order of which no answer is asked any more: the list that named it was a moment behind. */
export function toApprovalInQueue(order: OrderHead, nowMs: number): ApprovalInQueue | undefined {
  const { approval, saga, currency, status, totalMinor } = order;
  if (saga.approval === undefined || saga.approval.answer !== null || status !== 'awaitingApproval')
    return undefined;
  const { limitMinor, requestedAt, expiresAt } = saga.approval;
  return {
    ...ofOrder(order),
    totalAmount: decimalIn(currency, totalMinor),
    limit: decimalIn(currency, limitMinor),
    ...{ requestedAt, expiresAt },
    secondsLeft: Math.max(0, Math.ceil((Date.parse(expiresAt) - nowMs) / 1_000)),
    whenUnanswered: approval?.whenUnanswered ?? 'reject',
  };
}

export interface ReturnInQueue extends ReturnView {
  readonly customerId: string;
  /** What the return waits for: its parcel, an inspection, or nothing that a person does. */
  readonly waitsFor: 'parcel' | 'inspection' | null;
}

/** The returns of the order that have not ended. */
export function toReturnsInQueue(order: OrderHead): readonly ReturnInQueue[] {
  return returnsOf(order)
    .filter((one) => !isReturnEnded(one))
    .map((one) => ({
      ...toReturnView(order, one),
      customerId: order.customerId,
      waitsFor: one.status === 'authorised' ? 'parcel' : one.status === 'received' ? 'inspection' : null,
    }));
}

// Orders as the API shows them: decimal money, and nothing that is only for the inside.
import type { ApprovalAnswer, ApprovalState } from '../domain/approval';
import { decimalIn } from '../domain/money';
import type { Coupon } from '../domain/coupon';
import type { Order, OrderHead } from '../domain/order';
import type { LineKind } from '../domain/order-events';
import type { OrderStatus } from '../domain/order-status';
import { paymentIndex, transactionIds } from '../domain/payments';
import { returnsOf } from '../domain/return-state';
import type { SagaState } from '../domain/saga-state';
import type { SagaInstance, SagaRuntimeStatus } from '../ports/saga-control';
import { returnViews, type ReturnView } from './return-view';

/** An order as a list shows it. */
export interface OrderSummary {
  readonly id: string;
  readonly customerId: string;
  readonly status: OrderStatus;
  readonly totalAmount: number;
  readonly discountAmount: number;
  readonly amountDue: number;
  readonly currency: string;
  readonly createdAt: string;
  readonly completedAt: string | null;
  readonly failureCode: string | null;
  readonly failureDetailCode: string | null;
  readonly failureReason: string | null;
  readonly trackingId: string | null;
  readonly dispatchedAt: string | null;
  readonly deliveredAt: string | null;
  readonly needsIntervention: boolean;
  readonly items: readonly {
    readonly productId: string;
    readonly productName: string;
    readonly quantity: number;
    readonly unitPrice: number;
    readonly kind: LineKind;
  }[];
  readonly version: number;
  /** Left out where there are none, and in lists. */
}

/** An order by itself. */
export interface OrderView extends OrderSummary {
  /** Null for an order without. */
  readonly coupon: Pick<Coupon, 'code' | 'status' | 'detailCode' | 'reason'> | null;
  readonly payments: readonly {
    readonly method: string;
    readonly amount: number;
    readonly transactionId: string | null;
    readonly refundedAmount: number;
  }[];
  readonly returns?: readonly ReturnView[] | undefined;
}

export function toOrderView(order: Order): OrderView {
  const { currency, coupon, payments } = order;
  const returns = returnViews(order);
  return {
    ...toOrderSummary(order),
    coupon: coupon && {
      ...{ code: coupon.code, status: coupon.status, detailCode: coupon.detailCode, reason: coupon.reason },
    },
    payments: payments.map(({ method, amountMinor, transactionId, refundedMinor }, index) => ({
      ...{ method, amount: decimalIn(currency, amountMinor), transactionId },
      refundedAmount: decimalIn(currency, refundedMinor + returnedMinor(order, index)),
    })),
    ...(returns === undefined ? {} : { returns }),
  };
}

/** What returns have given back of the payment with `index`. */
function returnedMinor(order: Order, index: number): number {
  return returnsOf(order)
    .flatMap(({ refunds }) => refunds)
    .filter(({ charge, refundId }) => refundId !== null && paymentIndex(charge) === index)
    .reduce((sum, { amountMinor }) => sum + amountMinor, 0);
}

export function toOrderSummary(order: Order): OrderSummary {
  return {
    id: order.orderId,
    customerId: order.customerId,
    status: order.status,
    totalAmount: decimalIn(order.currency, order.totalMinor),
    discountAmount: decimalIn(order.currency, order.discountMinor),
    amountDue: decimalIn(order.currency, order.amountDueMinor),
    currency: order.currency,
    createdAt: order.createdAt,
    completedAt: order.completedAt,
    failureCode: order.failureCode,
    failureDetailCode: order.failureDetailCode,
    failureReason: order.failureReason,
    trackingId: order.trackingId,
    dispatchedAt: order.dispatchedAt,
    deliveredAt: order.deliveredAt,
    needsIntervention: order.saga.needsIntervention,
    items: order.lines.map(({ productId, productName, quantity, unitPriceMinor, kind = 'physical' }) => ({
      productId,
      productName,
      quantity,
      unitPrice: decimalIn(order.currency, unitPriceMinor),
      kind,
    })),
    version: order.version,
  };
}

export interface SagaView extends Omit<SagaState, 'failure' | 'approval'> {
  readonly transactionIds: readonly string[];
  readonly orderId: string;
  readonly status: OrderStatus;
  /** As the order began, whatever the setting says now. */
  readonly mode: 'orchestration' | 'choreography';
  /** Null when there is no instance: not started yet, or purged. */
  readonly runtimeStatus: SagaRuntimeStatus | null;
  readonly customStatus: unknown;
  readonly cancelRequestedAt: string | null;
  readonly failureCode: string | null;
  readonly failureDetailCode: string | null;
  readonly failureReason: string | null;
  /** Null when nobody was asked to approve the order. */
  readonly approval: ApprovalView | null;
  /** Left out where nobody asked for what may be done. */
  readonly allowedActions?:
    | readonly { readonly action: string; readonly allowed: boolean; readonly why: string | null }[]
    | undefined;
}

export interface ApprovalView {
  /** What the total is above. */
  readonly limit: number;
  readonly requestedAt: string;
  readonly expiresAt: string;
  readonly answer: ApprovalAnswer | null;
}

export function toSagaView(order: OrderHead, instance: SagaInstance | undefined): SagaView {
  // What it went back for stands beside it, as the order's own failure.
  const { failure, approval, ...saga } = order.saga;
  return {
    orderId: order.orderId,
    status: order.status,
    mode: order.sagaMode ?? 'orchestration',
    runtimeStatus: instance?.runtimeStatus ?? null,
    customStatus: instance?.customStatus ?? null,
    cancelRequestedAt: order.cancelRequestedAt,
    failureCode: order.failureCode,
    failureDetailCode: order.failureDetailCode,
    failureReason: order.failureReason,
    ...saga,
    transactionIds: transactionIds(order.payments),
    approval: approval === undefined ? null : toApprovalView(order.currency, approval),
  };
}

function toApprovalView(
  currency: string,
  { limitMinor, requestedAt, expiresAt, answer }: ApprovalState,
): ApprovalView {
  return { limit: decimalIn(currency, limitMinor), requestedAt, expiresAt, answer };
}

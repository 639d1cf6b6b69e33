// Orders as the API shows them: decimal money, and nothing that is only for the inside.
import { decimalIn } from '../domain/money';
import type { Coupon } from '../domain/coupon';
import type { Order, OrderHead } from '../domain/order';
import type { OrderStatus } from '../domain/order-status';
import { transactionIds } from '../domain/payments';
import type { SagaState } from '../domain/saga-state';
import type { SagaInstance, SagaRuntimeStatus } from '../ports/saga-control';

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
  readonly needsIntervention: boolean;
  readonly items: readonly {
    readonly productId: string;
    readonly productName: string;
    readonly quantity: number;
    readonly unitPrice: number;
  }[];
  readonly version: number;
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
}

export function toOrderView(order: Order): OrderView {
  const { currency, coupon, payments } = order;
  return {
    ...toOrderSummary(order),
    coupon: coupon && {
      ...{ code: coupon.code, status: coupon.status, detailCode: coupon.detailCode, reason: coupon.reason },
    },
    payments: payments.map(({ method, amountMinor, transactionId, refundedMinor }) => ({
      ...{ method, amount: decimalIn(currency, amountMinor), transactionId },
      refundedAmount: decimalIn(currency, refundedMinor),
    })),
  };
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
    needsIntervention: order.saga.needsIntervention,
    items: order.lines.map(({ productId, productName, quantity, unitPriceMinor }) => ({
      productId,
      productName,
      quantity,
      unitPrice: decimalIn(order.currency, unitPriceMinor),
    })),
    version: order.version,
  };
}

export interface SagaView extends Omit<SagaState, 'failure'> {
  readonly transactionIds: readonly string[];
  readonly orderId: string;
  readonly status: OrderStatus;
  /** Null when there is no instance: not started yet, or purged. */
  readonly runtimeStatus: SagaRuntimeStatus | null;
  readonly customStatus: unknown;
  readonly cancelRequestedAt: string | null;
  readonly failureCode: string | null;
  readonly failureDetailCode: string | null;
  readonly failureReason: string | null;
}

export function toSagaView(order: OrderHead, instance: SagaInstance | undefined): SagaView {
  // What it went back for stands beside it, as the order's own failure.
  const { failure, ...saga } = order.saga;
  return {
    orderId: order.orderId,
    status: order.status,
    runtimeStatus: instance?.runtimeStatus ?? null,
    customStatus: instance?.customStatus ?? null,
    cancelRequestedAt: order.cancelRequestedAt,
    failureCode: order.failureCode,
    failureDetailCode: order.failureDetailCode,
    failureReason: order.failureReason,
    ...saga,
    transactionIds: transactionIds(order.payments),
  };
}

// Step table of version 1 of the order saga, and the payloads of its activities. A table that was deployed is never
// changed, because sagas run on it: a change is a new table in step-tables.ts (docs/saga-versions.md).
import type { OrderEvent, OrderFact } from '../../domain/order-events';
import { needsShipping, type OrderHead } from '../../domain/order';
import { isCharged, isSplit } from '../../domain/payments';
import type { Sealed } from '../../domain/personal-data';
import type { ActivityCall, Entry, RetryPolicy, SagaStep } from '../engine/definition';
import { keyOfEntry } from '../engine/entries';

/** What each activity gets besides the order and its place in the stream: ids and totals, never the lines. */
export interface OrderActivityPayloads {
  ReserveInventory: Record<string, never>;
  ApplyCoupon: { readonly code: string; readonly totalMinor: number; readonly currency: string };
  ProcessPayment: PaymentPayload;
  ApproveOrder: Record<string, never>;
  CreateShipment: {
    readonly address: Sealed | null;
    readonly itemCount: number;
    readonly tenantId: string;
  };
  ConfirmInventory: { readonly reservationKey: string };
  CompensateInventory: {
    readonly reservationKey: string;
    /** The confirmation is taken back too, which may have happened and is not in the stream: where nothing ships. */
    readonly evenConfirmed?: true;
  };
  CancelCoupon: { readonly redemptionKey: string };
  RefundPayment: { readonly chargeKey: string };
  CancelShipment: { readonly shipmentKey: string };
  CompleteOrder: Record<string, never>;
}

/** One charge. `token`: the index of the payment whose token goes along, which only OrderCreated has. */
export interface PaymentPayload {
  readonly amountMinor: number;
  readonly currency: string;
  readonly method: string;
  readonly token?: number;
}

/** The end of an order saga as the orchestration's output (S10). */
export interface OrderResult {
  readonly success: boolean;
  readonly finalStatus: string;
  readonly failureCode?: string;
  readonly failureReason?: string;
  readonly trackingId?: string;
  readonly completedSteps: readonly string[];
  readonly compensatedSteps: readonly string[];
}

/** The types of the order saga, as the engine takes them. */
export interface OrderSagaTypes {
  readonly state: OrderHead;
  readonly fact: OrderFact;
  readonly event: OrderEvent;
  readonly result: OrderResult;
}

export type OrderActivityName = keyof OrderActivityPayloads;

export type OrderSagaStep = SagaStep<OrderSagaTypes>;

/** The name of the external event that hints at an answer to the question of approval (S15). */
export const APPROVAL_SIGNAL = 'approval';

/** Three attempts, 1 s and 2 s apart. */
export const RETRY: RetryPolicy = { maxAttempts: 3, firstDelayMs: 1_000, factor: 2, maxDelayMs: 30_000 };
/** After the pivot there is no way back, so there is more patience (S9). */
export const FORWARD: RetryPolicy = { ...RETRY, maxAttempts: 8 };

// prettier-ignore
export const orderSteps: readonly OrderSagaStep[] = [
  { invoke: call('ReserveInventory', () => ({})),
    compensate: call('CompensateInventory', (order, { name }) => ({ reservationKey: keyOfEntry(order.orderId, name), ...(needsShipping(order) ? {} : { evenConfirmed: true }) })),
    retry: RETRY, timeoutMs: 10_000,
    failureCode: 'INVENTORY_ERROR', failed: (data) => ({ type: 'StockReservationFailed', data }) },

  { invoke: call('ApplyCoupon', ({ coupon, totalMinor, currency }) => ({ code: coupon?.code ?? '', totalMinor, currency })),
    when: ({ coupon }) => coupon !== null, onRefusal: ({ coupon }) => coupon?.onRefusal ?? 'fail',
    compensate: call('CancelCoupon', ({ orderId }, { name }) => ({ redemptionKey: keyOfEntry(orderId, name) })),
    retry: RETRY, timeoutMs: 10_000,
    failureCode: 'COUPON_ERROR', failed: (data) => ({ type: 'CouponRejected', data: { ...data, nextStep: null } }) },

  { invoke: call('ProcessPayment', chargeOf),
    each: ({ payments }) => (isSplit(payments) ? payments : null), when: ({ payments }, { number }) => isCharged(payments, (number ?? 1) - 1),
    compensate: call('RefundPayment', ({ orderId }, { name }) => ({ chargeKey: keyOfEntry(orderId, name) })),
    retry: RETRY, timeoutMs: 30_000,
    failureCode: 'PAYMENT_FAILED', failed: (data) => ({ type: 'PaymentFailed', data }) },

  { invoke: call('ApproveOrder', () => ({})), when: ({ approval }) => approval?.required === true,
    retry: RETRY, timeoutMs: 10_000,
    failureCode: 'APPROVAL_FAILED', failed: (data) => ({ type: 'ApprovalRejected', data: { ...data, answeredBy: 'saga' } }) },

  { invoke: call('CreateShipment', (order) => ({ address: order.shippingAddress, itemCount: order.physicalCount, tenantId: order.tenantId })),
    when: needsShipping, pivot: true,
    compensate: call('CancelShipment', ({ orderId }, { name }) => ({ shipmentKey: keyOfEntry(orderId, name) })),
    retry: RETRY, timeoutMs: 20_000,
    failureCode: 'SHIPPING_ERROR', failed: (data) => ({ type: 'ShipmentFailed', data }) },

  { invoke: call('ConfirmInventory', ({ orderId }) => ({ reservationKey: keyOfEntry(orderId, 'ReserveInventory') })), pivot: true,
    retry: FORWARD, timeoutMs: 10_000,
    failureCode: 'INVENTORY_ERROR', failed: (data, pivotPassed) => ({ type: pivotPassed ? 'InterventionOpened' : 'StockConfirmationFailed', data }) },
];

/** The charge of one payment, as it is fixed before the first. */
function chargeOf({ currency, payments }: OrderHead, { number }: Entry): PaymentPayload {
  const index = (number ?? 1) - 1;
  const { amountMinor = 0, method = '', hasToken } = payments[index] ?? {};
  return { amountMinor, currency, method, ...(hasToken === true ? { token: index } : {}) };
}

/** A call whose payload must be the one that its activity takes. */
export function call<N extends OrderActivityName>(
  name: N,
  payload: (order: OrderHead, entry: Entry) => OrderActivityPayloads[N],
): ActivityCall<OrderSagaTypes> {
  return { name, payload };
}

// The order saga as a table. A new step is a new row here and an activity with its name; the interpreter stays as it is.
import type { Failure, OrderEvent, OrderFact, ShippingAddress } from '../domain/order-events';
import { evolve, type OrderHead } from '../domain/order';
import type { SagaInput } from './interpreter';
import { nextPosition } from './progress';
import type { ActivityCall, RetryPolicy, SagaDefinition } from './definition';

/** What each activity gets besides the order and its place in the stream: ids and totals, never the lines. */
export interface OrderActivityPayloads {
  ReserveInventory: Record<string, never>;
  ProcessPayment: { readonly amountMinor: number; readonly currency: string; readonly method: string };
  CreateShipment: { readonly address: ShippingAddress | null; readonly itemCount: number };
  ConfirmInventory: { readonly reservationKey: string };
  CompensateInventory: { readonly reservationKey: string };
  RefundPayment: { readonly chargeKey: string };
  CancelShipment: { readonly shipmentKey: string };
  CompleteOrder: Record<string, never>;
}

export type OrderActivityName = keyof OrderActivityPayloads;

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

/** What settings say about sagas. They travel in a saga's input, so a changed setting cannot change a running one. */
export interface SagaSettings {
  readonly workingTimeMs: number;
  readonly waitForOutages: boolean;
  readonly compensationMaxAttempts: number;
}

/** The input of the orchestration. */
export interface OrderSagaInput extends SagaInput<OrderHead> {
  readonly definitionVersion: number;
  readonly compensationMaxAttempts: number;
}

export type OrderSaga = SagaDefinition<OrderHead, OrderFact, OrderEvent, OrderResult>;

const RETRY: RetryPolicy = { maxAttempts: 3, firstDelayMs: 1_000, factor: 2, maxDelayMs: 30_000 };
/** After the pivot there is no way back, so there is more patience (S9). */
const FORWARD: RetryPolicy = { ...RETRY, maxAttempts: 8 };

/** The definition that new sagas start with. */
export const CURRENT_VERSION = 1;

/** The order saga in the version that a saga was started with (S12). */
export function orderSaga(version: number, compensationMaxAttempts: number): OrderSaga {
  if (version !== 1) throw new RangeError(`this deployment has no order saga of version ${version}`);
  return {
    version,
    // prettier-ignore
    steps: [
      { invoke: call('ReserveInventory', () => ({})),
        compensate: call('CompensateInventory', (order) => ({ reservationKey: keyOf(order, 'ReserveInventory') })),
        retry: RETRY, timeoutMs: 10_000,
        failureCode: 'INVENTORY_ERROR', failed: (data) => ({ type: 'StockReservationFailed', data }) },

      { invoke: call('ProcessPayment', ({ totalMinor, currency, payments }) => ({ amountMinor: totalMinor, currency, method: payments[0]?.method ?? 'card' })),
        compensate: call('RefundPayment', (order) => ({ chargeKey: keyOf(order, 'ProcessPayment') })),
        retry: RETRY, timeoutMs: 30_000,
        failureCode: 'PAYMENT_FAILED', failed: (data) => ({ type: 'PaymentFailed', data }) },

      { invoke: call('CreateShipment', (order) => ({ address: order.shippingAddress, itemCount: order.itemCount })), pivot: true,
        compensate: call('CancelShipment', (order) => ({ shipmentKey: keyOf(order, 'CreateShipment') })),
        retry: RETRY, timeoutMs: 20_000,
        failureCode: 'SHIPPING_ERROR', failed: (data) => ({ type: 'ShipmentFailed', data }) },

      { invoke: call('ConfirmInventory', (order) => ({ reservationKey: keyOf(order, 'ReserveInventory') })),
        retry: FORWARD, timeoutMs: 10_000,
        failureCode: 'INVENTORY_ERROR', failed: (data) => ({ type: 'InterventionOpened', data }) },
    ],
    end: call('CompleteOrder', () => ({})),
    compensationRetry: { ...RETRY, maxAttempts: compensationMaxAttempts },
    evolve,
    notBeforeMs: (order) => (order.notBefore === null ? null : Date.parse(order.notBefore)),
    started: (firstStep) => ({ type: 'SagaStarted', data: { definitionVersion: version, firstStep } }),
    isStarted: (order) => order.saga.definitionVersion !== null,
    isEnded: (order) => order.ended,
    cancelRequested: (order) => order.cancelRequestedAt !== null,
    compensationStarted: (failure) => ({ type: 'CompensationStarted', data: failure }),
    compensationFailed: (order, { reason, ...undone }) => ({
      type: 'CompensationFailed',
      data: { ...undone, reason, transactionId: order.saga.transactionIds.at(-1) ?? null },
    }),
    result: orderResult,
  };
}

/** The input with which the saga of an order starts; `etag` is that of the document `order` came from. */
export function sagaInput(order: OrderHead, etag: string, settings: SagaSettings): OrderSagaInput {
  return {
    sagaId: order.orderId,
    definitionVersion: order.saga.definitionVersion ?? CURRENT_VERSION,
    state: order,
    etag,
    ...settings,
  };
}

/** The step that an order's saga begins with. */
export function firstStepOf(order: OrderHead): string {
  const { steps } = orderSaga(CURRENT_VERSION, 1);
  return steps[nextPosition({ steps }, order, -1) ?? 0]?.invoke.name ?? '';
}

/** The key under which a step of an order acts (S2). */
export function keyOf(order: { readonly orderId: string }, step: OrderActivityName): string {
  return `${order.orderId}:${step}`;
}

function orderResult(order: OrderHead, failure: Failure | null): OrderResult {
  const code = order.failureCode ?? failure?.code;
  const reason = order.failureReason ?? failure?.reason;
  return {
    success: failure === null,
    finalStatus: order.status,
    ...(code === undefined ? {} : { failureCode: code }),
    ...(reason === undefined ? {} : { failureReason: reason }),
    ...(order.trackingId === null ? {} : { trackingId: order.trackingId }),
    completedSteps: order.saga.completedSteps,
    compensatedSteps: order.saga.compensatedSteps,
  };
}

/** A call whose payload must be the one that its activity takes. */
function call<N extends OrderActivityName>(
  name: N,
  payload: (order: OrderHead) => OrderActivityPayloads[N],
): ActivityCall<OrderHead> {
  return { name, payload };
}

// Orders and events for tests: small and valid.
import type { OrderRequest } from '../../src/commands/order-request';
import { createOrder, evolve, type Order } from '../../src/domain/order';
import type { OrderCreated, OrderEvent, OrderFact } from '../../src/domain/order-events';

export const AT = '2026-01-01T00:00:00.000Z';
/** Of the orders here: a whole tenant. */
export const SCOPE = { tenantId: 'default' } as const;
export const ORDER_ID = '00000000-0000-4000-8000-000000000001';

export const orderRequest: OrderRequest = {
  customerId: 'cust-1',
  currency: 'USD',
  totalMinor: 14_993,
  lines: [
    { productId: 'prod-001', productName: 'Widget', quantity: 2, unitPriceMinor: 4_999 },
    { productId: 'prod-002', productName: 'Gadget', quantity: 5, unitPriceMinor: 999 },
  ],
  couponCode: null,
  payments: [],
  shippingAddress: null,
  notBefore: null,
};

/** As it is stored: it holds nothing personal. */
const { contact, ...storedRequest } = { contact: undefined, ...orderRequest };

/** The same with nothing to ship. */
export const digitalRequest = {
  lines: orderRequest.lines.map((line) => ({ ...line, kind: 'digital' as const })),
};

export const created: OrderFact & { type: 'OrderCreated' } = {
  type: 'OrderCreated',
  data: {
    ...storedRequest,
    payments: [],
    shippingAddress: null,
    tenantId: 'default',
    correlationId: 'corr-1',
    traceparent: '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01',
    requestHash: 'hash',
  },
};

export const started: OrderFact = {
  type: 'SagaStarted',
  data: { definitionVersion: 1, firstStep: 'ReserveInventory' },
};

export const facts = {
  stockReserved: {
    type: 'StockReserved',
    data: { ...record('ReserveInventory'), nextStep: 'ProcessPayment', reservationId: 'res_1' },
  },
  couponApplied: {
    type: 'CouponApplied',
    data: {
      ...{ ...record('ApplyCoupon'), nextStep: 'ProcessPayment', couponId: 'cpn_1', currency: 'USD' },
      ...{ discountMinor: 1_499, amountDueMinor: 13_494 },
    },
  },
  couponPassedOver: {
    type: 'CouponRejected',
    data: {
      ...{ ...record('ApplyCoupon'), nextStep: 'ProcessPayment', code: 'COUPON_ERROR' },
      ...{ detailCode: 'COUPON_EXPIRED', reason: 'expired' },
    },
  },
  couponRejected: {
    type: 'CouponRejected',
    data: {
      ...{ ...record('ApplyCoupon'), nextStep: null, code: 'COUPON_ERROR' },
      ...{ detailCode: 'COUPON_EXPIRED', reason: 'expired' },
    },
  },
  couponCancelled: { type: 'CouponCancelled', data: { ...record('CancelCoupon'), undoes: 'ApplyCoupon' } },
  paymentProcessed: {
    type: 'PaymentProcessed',
    data: {
      ...record('ProcessPayment'),
      nextStep: 'CreateShipment',
      transactionId: 'txn_1',
      amountMinor: 14_993,
    },
  },
  paymentFailed: {
    type: 'PaymentFailed',
    data: {
      ...record('ProcessPayment'),
      code: 'PAYMENT_FAILED',
      detailCode: 'CARD_DECLINED',
      reason: 'declined',
    },
  },
  shipmentCreated: {
    type: 'ShipmentCreated',
    data: { ...record('CreateShipment'), nextStep: 'ConfirmInventory', trackingId: 'trk_1' },
  },
  stockConfirmed: { type: 'StockConfirmed', data: { ...record('ConfirmInventory'), nextStep: null } },
  completed: { type: 'OrderCompleted', data: {} },
  cancelRequested: { type: 'CancelRequested', data: { requestedBy: 'customer', reason: null } },
  compensationStarted: {
    type: 'CompensationStarted',
    data: { kind: 'failed', code: 'PAYMENT_FAILED', detailCode: 'CARD_DECLINED', reason: 'declined' },
  },
  paymentRefunded: {
    type: 'PaymentRefunded',
    data: { ...record('RefundPayment'), undoes: 'ProcessPayment', amountMinor: 14_993 },
  },
  stockReleased: {
    type: 'StockReleased',
    data: { ...record('CompensateInventory'), undoes: 'ReserveInventory' },
  },
  failed: {
    type: 'OrderFailed',
    data: {
      kind: 'failed',
      code: 'PAYMENT_FAILED',
      detailCode: 'CARD_DECLINED',
      reason: 'declined',
      failedStep: 'ProcessPayment',
    },
  },
  cancelled: {
    type: 'OrderCancelled',
    data: { kind: 'cancelled', code: 'ORDER_CANCELLED', detailCode: 'CANCEL_REQUESTED', reason: 'cancelled' },
  },
} as const satisfies Record<string, OrderFact>;

function record(step: string): { step: string; attempts: number; lastError: null } {
  return { step, attempts: 1, lastError: null };
}

/** A request whose payment is split into three parts. */
export const inThreeParts = {
  payments: [
    { method: 'giftCard', amountMinor: 5_000 },
    { method: 'card', amountMinor: 9_000 },
    { method: 'card', amountMinor: 993 },
  ],
};

/** A request with a coupon, the rest of which after a gift card is for a card. */
export const withCoupon = {
  couponCode: 'SAVE10',
  payments: [
    { method: 'giftCard', amountMinor: 5_000 },
    { method: 'card', amountMinor: null, token: 'tok_1' },
  ],
};

/** What follows OrderCreated on the happy path. */
export const completedOrder: readonly OrderFact[] = [
  started,
  facts.stockReserved,
  facts.paymentProcessed,
  facts.shipmentCreated,
  facts.stockConfirmed,
  facts.completed,
];

/** What follows OrderCreated when the card is declined. */
export const failedOrder: readonly OrderFact[] = [
  started,
  facts.stockReserved,
  facts.paymentFailed,
  facts.compensationStarted,
  facts.stockReleased,
  facts.failed,
];

/** Facts as the events of one stream, from sequence 1. */
export function streamOf(...stream: readonly OrderFact[]): OrderEvent[] {
  return stream.map((fact, index) => ({ ...fact, sequence: index + 1, occurredAt: AT }));
}

/** A new order of which `more` has happened. */
export function orderAfter(...more: readonly OrderFact[]): Order {
  return orderOf({}, ...more);
}

/** A new order that was asked for with `request`, of which `more` has happened. */
export function orderOf(request: Partial<OrderCreated>, ...more: readonly OrderFact[]): Order {
  const [first, ...rest] = streamOf({ ...created, data: { ...created.data, ...request } }, ...more);
  return rest.reduce<Order>(evolve, createOrder(ORDER_ID, first as OrderEvent & { type: 'OrderCreated' }));
}

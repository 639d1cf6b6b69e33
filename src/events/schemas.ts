// Schemas of the events of an order, in one table: type → versions → payload. A version that was written
// once stays as it is, except for new optional fields (compatibility.ts); anything else is a new version behind it, with
// an upcaster (upcasters.ts). The types of the domain are the newest versions; the last lines prove it.
import { z } from 'zod';
import type { OrderEventData, OrderEventType } from '../domain/order-events';

/** UTC, as `Date.prototype.toISOString` writes it. */
export const utcTime = z
  .string()
  .regex(
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/,
    'must be a UTC time such as 2026-01-31T12:00:00.000Z',
  )
  // Arithmetic with any other makes numbers that no store takes.
  .refine((text) => !Number.isNaN(Date.parse(text)), 'must be a moment that there is');
/** What names something: never empty. */
export const name = z.string().min(1);
/** A whole number from 0 on: minor units of money, pieces, attempts. */
export const count = z.int().min(0);

/** Sums are kept by it, in a field of its name. */
const currencyCode = name.refine((code) => /^[A-Z]{3}$/.test(code), 'must be a currency code (ISO 4217)');

const line = z.object({
  productId: name,
  kind: z.enum(['physical', 'digital']).optional(),
  productName: z.string(),
  quantity: count,
  unitPriceMinor: count,
});

const shippingAddress = z.object({
  name: z.string(),
  line1: z.string(),
  line2: z.string().optional(),
  city: z.string(),
  postalCode: z.string(),
  country: z.string(),
});

const approvalTerms = z.object({
  required: z.boolean(),
  limitMinor: count,
  timeoutMs: count,
  whenUnanswered: z.enum(['approve', 'reject']),
});

const orderCreated = z.object({
  tenantId: name,
  customerId: name,
  currency: currencyCode,
  totalMinor: count,
  lines: z.array(line),
  linesReference: z.object({ orderId: name, sequence: z.int().min(1), count }).optional(),
  couponCode: z.string().nullable(),
  couponFailurePolicy: z.enum(['continue', 'fail']).optional(),
  payments: z.array(
    z.object({ method: z.string(), amountMinor: count.nullable(), token: z.string().optional() }),
  ),
  shippingAddress: shippingAddress.nullable(),
  notBefore: utcTime.nullable(),
  approval: approvalTerms.optional(),
  sagaMode: z.literal('choreography').optional(),
  correlationId: name,
  traceparent: z.string(),
  requestHash: z.string(),
});

const stepRecord = z.object({
  step: name,
  attempts: count,
  lastError: z.object({ code: z.string(), message: z.string() }).nullable(),
});
const stepDone = stepRecord.extend({ nextStep: z.string().nullable() });
const stepFailed = stepRecord.extend({ code: name, detailCode: z.string(), reason: z.string() });
const undone = stepRecord.extend({ undoes: name });

const failure = z.object({
  kind: z.enum(['failed', 'timedOut', 'cancelled']),
  code: name,
  detailCode: z.string(),
  reason: z.string(),
});

const returnNumber = z.int().min(1);
const refundPart = z.object({ charge: name, amountMinor: count });
const ofReturn = z.object({ returnNumber });
const returnStep = stepRecord.extend({ returnNumber });
const carrierNews = z.object({ trackingId: name, carrierEventId: name });

/** The payloads by type; the first in a list is version 1, the last the one that is written. */
export const ORDER_EVENT_SCHEMAS = {
  OrderCreated: [orderCreated],
  SagaStarted: [z.object({ definitionVersion: z.int().min(1), firstStep: z.string() })],
  StockReserved: [stepDone.extend({ reservationId: name })],
  StockReservationFailed: [stepFailed],
  CouponApplied: [
    stepDone.extend({ couponId: name, discountMinor: count, amountDueMinor: count, currency: currencyCode }),
  ],
  CouponRejected: [stepFailed.extend({ nextStep: z.string().nullable() })],
  PaymentProcessed: [stepDone.extend({ transactionId: name, amountMinor: count })],
  PaymentFailed: [stepFailed],
  ApprovalRequested: [
    stepRecord.extend({ limitMinor: count, expiresAt: utcTime, nextStep: z.string().nullable() }),
  ],
  OrderApproved: [
    stepDone.extend({
      automatic: z.boolean(),
      answeredBy: name.nullable(),
      reason: z.string().nullable(),
    }),
  ],
  ApprovalRejected: [stepFailed.extend({ answeredBy: name })],
  SplitPaymentProcessed: [z.object({ amountMinor: count, transactionIds: z.array(name) })],
  ShipmentCreated: [stepDone.extend({ trackingId: name })],
  ShipmentFailed: [stepFailed],
  StockConfirmed: [stepDone],
  StockConfirmationFailed: [stepFailed],
  CancelRequested: [z.object({ requestedBy: name, reason: z.string().nullable() })],
  CompensationStarted: [failure],
  PaymentRefunded: [undone.extend({ amountMinor: count })],
  CouponCancelled: [undone],
  ShipmentCancelled: [undone],
  StockReleased: [undone],
  CompensationFailed: [undone.extend({ reason: z.string(), transactionId: z.string().nullable() })],
  InterventionOpened: [stepFailed.extend({ returnNumber: returnNumber.optional() })],
  OrderCompleted: [z.object({})],
  OrderFailed: [failure, failure.extend({ failedStep: z.string().nullable() })],
  OrderCancelled: [failure],
  ReturnRequested: [
    ofReturn.extend({
      definitionVersion: z.int().min(1),
      lines: z.array(z.object({ productId: name, quantity: count, unitPriceMinor: count })),
      reason: z.string(),
      requestedBy: name,
      requestKey: z.string().nullable(),
      requestHash: z.string(),
    }),
  ],
  ReturnAuthorised: [returnStep.extend({ parcelDueAt: utcTime })],
  ReturnReceived: [ofReturn.extend({ receivedBy: name })],
  ReturnInspected: [
    ofReturn.extend({
      inspectedBy: name,
      lines: z.array(z.object({ productId: name, accepted: count, damaged: count })),
      amountMinor: count,
      refunds: z.array(refundPart),
    }),
  ],
  ReturnRefunded: [returnStep.extend({ ...refundPart.shape, refundId: name })],
  ReturnRestocked: [returnStep.extend({ quantity: count })],
  ReturnRejected: [failure.extend({ returnNumber })],
  ReturnClosed: [ofReturn.extend({ asksOperator: z.boolean() })],
  ShipmentDispatched: [carrierNews.extend({ dispatchedAt: utcTime })],
  OrderDelivered: [carrierNews.extend({ deliveredAt: utcTime })],
} as const satisfies Record<OrderEventType, readonly [z.ZodObject, ...z.ZodObject[]]>;

/** The version in which events of `type` are written. */
export function currentVersion(type: OrderEventType): number {
  return ORDER_EVENT_SCHEMAS[type].length;
}

type Newest<Versions> = Versions extends readonly [...unknown[], infer Last extends z.ZodType]
  ? z.infer<Last>
  : never;
/** Without modifiers and intersections, which say the same in more than one way. */
type Plain<T> = T extends readonly (infer E)[]
  ? readonly Plain<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Plain<T[K]> }
    : T;
/* eslint-disable @typescript-eslint/no-unnecessary-type-parameters -- the compiler compares such functions to the letter */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/* eslint-enable @typescript-eslint/no-unnecessary-type-parameters */
/** The types of which schema and domain do not say the same; a name in here is the error that the compiler shows. */
type Differing = {
  [T in OrderEventType]: Same<
    Plain<Newest<(typeof ORDER_EVENT_SCHEMAS)[T]>>,
    Plain<OrderEventData[T]>
  > extends true
    ? never
    : T;
}[OrderEventType];
true satisfies [Differing] extends [never] ? true : Differing;

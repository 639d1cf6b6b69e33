// Types of the events of an order; order.ts folds them into the order.
import type { InterventionEventData } from './intervention-events';
import type { Sealed } from './personal-data';
import type { ReturnEventData } from './return-events';
import type { Failure, StepRecord } from './step-records';

export type { Failure, StepRecord } from './step-records';

export type LineKind = 'physical' | 'digital';

export interface OrderLine {
  readonly productId: string;
  /** Left out for what is physical. */
  readonly kind?: LineKind | undefined;
  readonly productName: string;
  readonly quantity: number;
  readonly unitPriceMinor: number;
}

/** One part of the payment as it was asked for. */
export interface RequestedPayment {
  readonly method: string;
  /** Null for the part that takes what the others leave. */
  readonly amountMinor: number | null;
  /** What the payment service knows the customer's means of payment by: for that service only. */
  readonly token?: Sealed | undefined;
}

/** What becomes of an order whose coupon is refused: it goes on at its full price, or fails. */
export type CouponFailurePolicy = 'continue' | 'fail';

/** On which terms an order is approved: fixed when it is placed, so that a changed setting changes no order (S15). */
export interface ApprovalTerms {
  /** Whether a person has to approve it, because the total is above the limit; otherwise it is approved with its payment. */
  readonly required: boolean;
  /** In minor units. */
  readonly limitMinor: number;
  /** How long an answer is waited for, and which one counts when none has come. */
  readonly timeoutMs: number;
  readonly whenUnanswered: 'approve' | 'reject';
}

/** Where the lines are that an event was too large to carry: in that event of the order's stream. */
export interface LinesReference {
  readonly orderId: string;
  readonly sequence: number;
  readonly count: number;
}

export interface OrderCreated {
  readonly tenantId: string;
  readonly customerId: string;
  readonly currency: string;
  readonly totalMinor: number;
  readonly lines: readonly OrderLine[];
  /** Never in the stream: only in an event that left for a target too small for its lines, which are then none. */
  readonly linesReference?: LinesReference | undefined;
  readonly couponCode: string | null;
  /** Only with a coupon. */
  readonly couponFailurePolicy?: CouponFailurePolicy | undefined;
  readonly payments: readonly RequestedPayment[];
  readonly shippingAddress: Sealed | null;
  /** Left out where the customer gave none. */
  readonly contact?: Sealed | undefined;
  readonly notBefore: string | null;
  /** Left out where there is no limit for the currency: then approval is not spoken of. */
  readonly approval?: ApprovalTerms | undefined;
  /** How the saga of the order runs, to its end; left out, as an orchestration. */
  readonly sagaMode?: 'choreography' | undefined;
  readonly correlationId: string;
  readonly traceparent: string;
  /** Keyed hash of the request body as parsed, with the id of its key: the same key with another body is refused. */
  readonly requestHash: string;
}

export interface SagaStarted {
  readonly definitionVersion: number;
  readonly firstStep: string;
}

/** A step that is done, and the entry that comes next (null after the last). */
export interface StepDone extends StepRecord {
  readonly nextStep: string | null;
}

/** A step that will not be done; `code` is the family (PAYMENT_FAILED), `detailCode` the cause (CARD_DECLINED). */
export interface StepFailed extends StepRecord {
  readonly code: string;
  readonly detailCode: string;
  readonly reason: string;
}

/** The end of an order that failed, and the step it failed at; null when no single step did, or the step is unknown. */
export interface OrderFailed extends Failure {
  readonly failedStep: string | null;
}

/** A person is asked to approve the order; the answer is waited for until `expiresAt`. */
export interface ApprovalRequested extends StepRecord {
  readonly limitMinor: number;
  readonly expiresAt: string;
  /** The entry that comes next once it is approved. */
  readonly nextStep: string | null;
}

export interface OrderApproved extends StepDone {
  /** The total is within the limit, so that nobody was asked. */
  readonly automatic: boolean;
  /** Who approved it: a person, or `timeout` when none answered in time; null for an automatic approval. */
  readonly answeredBy: string | null;
  readonly reason: string | null;
}

export interface ApprovalRejected extends StepFailed {
  /** Who rejected it: a person, `timeout` when none answered in time, or `saga` when the answer could not be had. */
  readonly answeredBy: string;
}

/** One undoing, by entry: `step` is the compensation (RefundPayment:2), `undoes` what it takes back (ProcessPayment:2). */
export interface Undone extends StepRecord {
  readonly undoes: string;
}

/** Which event of the carrier an event of the order repeats. */
export interface CarrierNews {
  readonly trackingId: string;
  readonly carrierEventId: string;
}

/** What a coupon takes off, and what is left to be paid, in the currency of the order. */
export interface Discount {
  readonly couponId: string;
  readonly discountMinor: number;
  readonly amountDueMinor: number;
  readonly currency: string;
}

/** Payload by event type. The keys are the event catalogue. */
export interface OrderEventData extends ReturnEventData, InterventionEventData {
  OrderCreated: OrderCreated;
  SagaStarted: SagaStarted;
  StockReserved: StepDone & { readonly reservationId: string };
  StockReservationFailed: StepFailed;
  CouponApplied: StepDone & Discount;
  /** `nextStep` where the order goes on at its full price; null where it goes back. */
  CouponRejected: StepFailed & { readonly nextStep: string | null };
  PaymentProcessed: StepDone & { readonly transactionId: string; readonly amountMinor: number };
  PaymentFailed: StepFailed;
  ApprovalRequested: ApprovalRequested;
  OrderApproved: OrderApproved;
  ApprovalRejected: ApprovalRejected;
  /** Every part of a split payment is charged: what was charged in all, by transaction. */
  SplitPaymentProcessed: { readonly amountMinor: number; readonly transactionIds: readonly string[] };
  ShipmentCreated: StepDone & { readonly trackingId: string };
  ShipmentFailed: StepFailed;
  StockConfirmed: StepDone;
  /** Only where nothing ships: after a shipment a confirmation that fails is for an operator. */
  StockConfirmationFailed: StepFailed;
  CancelRequested: { readonly requestedBy: string; readonly reason: string | null };
  CompensationStarted: Failure;
  PaymentRefunded: Undone & { readonly amountMinor: number };
  CouponCancelled: Undone;
  ShipmentCancelled: Undone;
  StockReleased: Undone;
  CompensationFailed: Undone & { readonly reason: string; readonly transactionId: string | null };
  /** A step after the pivot that cannot be done, or a saga that ended without its last write: an operator must look. */
  InterventionOpened: StepFailed & {
    /** The return that it is about; without one it is about the order itself. */
    readonly returnNumber?: number | undefined;
  };
  OrderCompleted: Record<string, never>;
  OrderFailed: OrderFailed;
  OrderCancelled: Failure;
  /** What the carrier told of the parcel. */
  ShipmentDispatched: CarrierNews & { readonly dispatchedAt: string };
  OrderDelivered: CarrierNews & { readonly deliveredAt: string };
}

export type OrderEventType = keyof OrderEventData;

const KNOWN_TYPES: Readonly<Record<OrderEventType, true>> = {
  OrderCreated: true,
  SagaStarted: true,
  StockReserved: true,
  StockReservationFailed: true,
  CouponApplied: true,
  CouponRejected: true,
  PaymentProcessed: true,
  PaymentFailed: true,
  ApprovalRequested: true,
  OrderApproved: true,
  ApprovalRejected: true,
  SplitPaymentProcessed: true,
  ShipmentCreated: true,
  ShipmentFailed: true,
  StockConfirmed: true,
  StockConfirmationFailed: true,
  CancelRequested: true,
  CompensationStarted: true,
  PaymentRefunded: true,
  CouponCancelled: true,
  ShipmentCancelled: true,
  StockReleased: true,
  CompensationFailed: true,
  InterventionOpened: true,
  OperatorActed: true,
  InterventionResolved: true,
  OrderCompleted: true,
  OrderFailed: true,
  OrderCancelled: true,
  ReturnRequested: true,
  ReturnAuthorised: true,
  ReturnReceived: true,
  ReturnInspected: true,
  ReturnRefunded: true,
  ReturnRestocked: true,
  ReturnRejected: true,
  ReturnClosed: true,
  ShipmentDispatched: true,
  OrderDelivered: true,
};

/** Whether this release has the type: one store may hold events of a newer release (S21). */
export function isKnownType(type: string): type is OrderEventType {
  return Object.hasOwn(KNOWN_TYPES, type);
}

/** A fact that is not yet in the stream. */
export type OrderFact = {
  [T in OrderEventType]: { readonly type: T; readonly data: OrderEventData[T] };
}[OrderEventType];

/** A fact with its place in the stream: what folding needs, and no more. */
export type OrderEvent = OrderFact & { readonly sequence: number; readonly occurredAt: string };

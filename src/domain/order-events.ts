// Types of the events of an order; order.ts folds them into the order.
import type { StepError } from './outcome';

export interface OrderLine {
  readonly productId: string;
  readonly productName: string;
  readonly quantity: number;
  readonly unitPriceMinor: number;
}

export interface PaymentPart {
  readonly method: string;
  readonly amountMinor: number;
}

export interface ShippingAddress {
  readonly name: string;
  readonly line1: string;
  readonly line2?: string | undefined;
  readonly city: string;
  readonly postalCode: string;
  readonly country: string;
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
  readonly payments: readonly PaymentPart[];
  readonly shippingAddress: ShippingAddress | null;
  readonly notBefore: string | null;
  /** How the saga of the order runs, to its end; left out, as an orchestration. */
  readonly sagaMode?: 'choreography' | undefined;
  readonly correlationId: string;
  readonly traceparent: string;
  /** SHA-256 of the request body as parsed: the same key with another body is refused. */
  readonly requestHash: string;
}

export interface SagaStarted {
  readonly definitionVersion: number;
  readonly firstStep: string;
}

/** What every outcome of a step says about how it came about. */
export interface StepRecord {
  /** By entry (S14): `ProcessPayment`, or `ProcessPayment:2` where the step is taken once per entry of a list. */
  readonly step: string;
  /** Calls that were made for it, and what went wrong last; null when nothing did. */
  readonly attempts: number;
  readonly lastError: StepError | null;
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

/** Why an order goes back instead of on. */
export interface Failure {
  readonly kind: 'failed' | 'timedOut' | 'cancelled';
  readonly code: string;
  readonly detailCode: string;
  readonly reason: string;
}

/** The end of an order that failed, and the step it failed at; null when no single step did, or the step is unknown. */
export interface OrderFailed extends Failure {
  readonly failedStep: string | null;
}

/** One undoing, by entry: `step` is the compensation (RefundPayment:2), `undoes` what it takes back (ProcessPayment:2). */
export interface Undone extends StepRecord {
  readonly undoes: string;
}

/** Payload by event type. The keys are the event catalogue. */
export interface OrderEventData {
  OrderCreated: OrderCreated;
  SagaStarted: SagaStarted;
  StockReserved: StepDone & { readonly reservationId: string };
  StockReservationFailed: StepFailed;
  PaymentProcessed: StepDone & { readonly transactionId: string; readonly amountMinor: number };
  PaymentFailed: StepFailed;
  ShipmentCreated: StepDone & { readonly trackingId: string };
  ShipmentFailed: StepFailed;
  StockConfirmed: StepDone;
  CancelRequested: { readonly requestedBy: string; readonly reason: string | null };
  CompensationStarted: Failure;
  PaymentRefunded: Undone;
  ShipmentCancelled: Undone;
  StockReleased: Undone;
  CompensationFailed: Undone & { readonly reason: string; readonly transactionId: string | null };
  /** A step after the pivot that cannot be done, or a saga that ended without its last write: an operator must look. */
  InterventionOpened: StepFailed;
  OrderCompleted: Record<string, never>;
  OrderFailed: OrderFailed;
  OrderCancelled: Failure;
}

export type OrderEventType = keyof OrderEventData;

const KNOWN_TYPES: Readonly<Record<OrderEventType, true>> = {
  OrderCreated: true,
  SagaStarted: true,
  StockReserved: true,
  StockReservationFailed: true,
  PaymentProcessed: true,
  PaymentFailed: true,
  ShipmentCreated: true,
  ShipmentFailed: true,
  StockConfirmed: true,
  CancelRequested: true,
  CompensationStarted: true,
  PaymentRefunded: true,
  ShipmentCancelled: true,
  StockReleased: true,
  CompensationFailed: true,
  InterventionOpened: true,
  OrderCompleted: true,
  OrderFailed: true,
  OrderCancelled: true,
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

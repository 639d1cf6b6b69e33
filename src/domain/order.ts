// Aggregate of an order: its state (Order), its reducer (evolve), and the check of facts before they are appended (refusal).
// Pure.
import { APPROVAL_STEP, approvalRefusal, isRejected, lacksApproval } from './approval';
import { couponFields, couponOf, couponRefusal, type AmountDue } from './coupon';
import type { ApprovalTerms, OrderEvent, OrderFact, OrderLine, ShippingAddress } from './order-events';
import { returnRefusal } from './return-rules';
import { evolveReturns, type Returns } from './return-state';
import { isEnding, isGoingBack, mayMove, statusAfter, type OrderStatus } from './order-status';
import { evolvePayments, paymentRefusal, paymentsOf } from './payments';
import { customerKey } from './scope';
import { initialSagaState, evolveSagaState, type SagaState } from './saga-state';

/** An order without its lines: what its document holds, and all that travels through the saga. */
export interface OrderHead extends AmountDue, Returns {
  readonly orderId: string;
  readonly tenantId: string;
  readonly customerId: string;
  /** Tenant and customer in one value: what lists are selected by. */
  readonly customerKey: string;
  readonly status: OrderStatus;
  readonly itemCount: number;
  /** How many of them are shipped. Fixed by OrderCreated, because it decides which steps the saga takes. */
  readonly physicalCount: number;
  readonly shippingAddress: ShippingAddress | null;
  readonly notBefore: string | null;
  /** On which terms the order is approved; left out where there is no limit for its currency. */
  readonly approval?: ApprovalTerms | undefined;
  /** As OrderCreated says. */
  readonly sagaMode?: 'choreography' | undefined;
  readonly correlationId: string;
  readonly traceparent: string;
  readonly requestHash: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly completedAt: string | null;
  readonly cancelRequestedAt: string | null;
  readonly failureCode: string | null;
  readonly failureDetailCode: string | null;
  readonly failureReason: string | null;
  readonly trackingId: string | null;
  /** When the carrier took the parcel on its way and handed it over, by the carrier's own clock. */
  readonly dispatchedAt: string | null;
  readonly deliveredAt: string | null;
  /** Whether the order has its ending event: nothing is started for it any more. */
  readonly ended: boolean;
  /** The sequence of the last event: the next one has `version + 1`. */
  readonly version: number;
  readonly saga: SagaState;
}

/** With its lines, which only OrderCreated holds: they can be a thousand, and no patch and no feed reader pays for them. */
export interface Order extends OrderHead {
  readonly lines: readonly OrderLine[];
}

/** The order that an OrderCreated event makes. */
export function createOrder(orderId: string, event: OrderEvent & { type: 'OrderCreated' }): Order {
  const { lines, couponCode, couponFailurePolicy, payments, ...rest } = event.data;
  return {
    orderId,
    ...rest,
    customerKey: customerKey(rest),
    discountMinor: 0,
    amountDueMinor: rest.totalMinor,
    coupon: couponOf({ couponCode, couponFailurePolicy }),
    payments: paymentsOf(payments, rest.totalMinor),
    status: 'pending',
    itemCount: pieces(lines),
    physicalCount: pieces(lines.filter(({ kind }) => kind !== 'digital')),
    createdAt: event.occurredAt,
    updatedAt: event.occurredAt,
    completedAt: null,
    cancelRequestedAt: null,
    failureCode: null,
    failureDetailCode: null,
    failureReason: null,
    trackingId: null,
    dispatchedAt: null,
    deliveredAt: null,
    ended: false,
    version: event.sequence,
    saga: initialSagaState,
    lines,
  };
}

function pieces(lines: readonly OrderLine[]): number {
  return lines.reduce((count, { quantity }) => count + quantity, 0);
}

/** Whether the order has something for a carrier; without it no parcel is asked for. */
export function needsShipping({ physicalCount }: Pick<OrderHead, 'physicalCount'>): boolean {
  return physicalCount !== 0;
}

/** An order without its lines. */
export function headOf(order: OrderHead | Order): OrderHead {
  const { lines, ...head } = { lines: undefined, ...order };
  return head;
}

/** Folds one event into an order. Total: every event in every state gives an order, and lines are left as they are. */
export function evolve<T extends OrderHead>(order: T, event: OrderEvent): T {
  const status = statusAfter(order.status, event.type);
  return {
    ...order,
    ...changes(order, event),
    ...evolveReturns(order, event),
    status,
    ended: isEnding(status),
    version: event.sequence,
    updatedAt: event.occurredAt,
    saga: evolveSagaState(order.saga, event),
  };
}

/** The top-level fields that an event sets besides status, version and saga state. */
function changes(order: OrderHead, event: OrderEvent): Partial<OrderHead> {
  switch (event.type) {
    case 'CancelRequested':
      return { cancelRequestedAt: event.occurredAt };
    case 'CouponApplied':
    case 'CouponRejected':
    case 'CouponCancelled':
      return couponFields(order, event);
    case 'PaymentProcessed':
    case 'PaymentRefunded':
      return { payments: evolvePayments(order.payments, event) };
    default:
      return endFields(event);
  }
}

/** How an order came out, as everyone who shows it shows it. */
type EndFields = Pick<
  OrderHead,
  | 'completedAt'
  | 'failureCode'
  | 'failureDetailCode'
  | 'failureReason'
  | 'trackingId'
  | 'dispatchedAt'
  | 'deliveredAt'
>;

/** The fields of an order's end that an event sets. */
export function endFields(event: OrderEvent): Partial<EndFields> {
  switch (event.type) {
    case 'ShipmentCreated':
      return { trackingId: event.data.trackingId };
    case 'OrderCompleted':
      return { completedAt: event.occurredAt };
    case 'ShipmentDispatched':
      return { dispatchedAt: event.data.dispatchedAt };
    case 'OrderDelivered':
      return { deliveredAt: event.data.deliveredAt };
    case 'OrderFailed':
    case 'OrderCancelled':
      return {
        failureCode: event.data.code,
        failureDetailCode: event.data.detailCode,
        failureReason: event.data.reason,
      };
    default:
      return {};
  }
}

/** The order that a whole stream makes, or undefined when it does not begin with OrderCreated. */
export function fold(orderId: string, events: readonly OrderEvent[]): Order | undefined {
  const [first, ...rest] = events;
  if (first?.type !== 'OrderCreated') return undefined;
  return rest.reduce<Order>(evolve, createOrder(orderId, first));
}

/** Why `fact` may not follow in this stream, or undefined when it may. Whoever appends asks first. */
export function refusal(order: OrderHead, fact: OrderFact): string | undefined {
  const next = statusAfter(order.status, fact.type);
  if (!mayMove(order.status, next)) return `${fact.type} may not follow in status ${order.status}`;
  return refusalOfFact(order, fact) ?? returnRefusal(order, fact) ?? refusalAfterEnd(order, fact);
}

/** The step whose event is the pivot where nothing ships. */
const CONFIRMATION = 'ConfirmInventory';

/**
 * Whether the point of no return is behind (S7): the carrier has the parcel or, where nothing ships, the stock is confirmed.
 * From that event on no cancel is taken and nothing is undone.
 */
export function isPastPivot({ trackingId, saga }: Pick<OrderHead, 'trackingId' | 'saga'>): boolean {
  return trackingId !== null || saga.completedSteps.includes(CONFIRMATION);
}

/** What `fact` itself demands of the order. */
function refusalOfFact(order: OrderHead, fact: OrderFact): string | undefined {
  const { status, cancelRequestedAt, saga } = order;
  const goesBack = isGoingBack(status) ? `the order is ${status}` : undefined;
  switch (fact.type) {
    case 'CancelRequested':
      if (isPastPivot(order)) return 'the parcel has left, or the stock of an order without one is confirmed';
      return cancelRequestedAt === null ? undefined : 'cancel was requested before';
    case 'SagaStarted':
      return saga.definitionVersion === null ? undefined : 'the saga was started before';
    case 'ShipmentCreated':
      return refusalOfPivot(order, fact.data.step);
    case 'StockConfirmed':
      if (!needsShipping(order)) return refusalOfPivot(order, fact.data.step);
      return lacksApproval(order) ? 'the order is not approved' : doneBefore(saga, fact.data.step);
    case 'ApprovalRequested':
    case 'OrderApproved':
    case 'ApprovalRejected':
      return goesBack ?? approvalRefusal(order, fact);
    case 'StockReserved':
      return doneBefore(saga, fact.data.step);
    case 'CouponApplied':
    case 'CouponRejected':
      return goesBack ?? couponRefusal(order, fact);
    case 'PaymentProcessed':
      if (order.coupon?.status === 'pending') return 'what is due is not fixed: the coupon is pending';
      return doneBefore(saga, fact.data.step) ?? paymentRefusal(order.payments, fact);
    case 'SplitPaymentProcessed':
      return goesBack ?? paymentRefusal(order.payments, fact);
    case 'OrderCompleted':
      return isPastPivot(order) ? undefined : 'nothing of it was shipped or confirmed';
    case 'ShipmentDispatched':
    case 'OrderDelivered':
      return refusalOfNews(order, fact);
    case 'StockReservationFailed':
    case 'PaymentFailed':
    case 'ShipmentFailed':
    case 'StockConfirmationFailed':
      return goesBack ?? doneBefore(saga, fact.data.step);
    case 'CompensationStarted':
      if (goesBack !== undefined) return goesBack;
      if (isPastPivot(order)) return 'the point of no return is behind';
      return fact.data.kind === 'cancelled' && cancelRequestedAt === null && !isRejected(order)
        ? 'no cancel was requested'
        : undefined;
    case 'StockReleased':
    case 'PaymentRefunded':
    case 'CouponCancelled':
    case 'ShipmentCancelled':
    case 'CompensationFailed':
      if (goesBack === undefined) return `nothing is undone in status ${status}`;
      return saga.compensatedSteps.includes(fact.data.undoes)
        ? `${fact.data.undoes} was undone before`
        : paymentRefusal(order.payments, fact);
    case 'OrderFailed':
    case 'OrderCancelled':
      return endsHalfWay(saga);
    default:
      return undefined;
  }
}

/** The pivot competes for the stream with a cancel request and with going back; the first one there wins (S7, S23). */
function refusalOfPivot(order: OrderHead, step: string): string | undefined {
  const { status, cancelRequestedAt, saga } = order;
  if (isGoingBack(status)) return `the order is ${status}`;
  if (lacksApproval(order)) return 'the order is not approved';
  return cancelRequestedAt === null ? doneBefore(saga, step) : 'cancel was requested before';
}

/** News of the parcel is taken once, and a dispatch not after the delivery: its news were overtaken on their way. */
function refusalOfNews(
  { trackingId, dispatchedAt, deliveredAt }: OrderHead,
  { type, data }: OrderFact & { readonly type: 'ShipmentDispatched' | 'OrderDelivered' },
): string | undefined {
  if (trackingId !== data.trackingId) return `the parcel ${data.trackingId} is not that of the order`;
  if (deliveredAt !== null) return 'the parcel was delivered before';
  return type === 'ShipmentDispatched' && dispatchedAt !== null
    ? 'the parcel was dispatched before'
    : undefined;
}

function doneBefore({ completedSteps }: SagaState, step: string): string | undefined {
  return completedSteps.includes(step) ? `${step} was done before` : undefined;
}

/** S24: what was done is undone, or an operator has been asked to undo it, before an order ends without success. */
function endsHalfWay(saga: SagaState): string | undefined {
  const [open] = stepsNotUndone(saga);
  return open === undefined ? undefined : `${open} was done, is not undone, and no operator was asked`;
}

/** Steps that were done and neither undone nor given up (which asks for an operator), in the order they were taken. */
export function stepsNotUndone({
  completedSteps,
  compensatedSteps,
  compensations,
}: SagaState): readonly string[] {
  return completedSteps.filter(
    (step) =>
      step !== APPROVAL_STEP &&
      !compensatedSteps.includes(step) &&
      !compensations.some(({ undoes, outcome }) => undoes === step && outcome === 'failed'),
  );
}

/** S25: an undoing may come after the end, as the last word on what was found then; so does what the carrier tells. */
const AFTER_THE_END: readonly OrderFact['type'][] = [
  'InterventionOpened',
  'ShipmentDispatched',
  'StockReleased',
  'PaymentRefunded',
  'CouponCancelled',
  'ShipmentCancelled',
  'CompensationFailed',
  // Only of an order that has ended is anything returned (return-rules.ts).
  'ReturnRequested',
  'ReturnAuthorised',
  'ReturnReceived',
  'ReturnInspected',
  'ReturnRefunded',
  'ReturnRestocked',
  'ReturnRejected',
  'ReturnClosed',
];

function refusalAfterEnd(order: OrderHead, { type }: OrderFact): string | undefined {
  const stays = statusAfter(order.status, type) === order.status;
  return order.ended && stays && !AFTER_THE_END.includes(type)
    ? `${type} may not follow: the order has ended`
    : undefined;
}

/** The facts of `facts` that may follow, in their order, each on top of those before it (S23: the stream decides). */
export function takenFacts(order: OrderHead, facts: readonly OrderFact[]): readonly OrderFact[] {
  let after = order;
  return facts.filter((fact) => {
    if (refusal(after, fact) !== undefined) return false;
    after = evolve(after, { ...fact, sequence: after.version + 1, occurredAt: after.updatedAt });
    return true;
  });
}

/** `facts` when all of them may follow one another, otherwise none. */
export function takenWhole(order: OrderHead, facts: readonly OrderFact[]): readonly OrderFact[] {
  return takenFacts(order, facts).length === facts.length ? facts : [];
}

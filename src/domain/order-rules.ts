// Rules of an order's stream: why a fact may not follow (refusal), and which of several facts may. Pure; whoever appends asks.
import { APPROVAL_STEP, approvalRefusal, isRejected, lacksApproval } from './approval';
import { couponRefusal } from './coupon';
import { openInterventions } from './interventions';
import type { OrderFact } from './order-events';
import { returnRefusal } from './return-rules';
import { isGoingBack, mayMove, statusAfter } from './order-status';
import { paymentRefusal } from './payments';
import { type SagaState } from './saga-state';
import { evolve, isPastPivot, needsShipping, type OrderHead } from './order';

/** Why `fact` may not follow in this stream, or undefined when it may. Whoever appends asks first. */
export function refusal(order: OrderHead, fact: OrderFact): string | undefined {
  const next = statusAfter(order.status, fact.type);
  if (!mayMove(order.status, next)) return `${fact.type} may not follow in status ${order.status}`;
  return (
    refusalOfFact(order, fact) ??
    resolutionRefusal(order.saga, fact) ??
    returnRefusal(order, fact) ??
    refusalAfterEnd(order, fact)
  );
}

/** An intervention is resolved once. */
function resolutionRefusal(saga: SagaState, { type, data }: OrderFact): string | undefined {
  if (type !== 'InterventionResolved') return undefined;
  return openInterventions(saga).some(({ number }) => number === data.intervention)
    ? undefined
    : `intervention ${data.intervention} is not open`;
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
  'OperatorActed',
  'InterventionResolved',
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

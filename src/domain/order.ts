// Aggregate of an order: its state (Order), its reducer (evolve), and the check of facts before they are appended (refusal).
// Pure.
import type { OrderEvent, OrderFact, OrderLine, PaymentPart, ShippingAddress } from './order-events';
import { isEnding, isGoingBack, mayMove, statusAfter, type OrderStatus } from './order-status';
import { customerKey } from './scope';
import { initialSagaState, evolveSagaState, type SagaState } from './saga-state';

/** An order without its lines: what its document holds, and all that travels through the saga. */
export interface OrderHead {
  readonly orderId: string;
  readonly tenantId: string;
  readonly customerId: string;
  /** Tenant and customer in one value: what lists are selected by. */
  readonly customerKey: string;
  readonly status: OrderStatus;
  readonly currency: string;
  readonly totalMinor: number;
  readonly itemCount: number;
  readonly couponCode: string | null;
  readonly payments: readonly PaymentPart[];
  readonly shippingAddress: ShippingAddress | null;
  readonly notBefore: string | null;
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
  const { lines, ...rest } = event.data;
  return {
    orderId,
    ...rest,
    customerKey: customerKey(rest),
    status: 'pending',
    itemCount: lines.reduce((count, line) => count + line.quantity, 0),
    createdAt: event.occurredAt,
    updatedAt: event.occurredAt,
    completedAt: null,
    cancelRequestedAt: null,
    failureCode: null,
    failureDetailCode: null,
    failureReason: null,
    trackingId: null,
    ended: false,
    version: event.sequence,
    saga: initialSagaState,
    lines,
  };
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
    ...changes(event),
    status,
    ended: isEnding(status),
    version: event.sequence,
    updatedAt: event.occurredAt,
    saga: evolveSagaState(order.saga, event),
  };
}

/** The top-level fields that an event sets besides status, version and saga state. */
function changes(event: OrderEvent): Partial<OrderHead> {
  return event.type === 'CancelRequested' ? { cancelRequestedAt: event.occurredAt } : endFields(event);
}

/** How an order came out, as everyone who shows it shows it. */
type EndFields = Pick<
  OrderHead,
  'completedAt' | 'failureCode' | 'failureDetailCode' | 'failureReason' | 'trackingId'
>;

/** The fields of an order's end that an event sets. */
export function endFields(event: OrderEvent): Partial<EndFields> {
  switch (event.type) {
    case 'ShipmentCreated':
      return { trackingId: event.data.trackingId };
    case 'OrderCompleted':
      return { completedAt: event.occurredAt };
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
  return refusalOfFact(order, fact) ?? refusalAfterEnd(order, fact);
}

/** What `fact` itself demands of the order. */
function refusalOfFact(
  { status, cancelRequestedAt, trackingId, saga }: OrderHead,
  fact: OrderFact,
): string | undefined {
  switch (fact.type) {
    case 'CancelRequested':
      if (trackingId !== null) return 'the parcel has left';
      return cancelRequestedAt === null ? undefined : 'cancel was requested before';
    case 'SagaStarted':
      return saga.definitionVersion === null ? undefined : 'the saga was started before';
    case 'ShipmentCreated':
      // The pivot and the request compete for the stream; the first one there wins (S7).
      return cancelRequestedAt === null ? doneBefore(saga, fact.data.step) : 'cancel was requested before';
    case 'StockReserved':
    case 'PaymentProcessed':
    case 'StockConfirmed':
      return doneBefore(saga, fact.data.step);
    case 'StockReservationFailed':
    case 'PaymentFailed':
    case 'ShipmentFailed':
      if (isGoingBack(status)) return `the order is ${status}`;
      return doneBefore(saga, fact.data.step);
    case 'CompensationStarted':
      if (isGoingBack(status)) return `the order is ${status}`;
      return fact.data.kind === 'cancelled' && cancelRequestedAt === null
        ? 'no cancel was requested'
        : undefined;
    case 'StockReleased':
    case 'PaymentRefunded':
    case 'ShipmentCancelled':
    case 'CompensationFailed':
      if (!isGoingBack(status)) return `nothing is undone in status ${status}`;
      return saga.compensatedSteps.includes(fact.data.undoes)
        ? `${fact.data.undoes} was undone before`
        : undefined;
    case 'OrderFailed':
    case 'OrderCancelled':
      return endsHalfWay(saga);
    default:
      return undefined;
  }
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
      !compensatedSteps.includes(step) &&
      !compensations.some(({ undoes, outcome }) => undoes === step && outcome === 'failed'),
  );
}

/** S25: an undoing may come after the end, as the last word on what was found then. */
const AFTER_THE_END: readonly OrderFact['type'][] = [
  'InterventionOpened',
  'StockReleased',
  'PaymentRefunded',
  'ShipmentCancelled',
  'CompensationFailed',
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

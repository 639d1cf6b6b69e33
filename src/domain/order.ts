// Aggregate of an order: its state (Order) and its reducer (evolve). Pure; order-rules.ts says which facts may follow.
import { couponFields, couponOf, type AmountDue } from './coupon';
import type { ApprovalTerms, OrderEvent, OrderLine, ShippingAddress } from './order-events';
import { asksAboutReturns, evolveReturns, type Returns } from './return-state';
import { isEnding, statusAfter, type OrderStatus } from './order-status';
import { evolvePayments, paymentsOf } from './payments';
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

/** Whether an operator is asked about the order itself or about one of its returns. */
export function needsOperator(order: Pick<OrderHead, 'saga' | 'returns'>): boolean {
  return order.saga.needsIntervention || asksAboutReturns(order);
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

/** The step whose event is the pivot where nothing ships. */
const CONFIRMATION = 'ConfirmInventory';

/**
 * Whether the point of no return is behind (S7): the carrier has the parcel or, where nothing ships, the stock is confirmed.
 * From that event on no cancel is taken and nothing is undone.
 */
export function isPastPivot({ trackingId, saga }: Pick<OrderHead, 'trackingId' | 'saga'>): boolean {
  return trackingId !== null || saga.completedSteps.includes(CONFIRMATION);
}

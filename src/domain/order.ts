// The order: what it is (Order), what it becomes (evolve), what may not happen to it (refusal). Pure.
import type { OrderEvent, OrderFact, OrderLine, PaymentPart, ShippingAddress } from './order-events';
import { isEnding, mayMove, statusAfter, type OrderStatus } from './order-status';
import { initialSagaState, evolveSagaState, type SagaState } from './saga-state';

/** An order without its lines: all that travels through the saga. Lines stay in the store (they can be a thousand). */
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

export interface Order extends OrderHead {
  readonly lines: readonly OrderLine[];
}

/** Lists are per customer of a tenant; the separator cannot occur in either id. */
export function customerKey(tenantId: string, customerId: string): string {
  return `${tenantId}\n${customerId}`;
}

/** The order that an OrderCreated event makes. */
export function createOrder(orderId: string, event: OrderEvent & { type: 'OrderCreated' }): Order {
  const { lines, ...rest } = event.data;
  return {
    orderId,
    ...rest,
    customerKey: customerKey(rest.tenantId, rest.customerId),
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
export function headOf({ lines, ...head }: Order): OrderHead {
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
  if (order.ended && next === order.status && fact.type !== 'InterventionOpened') {
    return `${fact.type} may not follow: the order has ended`;
  }
  if (fact.type === 'CancelRequested' && order.cancelRequestedAt !== null)
    return 'cancel was requested before';
  return undefined;
}

// State machine of the order status: which status may follow which.
import type { OrderEventType } from './order-events';

const MOVES = {
  pending: ['processing', 'compensating', 'failed', 'cancelled'],
  processing: ['inventoryReserved', 'compensating', 'failed', 'cancelled'],
  inventoryReserved: ['paymentProcessed', 'compensating', 'failed', 'cancelled'],
  paymentProcessed: [
    'awaitingApproval',
    'approved',
    'shipped',
    'completed',
    'compensating',
    'failed',
    'cancelled',
  ],
  awaitingApproval: ['approved', 'compensating', 'failed', 'cancelled'],
  approved: ['shipped', 'completed', 'compensating', 'failed', 'cancelled'],
  shipped: ['completed'],
  completed: ['delivered'],
  delivered: [],
  compensating: ['failed', 'cancelled'],
  failed: [],
  cancelled: [],
} as const;

export type OrderStatus = keyof typeof MOVES;

export const ORDER_STATUSES = Object.keys(MOVES) as readonly OrderStatus[];

/** The status an event leads to; an event that is not listed changes none. */
const STATUS_AFTER: Partial<Record<OrderEventType, OrderStatus>> = {
  OrderCreated: 'pending',
  SagaStarted: 'processing',
  StockReserved: 'inventoryReserved',
  PaymentProcessed: 'paymentProcessed',
  ApprovalRequested: 'awaitingApproval',
  OrderApproved: 'approved',
  ShipmentCreated: 'shipped',
  OrderCompleted: 'completed',
  CompensationStarted: 'compensating',
  OrderFailed: 'failed',
  OrderCancelled: 'cancelled',
  OrderDelivered: 'delivered',
};

/** The status after `type`, which is `current` when the event changes none. */
export function statusAfter(current: OrderStatus, type: OrderEventType): OrderStatus {
  return STATUS_AFTER[type] ?? current;
}

/** Whether an order in status `from` may come to `to`. Staying is always allowed. */
export function mayMove(from: OrderStatus, to: OrderStatus): boolean {
  return from === to || (MOVES[from] as readonly OrderStatus[]).includes(to);
}

/** Whether nothing more will be done for an order in this status. */
export function isEnding(status: OrderStatus): boolean {
  return status === 'completed' || status === 'delivered' || status === 'failed' || status === 'cancelled';
}

/** Whether the order is being undone, or was: no step is taken for it any more, and undoing is all that may follow. */
export function isGoingBack(status: OrderStatus): boolean {
  return status === 'compensating' || status === 'failed' || status === 'cancelled';
}

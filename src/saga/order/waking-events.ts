// Table of the events after which the saga of a choreographed order goes on (S17): those by which a turn of it ends, and those
// by which others ask for one. What a turn records on its way (a failure, that it goes back) wakes nothing.
import type { OrderEvent, OrderEventType } from '../../domain/order-events';

const WAKES: Readonly<Record<OrderEventType, boolean>> = {
  OrderCreated: false,
  SagaStarted: true,
  StockReserved: true,
  StockReservationFailed: false,
  CouponApplied: true,
  CouponRejected: true,
  PaymentProcessed: true,
  // It comes with the last payment, which wakes.
  SplitPaymentProcessed: false,
  PaymentFailed: false,
  // Whoever asked has sent for the end of the wait.
  ApprovalRequested: false,
  OrderApproved: true,
  ApprovalRejected: true,
  ShipmentCreated: true,
  ShipmentFailed: false,
  StockConfirmed: true,
  StockConfirmationFailed: false,
  CancelRequested: true,
  CompensationStarted: false,
  PaymentRefunded: true,
  CouponCancelled: true,
  ShipmentCancelled: true,
  StockReleased: true,
  CompensationFailed: false,
  InterventionOpened: false,
  OperatorActed: false,
  InterventionResolved: false,
  OrderCompleted: false,
  OrderFailed: false,
  OrderCancelled: false,
  ShipmentDispatched: false,
  OrderDelivered: false,
  // Returns run as orchestrations in both modes.
  ReturnRequested: false,
  ReturnAuthorised: false,
  ReturnReceived: false,
  ReturnInspected: false,
  ReturnRefunded: false,
  ReturnRestocked: false,
  ReturnRejected: false,
  ReturnClosed: false,
};

/**
 * Whether an event wakes the saga of its order. One of a newer release does: the stream says what follows. The last step is
 * recorded together with the end, and nothing follows that.
 */
export function wakesSaga({ type, data }: Pick<OrderEvent, 'type' | 'data'>): boolean {
  const isLast = 'nextStep' in data && data.nextStep === null;
  // Told with the last payment, which wakes.
  const isToldBeside = 'automatic' in data && data.automatic;
  return !isLast && !isToldBeside && (Object.hasOwn(WAKES, type) ? WAKES[type] : true);
}

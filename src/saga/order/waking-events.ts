// Table of the events after which the saga of a choreographed order goes on (S17): those by which a turn of it ends, and those
// by which others ask for one. What a turn records on its way (a failure, that it goes back) wakes nothing.
import type { OrderEvent, OrderEventType } from '../../domain/order-events';

const WAKES: Readonly<Record<OrderEventType, boolean>> = {
  OrderCreated: false,
  SagaStarted: true,
  StockReserved: true,
  StockReservationFailed: false,
  PaymentProcessed: true,
  PaymentFailed: false,
  ShipmentCreated: true,
  ShipmentFailed: false,
  StockConfirmed: true,
  CancelRequested: true,
  CompensationStarted: false,
  PaymentRefunded: true,
  ShipmentCancelled: true,
  StockReleased: true,
  CompensationFailed: false,
  InterventionOpened: false,
  OrderCompleted: false,
  OrderFailed: false,
  OrderCancelled: false,
};

/**
 * Whether an event wakes the saga of its order. One of a newer release does: the stream says what follows. The last step is
 * recorded together with the end, and nothing follows that.
 */
export function wakesSaga({ type, data }: Pick<OrderEvent, 'type' | 'data'>): boolean {
  const isLast = 'nextStep' in data && data.nextStep === null;
  return !isLast && (Object.hasOwn(WAKES, type) ? WAKES[type] : true);
}

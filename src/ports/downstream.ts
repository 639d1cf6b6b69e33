// The services the saga asks to act. Every call does one request and returns an outcome; none rejects for what a
// service may answer. A repeated key has one effect; undoing what never happened succeeds and closes the key (S2).
import type { OrderLine, ShippingAddress } from '../domain/order-events';
import type { Outcome } from '../domain/outcome';

/** On whose behalf, under which key, and until when. */
export interface ServiceCall {
  readonly key: string;
  readonly orderId: string;
  readonly customerId: string;
  readonly correlationId: string;
  readonly traceparent: string;
  /** The call is aborted after this time and its outcome is unknown. */
  readonly timeoutMs: number;
}

/** A look-up by key: what was done, or null when nothing was. */
export type Found<T> = Outcome<T | null>;

export interface InventoryService {
  reserve(call: ServiceCall, lines: readonly OrderLine[]): Promise<Outcome<{ reservationId: string }>>;
  findReservation(
    call: ServiceCall,
    key: string,
  ): Promise<Found<{ reservationId: string; status: ReservationStatus }>>;
  /** Takes reserved stock off the shelf for good. */
  confirm(call: ServiceCall, reservationKey: string): Promise<Outcome<unknown>>;
  release(call: ServiceCall, reservationKey: string): Promise<Outcome<unknown>>;
}
export type ReservationStatus = 'reserved' | 'released' | 'confirmed';

export interface PaymentService {
  charge(call: ServiceCall, charge: Charge): Promise<Outcome<{ transactionId: string }>>;
  findCharge(
    call: ServiceCall,
    key: string,
  ): Promise<Found<{ transactionId: string; status: 'charged' | 'refunded' }>>;
  refund(call: ServiceCall, chargeKey: string): Promise<Outcome<unknown>>;
}
export interface Charge {
  readonly amountMinor: number;
  readonly currency: string;
  readonly method: string;
}

export interface ShippingService {
  ship(call: ServiceCall, parcel: Parcel): Promise<Outcome<{ trackingId: string }>>;
  findShipment(
    call: ServiceCall,
    key: string,
  ): Promise<Found<{ trackingId: string; status: 'created' | 'cancelled' }>>;
  cancel(call: ServiceCall, shipmentKey: string): Promise<Outcome<unknown>>;
}
export interface Parcel {
  readonly address: ShippingAddress | null;
  readonly itemCount: number;
}

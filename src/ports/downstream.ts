// The services the saga asks to act. Every call does one request and returns an outcome; none rejects for what a service
// may answer. What a service promises (S26), and every adapter is tested for:
//
// - Calls to do and to undo are linearizable per key. A repeated key has one effect and one answer (S2).
// - `refused` is final for the key of a call to do: whoever asks again under it, however late, gets the same detail code,
//   also when the reason has gone. An adapter answers `refused` only where the service promises that. What it was refused
//   for may be asked for under another key.
// - Undoing what never happened, or was refused, succeeds and closes the key: what comes later is refused (KEY_CLOSED, or as
//   it was before). A refused undoing changes nothing and may be asked for again, and so may a refused confirmation.
// - A call that meets another at work under its key is `transient` with the code KEY_IN_PROGRESS (outage `key`). It did
//   nothing and uses up no attempt; the number of such calls is bounded (S11).
// - *Not found* proves nothing: the call may be on its way, or at work. Only an undoing that answered settles a key for good.
import type { OrderLine } from '../domain/order-events';
import type { Outcome } from '../domain/outcome';
import type { ShippingAddress } from '../domain/personal-data';

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

/** A look-up by key. Null: not found, which proves nothing. It waits for no other call, and shows what was done by then. */
export type Found<T> = Outcome<T | null>;

/** A key under which nothing was done and nothing will be: it was undone before it was used, or what it asked was refused. */
export type NeverDone =
  { readonly status: 'closed' } | { readonly status: 'refused'; readonly detailCode: string };

/**
 * What an undoing found: `undone`, something had been done and is undone now (or was before, on a repeat); `closed`, nothing
 * had been done, or only refused, and the key is closed.
 */
export interface Undoing {
  readonly found: 'undone' | 'closed';
}

export interface InventoryService {
  reserve(call: ServiceCall, lines: readonly OrderLine[]): Promise<Outcome<{ reservationId: string }>>;
  findReservation(call: ServiceCall, key: string): Promise<Found<FoundReservation>>;
  /** Takes reserved stock off the shelf for good. */
  confirm(call: ServiceCall, reservationKey: string): Promise<Outcome<unknown>>;
  /** Refused for stock that was confirmed, unless `evenConfirmed`: then it is put back on the shelf. */
  release(call: ServiceCall, reservationKey: string, evenConfirmed?: boolean): Promise<Outcome<Undoing>>;
  /** Puts returned pieces back on the shelf, once per key. A refusal changes nothing: it may be asked for again. */
  restock(call: ServiceCall, pieces: readonly Pieces[]): Promise<Outcome<unknown>>;
}
export interface Pieces {
  readonly productId: string;
  readonly quantity: number;
}
export type FoundReservation =
  { readonly status: 'reserved' | 'released' | 'confirmed'; readonly reservationId: string } | NeverDone;

export interface PromotionService {
  /** Checks a coupon and uses it, in one: two orders cannot both have the last use. */
  redeem(call: ServiceCall, redemption: Redemption): Promise<Outcome<Redeemed>>;
  findRedemption(call: ServiceCall, key: string): Promise<Found<FoundRedemption>>;
  /** Makes the use available again. */
  cancel(call: ServiceCall, redemptionKey: string): Promise<Outcome<Undoing>>;
}
export interface Redemption {
  readonly code: string;
  readonly totalMinor: number;
  readonly currency: string;
}
export interface Redeemed {
  readonly couponId: string;
  /** At most the total. */
  readonly discountMinor: number;
}
export type FoundRedemption = (Redeemed & { readonly status: 'redeemed' | 'cancelled' }) | NeverDone;

export interface PaymentService {
  charge(call: ServiceCall, charge: Charge): Promise<Outcome<{ transactionId: string }>>;
  findCharge(call: ServiceCall, key: string): Promise<Found<FoundCharge>>;
  /** Gives back all that is left of the charge. */
  refund(call: ServiceCall, chargeKey: string): Promise<Outcome<Undoing>>;
  /**
   * Gives a part of the charge back, once per key of the call; asked again under it, the answer is the same. Refused when
   * more would be given back than was charged, or nothing was: that changes nothing, and it may be asked for again.
   */
  refundPart(call: ServiceCall, part: PartialRefund): Promise<Outcome<{ refundId: string }>>;
}
export interface PartialRefund {
  readonly chargeKey: string;
  readonly amountMinor: number;
  readonly currency: string;
}
export interface Charge {
  readonly amountMinor: number;
  readonly currency: string;
  readonly method: string;
  /** What the service knows the customer's means of payment by. */
  readonly token?: string | undefined;
}
export type FoundCharge =
  { readonly status: 'charged' | 'refunded'; readonly transactionId: string } | NeverDone;

export interface ShippingService {
  ship(call: ServiceCall, parcel: Parcel): Promise<Outcome<{ trackingId: string }>>;
  findShipment(call: ServiceCall, key: string): Promise<Found<FoundShipment>>;
  cancel(call: ServiceCall, shipmentKey: string): Promise<Outcome<Undoing>>;
}
export interface Parcel {
  readonly address: ShippingAddress | null;
  readonly itemCount: number;
  /** With the order's id the reference that the carrier gives back with its news of the parcel. */
  readonly tenantId: string;
}
export type FoundShipment =
  { readonly status: 'created' | 'cancelled'; readonly trackingId: string } | NeverDone;

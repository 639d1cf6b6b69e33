// Where orders live: one event stream and one document per order, always written together (S5).
import type { EventEnvelope } from '../domain/event-envelope';
import type { Order, OrderHead } from '../domain/order';
import type { Sealed } from '../domain/personal-data';
import type { Reach, Scope } from '../domain/scope';

/** A document with the etag it had when it was read. */
export interface Stored<T> {
  readonly order: T;
  readonly etag: string;
}

/** An order as it was after an event. */
export interface Snapshot {
  readonly orderId: string;
  /** Of the last event that is folded in, as is `updatedAt`. */
  readonly sequence: number;
  readonly updatedAt: string;
  readonly head: OrderHead;
  /** SHA-256 of the head. */
  readonly checksum: string;
}

/** What of an order never changes, from its first event on. */
export interface PlacedOrder extends Pick<Order, 'tenantId' | 'customerId' | 'lines'> {
  /** One for each payment that was asked for; undefined where there is none. */
  readonly paymentTokens: readonly (Sealed | undefined)[];
  /** Left out where the customer gave none. */
  readonly contact?: Sealed | undefined;
}

export interface EventFilter {
  readonly type?: string | undefined;
  readonly fromIso?: string | undefined;
  readonly untilIso: string;
}

/** An open order, or one with a return that is due, as far as it takes to say when to look at it. */
export type QuietOrder = Pick<
  Order,
  'orderId' | 'tenantId' | 'updatedAt' | 'notBefore' | 'cancelRequestedAt' | 'returnsDueAt'
>;

/** An order that failed or was cancelled. */
export type UnsuccessfulOrder = Pick<Order, 'orderId' | 'tenantId' | 'updatedAt'>;

/**
 * Outside the scope that a call gives there is nothing to find, and a write throws a TerminalError OUT_OF_SCOPE (S19). A store
 * that is away (refused, timed out, throttled beyond patience) throws a TransientError with `outage`.
 */
export interface OrderStore {
  /** Writes a new order with its first events, or tells of the one that is there already. Nothing in between. */
  create(
    scope: Scope,
    order: OrderHead,
    events: readonly EventEnvelope[],
  ): Promise<{ readonly kind: 'created' | 'exists' } & Stored<OrderHead>>;
  read(scope: Scope, orderId: string): Promise<Stored<OrderHead> | undefined>;
  /** What never changes, from the first event or from memory. */
  placed(scope: Scope, orderId: string): Promise<PlacedOrder | undefined>;
  /**
   * Appends `events` and brings the document from `before` to `after` in one transaction, if the document still has
   * `etag`; a document that moved on, or a stream that holds one of the sequences, is a conflict and changes nothing. An
   * append that passes a hundredth event writes the snapshot there in the same transaction.
   */
  append(
    scope: Scope,
    before: OrderHead,
    etag: string,
    after: OrderHead,
    events: readonly EventEnvelope[],
  ): Promise<{ kind: 'appended'; etag: string } | { kind: 'conflict' }>;
  /**
   * The events of an order after `sequence`, in order: as they were written, old versions too (read-event.ts). The first
   * `limit`, and none that happened after `untilIso`.
   */
  eventsAfter(
    scope: Scope,
    orderId: string,
    sequence: number,
    range?: { readonly limit?: number; readonly untilIso?: string },
  ): Promise<readonly EventEnvelope[]>;
  /** The newest snapshot of an order up to and with `sequence` and `untilIso`; as stored, damaged or not. */
  snapshotBefore(
    scope: Scope,
    orderId: string,
    sequence: number,
    untilIso?: string,
  ): Promise<Snapshot | undefined>;
  /**
   * The events of all orders in reach that `filter` lets through, page by page, oldest first, those of one order in sequence; after
   * them those that are in the export, some orders at a time. As they were written, old versions too. Throws a TransientError when
   * the export cannot be read: no answer leaves events out.
   */
  scanEvents(reach: Reach, filter: EventFilter): AsyncIterable<readonly EventEnvelope[]>;
  /**
   * Orders that have not ended and have not changed since `updatedBeforeIso`, oldest change first, at most `limit`, and
   * none whose last change was before `updatedFromIso`; without those that wait for an operator, unless they are being
   * compensated, or for their `notBefore` when nobody has asked to cancel them (S7).
   */
  unfinished(
    reach: Reach,
    updatedBeforeIso: string,
    limit: number,
    updatedFromIso?: string,
  ): Promise<readonly QuietOrder[]>;
  /** Orders that failed or were cancelled and changed last in [fromIso, beforeIso), oldest first, at most `limit`. */
  unsuccessful(
    reach: Reach,
    fromIso: string,
    beforeIso: string,
    limit: number,
  ): Promise<readonly UnsuccessfulOrder[]>;
  /** Resolves when the store answers. */
  ping(): Promise<void>;
}

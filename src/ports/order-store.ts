// Where orders live: one event stream and one document per order, always written together (S5).
import type { Order, OrderHead } from '../domain/order';
import type { OrderStatus } from '../domain/order-status';
import type { EventEnvelope } from '../events/envelope';

/** A document with the etag it had when it was read. */
export interface Stored<T> {
  readonly order: T;
  readonly etag: string;
}

export interface OrderFilter {
  readonly customerKey: string;
  readonly status?: OrderStatus | undefined;
  readonly fromIso?: string | undefined;
  readonly toIso?: string | undefined;
  readonly offset: number;
  readonly limit: number;
}

/** The store is away (refused, timed out, throttled beyond patience): a TransientError with `outage` says so. */
export interface OrderStore {
  /** Writes a new order with its first events, or tells of the one that is there already. Nothing in between. */
  create(
    order: Order,
    events: readonly EventEnvelope[],
  ): Promise<({ kind: 'created' } & Stored<Order>) | ({ kind: 'exists' } & Stored<Order>)>;
  read(orderId: string): Promise<Stored<Order> | undefined>;
  /**
   * Appends `events` and brings the document from `before` to `after` in one transaction, if the document still has
   * `etag`; a document that moved on, or a stream that holds one of the sequences, is a conflict and changes nothing.
   */
  append(
    before: OrderHead,
    etag: string,
    after: OrderHead,
    events: readonly EventEnvelope[],
  ): Promise<{ kind: 'appended'; etag: string } | { kind: 'conflict' }>;
  /** The events of an order after `sequence`, in order. */
  eventsAfter(orderId: string, sequence: number): Promise<readonly EventEnvelope[]>;
  /** A customer's orders, newest first. */
  list(filter: OrderFilter): Promise<readonly Order[]>;
  /**
   * Orders that have not ended and have not changed since `updatedBeforeIso`, oldest first, at most `limit`; without
   * those that wait for an operator, or for their `notBefore` when nobody has asked to cancel them (S7).
   */
  unfinished(updatedBeforeIso: string, limit: number): Promise<readonly Stored<Order>[]>;
  /** Resolves when the store answers. */
  ping(): Promise<void>;
}

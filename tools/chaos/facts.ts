// Types of the facts after a run: what the clients were promised, and what store, services, broker and task hub hold.
// Data only; the invariants judge it.
import type { LedgerLine } from '../../local/demo/system-client';
import type { EventEnvelope } from '../../src/domain/event-envelope';
import type { Order } from '../../src/domain/order';
import type { DailyStats } from '../../src/projections/read-model-stores';
import type { Sent } from './sent';

/** One line of the simulated services' ledger. */
export interface Effect extends LedgerLine {
  readonly seq: number;
  readonly key: string;
  /** What it is about: that of a charge is also that of its refunds. */
  readonly reference: string;
}

export interface Stock {
  readonly productId: string;
  /** What was on hand before the first order, and put there since. */
  readonly supplied: number;
  readonly onHand: number;
  readonly reserved: number;
}

/** What the app's inventory view says is on hand of a product, and the last published level. */
export interface Echo {
  readonly productId: string;
  readonly published: number;
  /** Undefined when it has none. */
  readonly echoed: number | undefined;
}

/** A document of the list read model, as stored. */
export type ListedOrder = Readonly<Record<string, unknown>> & { readonly id: string };

/** A document of the daily figures, as stored. */
export type DayCounts = Pick<
  DailyStats,
  'day' | 'created' | 'completed' | 'failed' | 'cancelled' | 'createdMinor' | 'completedMinor'
>;

export interface PublishedEvent {
  readonly messageId: string;
  readonly sequence: number;
}

export interface DeadLetter {
  /** Queue, or topic and subscription. */
  readonly entity: string;
  readonly messageId: string;
  readonly reason: string;
}

/** The reason that Service Bus gives itself: each delivery of the message met a kill or a broken connection. */
export const WORN_OUT = 'MaxDeliveryCountExceeded';
/** The reason that the app gives: some did, and the store was away at the last one. */
export const GIVEN_UP = 'ProcessingFailed';

export interface Facts {
  readonly sent: readonly Readonly<Sent>[];
  readonly orders: readonly Order[];
  /** By order, in sequence. */
  readonly streams: ReadonlyMap<string, readonly EventEnvelope[]>;
  readonly ledger: readonly Effect[];
  readonly stock: readonly Stock[];
  readonly echoes: readonly Echo[];
  readonly listed: readonly ListedOrder[];
  readonly days: readonly DayCounts[];
  /** By order, as they lie in its session; copies that the run itself sent are left out. */
  readonly topic: ReadonlyMap<string, readonly PublishedEvent[]>;
  /** Message ids on `order-failures`. */
  readonly failures: readonly string[];
  /** Message ids still on `orders`. */
  readonly queued: readonly string[];
  readonly deadLetters: readonly DeadLetter[];
  readonly parked: readonly { readonly source: string; readonly reason: string }[];
  /** Orchestrations that are not completed. */
  readonly unfinished: readonly { readonly instanceId: string; readonly runtimeStatus: string }[];
  /** How processes ended that nobody had killed. */
  readonly crashes: readonly string[];
}

/** Something that is not as promised. */
export interface Violation {
  readonly invariant: string;
  readonly says: string;
}

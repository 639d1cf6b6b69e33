// Documents of the read models and the stores that keep them, each store split into what a query may do (read) and what a projection may do (write).
// A store that is away is a TransientError with `outage`. Outside the scope that a call gives there is nothing (S19).
import type { OrderStatus } from '../domain/order-status';
import type { CustomerScope, Owner, Reach, Scope, TenantScope } from '../domain/scope';
import type { OrderChoice } from '../ports/order-search';
import type { OrderSummary } from '../queries/order-view';

/** As a list of the API shows the order; `version` is the sequence of the last event it has seen. */
export interface CustomerOrder extends OrderSummary {
  readonly customerKey: string;
  /** When that event happened. */
  readonly changedAt: string;
}

/** What events after the first can change. */
export type CustomerOrderChanges = Partial<
  Pick<
    CustomerOrder,
    | 'status'
    | 'discountAmount'
    | 'amountDue'
    | 'completedAt'
    | 'failureCode'
    | 'failureDetailCode'
    | 'failureReason'
    | 'trackingId'
    | 'dispatchedAt'
    | 'deliveredAt'
    | 'needsIntervention'
  >
> &
  Pick<CustomerOrder, 'version' | 'changedAt'>;

export interface OrderFilter {
  readonly status?: OrderStatus | undefined;
  readonly fromIso?: string | undefined;
  readonly toIso?: string | undefined;
  /** The last order of the page before: only what comes behind it. */
  readonly after?: ListPosition | undefined;
  readonly limit: number;
}

/** As a filter of one customer's orders, over those of a whole tenant. */
export interface TenantOrderFilter extends OrderFilter, OrderChoice {
  readonly customerId?: string | undefined;
}

/** The place of an order in a list: its time, and its id among those of one time. */
export type ListPosition = Pick<CustomerOrder, 'createdAt' | 'id'>;

export interface CustomerOrderReads {
  /** A customer's orders, newest first; by id among those of one time. */
  list(scope: CustomerScope, filter: OrderFilter): Promise<readonly CustomerOrder[]>;
  /** The orders of all customers of a tenant, in the same order: a query over all partitions, for operators. */
  listOfTenant(scope: TenantScope, filter: TenantOrderFilter): Promise<readonly CustomerOrder[]>;
  read(scope: CustomerScope, orderId: string): Promise<StoredCustomerOrder | undefined>;
  /** When the newest event happened that an order of this customer shows, of those until `untilIso`. */
  newestChange(scope: CustomerScope, untilIso: string): Promise<string | undefined>;
}

export interface StoredCustomerOrder {
  readonly order: CustomerOrder;
  readonly etag: string;
}

/** Each gives the new etag, or undefined when the document is there already (create) or has another etag. */
export interface CustomerOrderWrites {
  create(scope: CustomerScope, order: CustomerOrder): Promise<string | undefined>;
  change(
    scope: CustomerScope,
    orderId: string,
    etag: string,
    changes: CustomerOrderChanges,
  ): Promise<string | undefined>;
  replace(scope: CustomerScope, order: CustomerOrder, etag: string): Promise<string | undefined>;
}

export type CustomerOrderStore = CustomerOrderReads & CustomerOrderWrites;

/** What only a rebuild does. */
export interface CustomerOrderUpkeep {
  /** Where the documents lie, page by page. */
  places(reach: Reach): AsyncIterable<readonly Pick<CustomerOrder, 'id' | 'customerKey'>[]>;
  remove(scope: CustomerScope, orderId: string): Promise<void>;
}

/** By currency, in minor units. */
export type Sums = Readonly<Record<string, number>>;

/** By name. */
export type Counts = Readonly<Record<string, number>>;

export interface DailyCounts {
  readonly created: number;
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
  /** Orders that began to go back, less those that did and have ended: over all days, those that do now. */
  readonly compensating: number;
  readonly interventions: number;
  readonly createdMinor: Sums;
  readonly completedMinor: Sums;
  /** From created to completed, over all that were completed. */
  readonly durationMs: number;
  /** How many of them took up to how long (daily-counts.ts). */
  readonly durations: Counts;
  /** Failed orders by `CODE:DETAIL`. */
  readonly failures: Counts;
  /** Compensations that were recorded, by the type of their event. */
  readonly compensations: Counts;
  /** Those that failed, by their step. */
  readonly failedCompensations: Counts;
  /** When the newest event happened that is counted here; null before the first. */
  readonly newestAt: string | null;
}

export interface DailyStats extends DailyCounts {
  readonly day: string;
}

export interface DailyStatsReads {
  /** The days of a tenant from `fromDay` to `toDay`, both included, on which anything was counted; none for a customer. */
  days(scope: Scope, fromDay: string, toDay: string): Promise<readonly DailyStats[]>;
}

/** A part of a day as it was found: its counts, and which events are in them. */
export interface CountedPart {
  readonly counts: DailyCounts;
  /** Undefined while the part has no counts. */
  readonly etag: string | undefined;
  readonly eventIds: ReadonlySet<string>;
}

/** Events that were counted together, and when the newest of them happened. */
export interface CountedTogether {
  readonly eventIds: readonly string[];
  readonly newestAt: string;
}

export interface DailyStatsWrites {
  /**
   * A part of a day (daily-stats.ts) with the events that were counted in it together with one that happened at `fromIso` or
   * later: as new as what this process has written, and every event that happened since is among them.
   */
  part(scope: TenantScope, dayShard: string, fromIso: string): Promise<CountedPart>;
  /**
   * Puts `counts` in the place of those with `etag` and remembers `events` as counted, both or neither. Gives the new etag;
   * undefined, and nothing is changed, when the part has another one by now.
   */
  count(
    scope: TenantScope,
    dayShard: string,
    etag: string | undefined,
    counts: DailyCounts,
    events: CountedTogether,
  ): Promise<string | undefined>;
}

export type DailyStatsStore = DailyStatsReads & DailyStatsWrites;

/** What only a rebuild does. */
export interface DailyStatsUpkeep {
  /** Remembers these events as counted without counting them. */
  mark(scope: TenantScope, dayShard: string, events: CountedTogether): Promise<void>;
  /** Where there are counts: the parts of days of each tenant. */
  places(reach: Reach): AsyncIterable<readonly StatsPlace[]>;
  /** Puts these counts in the place of those of the part; undefined takes it away. */
  put(scope: TenantScope, dayShard: string, counts: DailyCounts | undefined): Promise<void>;
}

export interface StatsPlace {
  readonly tenantId: string;
  readonly dayShard: string;
}

/** The ids of all orders, page by page; those of orders that come meanwhile may be among them. */
export interface OrderIds {
  all(reach: Reach): AsyncIterable<readonly OrderPlace[]>;
}

export interface OrderPlace extends Pick<Owner, 'tenantId'> {
  readonly orderId: string;
}

/** Whether the feed of the read models waits for a rebuild. */
export interface FeedHoldReads {
  /** Which rebuild the feed waits for, by a name of its own. Null as a rule. */
  holder(): Promise<string | null>;
}

export interface FeedHoldWrites {
  /** Makes the feed wait for `holder`, whoever held it before. */
  hold(holder: string): Promise<void>;
  /** Lets the feed go on; false, and nothing is changed, when it does not wait for `holder` any more. */
  release(holder: string): Promise<boolean>;
}

export type FeedHold = FeedHoldReads & FeedHoldWrites;

// Statistics of a tenant's orders and sagas, from the counts of the read model `daily-stats`: no order and no event is read.
// Knows no route and no store.
import type { TenantScope } from '../domain/scope';
import type { OrderStatus } from '../domain/order-status';
import { ORDER_STATUSES, isEnding } from '../domain/order-status';
import { DURATION_BOUNDS_MS, LONGER, NOTHING, plusCounts } from './daily-counts';
import { toAmounts } from './daily-stats';
import type {
  Counts,
  CustomerOrder,
  DailyCounts,
  DailyStats,
  DailyStatsReads,
  Sums,
} from './read-model-stores';

/** How a saga stands. Each is in one of them: `running` goes forward or waits, `compensating` goes back. */
export const SAGA_STANDINGS = ['running', 'compensating', 'completed', 'failed', 'cancelled'] as const;
export type SagaStanding = (typeof SAGA_STANDINGS)[number];

/** The statuses of the orders whose sagas stand so. */
export const STATUSES_OF: Readonly<Record<SagaStanding, readonly OrderStatus[]>> = {
  running: ORDER_STATUSES.filter((status) => !isEnding(status) && status !== 'compensating'),
  compensating: ['compensating'],
  completed: ['completed', 'delivered'],
  failed: ['failed'],
  cancelled: ['cancelled'],
};

export type SagaCounts = Readonly<Record<SagaStanding, number>>;

/** A saga as the list of operators shows it. */
export interface SagaEntry {
  readonly orderId: string;
  readonly customerId: string;
  readonly status: SagaStanding;
  readonly orderStatus: OrderStatus;
  readonly startedAt: string;
  /** When the newest event of its order happened that the list has seen. */
  readonly changedAt: string;
  readonly failureCode: string | null;
  readonly failureDetailCode: string | null;
  readonly needsIntervention: boolean;
  readonly version: number;
}

export interface Statistics {
  readonly from: string | null;
  readonly to: string | null;
  /** All sagas there are, whenever their orders came. */
  readonly sagas: SagaCounts;
  /** What happened from `from` to `to`. */
  readonly placed: number;
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
  /** Completed among those that ended. */
  readonly successRate: number | null;
  readonly placedAmount: Sums;
  readonly completedAmount: Sums;
  readonly durations: Durations;
  /** The most frequent first. */
  readonly failures: readonly {
    readonly code: string;
    readonly detailCode: string;
    readonly count: number;
  }[];
  readonly compensations: {
    readonly done: readonly Named[];
    readonly failed: readonly Named[];
  };
  readonly interventions: number;
}

interface Named {
  readonly name: string;
  readonly count: number;
}

/** From placed to completed. */
export interface Durations {
  readonly meanMs: number | null;
  /** So many of 100 took at most so long; null where nothing was completed, or some took longer than all bounds. */
  readonly p50AtMostMs: number | null;
  readonly p95AtMostMs: number | null;
  /** How many took longer than the bound before, and up to this one; null: longer than all. */
  readonly buckets: readonly { readonly upToMs: number | null; readonly count: number }[];
}

export interface Counted {
  readonly sagas: SagaCounts;
  readonly range: DailyCounts;
  readonly newestAt: string | null;
}

const FIRST_DAY = '0000-01-01';
const LAST_DAY = '9999-12-31';

/** Adds up every day of the tenant: 16 small documents a day, however many orders there are. */
export async function countAll(
  store: DailyStatsReads,
  scope: TenantScope,
  {
    from = FIRST_DAY,
    to = LAST_DAY,
  }: { readonly from?: string | undefined; readonly to?: string | undefined },
): Promise<Counted> {
  const days = await store.days(scope, FIRST_DAY, LAST_DAY);
  const all = addedUp(days);
  return {
    sagas: sagaCounts(all),
    range: addedUp(days.filter(({ day }) => day >= from && day <= to)),
    newestAt: all.newestAt,
  };
}

function addedUp(days: readonly DailyStats[]): DailyCounts {
  return days.reduce<DailyCounts>((sum, { day: _, ...counts }) => plusCounts(sum, counts), NOTHING);
}

function sagaCounts({ created, completed, failed, cancelled, compensating }: DailyCounts): SagaCounts {
  const running = created - completed - failed - cancelled - compensating;
  return { running, compensating, completed, failed, cancelled };
}

/** As the API shows it. */
export function toStatistics(
  { sagas, range }: Counted,
  { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined },
): Statistics {
  const { completed, failed, cancelled } = range;
  const ended = completed + failed + cancelled;
  return {
    ...{ from: from ?? null, to: to ?? null, sagas },
    ...{ placed: range.created, completed, failed, cancelled },
    successRate: ended === 0 ? null : completed / ended,
    placedAmount: toAmounts(range.createdMinor),
    completedAmount: toAmounts(range.completedMinor),
    durations: toDurations(range),
    failures: named(range.failures).map(({ name, count }) => {
      const [code = '', detailCode = ''] = name.split(':');
      return { code, detailCode, count };
    }),
    compensations: { done: named(range.compensations), failed: named(range.failedCompensations) },
    interventions: range.interventions,
  };
}

function named(counts: Counts): readonly Named[] {
  return Object.entries(counts)
    .map(([name, count]) => ({ name, count }))
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}

function toDurations({ completed, durationMs, durations }: DailyCounts): Durations {
  const buckets = [
    ...DURATION_BOUNDS_MS.map((upToMs) => ({ upToMs, count: durations[`upTo${upToMs}`] ?? 0 })),
    { upToMs: null, count: durations[LONGER] ?? 0 },
  ];
  return {
    meanMs: completed === 0 ? null : durationMs / completed,
    p50AtMostMs: boundOf(buckets, 0.5),
    p95AtMostMs: boundOf(buckets, 0.95),
    buckets,
  };
}

/** The first bound within which `share` of all lie. */
function boundOf(buckets: Durations['buckets'], share: number): number | null {
  const wanted = share * buckets.reduce((sum, { count }) => sum + count, 0);
  let within = 0;
  for (const { upToMs, count } of buckets) {
    within += count;
    if (wanted > 0 && within >= wanted) return upToMs;
  }
  return null;
}

/** The saga of an order, as the list of its tenant has the order. */
export function toSagaEntry(order: CustomerOrder): SagaEntry {
  const { id, customerId, status, createdAt, changedAt, failureCode, failureDetailCode } = order;
  const { needsIntervention, version } = order;
  return {
    ...{ orderId: id, customerId, status: standingOf(status), orderStatus: status },
    ...{ startedAt: createdAt, changedAt, failureCode, failureDetailCode, needsIntervention, version },
  };
}

/** How the saga of an order in this status stands. */
export function standingOf(status: OrderStatus): SagaStanding {
  return SAGA_STANDINGS.find((standing) => STATUSES_OF[standing].includes(status)) ?? 'running';
}

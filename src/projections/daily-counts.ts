// Reducer for the counts of the read model `daily-stats`: which events count, and what each adds. Pure; daily-stats.ts brings
// the events, and statistics.ts shows the counts.
//
// Two sums follow an order over several days: `created` less its ends are the sagas that have not ended, and `compensating`
// goes up on the day an order begins to go back and down on the day it has ended. Only their sums over all days mean anything.
import type { EventEnvelope } from '../domain/event-envelope';
import type { Failure, OrderEventType } from '../domain/order-events';
import type { Origin } from './order-streams';
import type { DailyCounts, Sums } from './read-model-stores';

export const NOTHING: DailyCounts = {
  created: 0,
  completed: 0,
  failed: 0,
  cancelled: 0,
  compensating: 0,
  interventions: 0,
  createdMinor: {},
  completedMinor: {},
  durationMs: 0,
  durations: {},
  failures: {},
  compensations: {},
  failedCompensations: {},
  newestAt: null,
};

/** How an order began, what was to be paid of it where that counts, and whether it went back before it ended. */
export type Counted = Pick<Origin, 'createdAt' | 'currency' | 'totalMinor' | 'goesBack'> & {
  readonly amountDueMinor: number;
};

const COUNTED: ReadonlySet<OrderEventType> = new Set([
  'OrderCreated',
  'OrderCompleted',
  'OrderFailed',
  'OrderCancelled',
  'CompensationStarted',
  'PaymentRefunded',
  'CouponCancelled',
  'ShipmentCancelled',
  'StockReleased',
  'CompensationFailed',
  'InterventionOpened',
]);

/** Whether `evolve` counts events of this type. An order that nothing goes wrong with has two. */
export function isCounted({ type }: Pick<EventEnvelope, 'type'>): boolean {
  return COUNTED.has(type);
}

/** Adds one event. Ordered is the total; completed is what was to be paid, after the discount. */
export function evolve(before: DailyCounts, event: EventEnvelope, origin: Counted): DailyCounts {
  if (!isCounted(event)) return before;
  const counts = { ...before, newestAt: later(before.newestAt, event.occurredAt) };
  switch (event.type) {
    case 'OrderCreated':
      return {
        ...counts,
        created: counts.created + 1,
        createdMinor: plus(counts.createdMinor, origin.currency, origin.totalMinor),
      };
    case 'OrderCompleted': {
      const tookMs = Date.parse(event.occurredAt) - Date.parse(origin.createdAt);
      return {
        ...counts,
        completed: counts.completed + 1,
        completedMinor: plus(counts.completedMinor, origin.currency, origin.amountDueMinor),
        durationMs: counts.durationMs + tookMs,
        durations: plus(counts.durations, durationKey(tookMs), 1),
      };
    }
    case 'OrderFailed':
      return {
        ...withoutSuccess(counts, origin),
        failed: counts.failed + 1,
        failures: plus(counts.failures, failureKey(event.data), 1),
      };
    case 'OrderCancelled':
      return { ...withoutSuccess(counts, origin), cancelled: counts.cancelled + 1 };
    case 'CompensationStarted':
      return { ...counts, compensating: counts.compensating + 1 };
    case 'PaymentRefunded':
    case 'CouponCancelled':
    case 'ShipmentCancelled':
    case 'StockReleased':
      return { ...counts, compensations: plus(counts.compensations, event.type, 1) };
    case 'CompensationFailed': {
      const step = event.data.step.split(':', 1)[0] ?? '';
      return { ...counts, failedCompensations: plus(counts.failedCompensations, step, 1) };
    }
    case 'InterventionOpened':
      return { ...counts, interventions: counts.interventions + 1 };
    default:
      return counts;
  }
}

function withoutSuccess(counts: DailyCounts, { goesBack }: Counted): DailyCounts {
  return goesBack ? { ...counts, compensating: counts.compensating - 1 } : counts;
}

/** Up to how many milliseconds an order took, by name; `more` for what took longer. */
export const DURATION_BOUNDS_MS = [100, 250, 500, 1_000, 2_500, 5_000, 10_000, 60_000, 600_000, 86_400_000];
export const LONGER = 'more';

function durationKey(tookMs: number): string {
  const bound = DURATION_BOUNDS_MS.find((most) => tookMs <= most);
  return bound === undefined ? LONGER : `upTo${bound}`;
}

/** What services have for codes; whatever else one may answer is one reason together: a name becomes a field. */
const A_CODE = /^[A-Z][A-Z0-9_]{0,39}$/;

/** `CODE:DETAIL`. */
function failureKey({ code, detailCode }: Failure): string {
  return `${code}:${A_CODE.test(detailCode) ? detailCode : 'OTHER'}`;
}

/** Two counts added up. */
export function plusCounts(a: DailyCounts, b: DailyCounts): DailyCounts {
  return {
    created: a.created + b.created,
    completed: a.completed + b.completed,
    failed: a.failed + b.failed,
    cancelled: a.cancelled + b.cancelled,
    compensating: a.compensating + b.compensating,
    interventions: a.interventions + b.interventions,
    createdMinor: plusSums(a.createdMinor, b.createdMinor),
    completedMinor: plusSums(a.completedMinor, b.completedMinor),
    durationMs: a.durationMs + b.durationMs,
    durations: plusSums(a.durations, b.durations),
    failures: plusSums(a.failures, b.failures),
    compensations: plusSums(a.compensations, b.compensations),
    failedCompensations: plusSums(a.failedCompensations, b.failedCompensations),
    newestAt: later(a.newestAt, b.newestAt),
  };
}

export function later(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return a > b ? a : b;
}

function plus(sums: Sums, name: string, value: number): Sums {
  return { ...sums, [name]: (sums[name] ?? 0) + value };
}

function plusSums(a: Sums, b: Sums): Sums {
  const sums: Record<string, number> = { ...a };
  for (const [name, value] of Object.entries(b)) sums[name] = (sums[name] ?? 0) + value;
  return sums;
}

// The course of a saga, as it is drawn: one lane per step, with its calls and what undid it. Made from the order's events
// alone, so that any step of any table is drawn. Pure.
import type { AuditedEvent } from '../queries/order-history';

export type BarKind = 'done' | 'failed' | 'undone' | 'notUndone' | 'running' | 'waiting';

/** A stretch of time in which something was worked on. */
export interface Bar {
  readonly kind: BarKind;
  readonly fromMs: number;
  readonly toMs: number;
  readonly label: string;
  readonly attempts: number;
  readonly error: string | null;
}

export interface Lane {
  /** By entry: `ProcessPayment:2`. */
  readonly step: string;
  readonly bars: readonly Bar[];
}

/** What of an event is drawn; its type may be one that this page does not know. */
type TellingEvent = Pick<AuditedEvent, 'occurredAt'> & { readonly type: string; readonly data: object };

interface Told {
  readonly step?: unknown;
  readonly undoes?: unknown;
  readonly attempts?: unknown;
  readonly lastError?: unknown;
  readonly reason?: unknown;
}

/** The lanes in the order in which the steps were first told of; `currentStep` is what runs now, up to `nowMs`. */
export function sagaCourse(
  events: readonly TellingEvent[],
  currentStep: string | null,
  nowMs: number,
): readonly Lane[] {
  const lanes = new Map<string, Bar[]>();
  const add = (step: string, bar: Bar): void => void lanes.set(step, [...(lanes.get(step) ?? []), bar]);
  let sinceMs = 0;
  for (const event of events) {
    const atMs = Date.parse(event.occurredAt);
    const told = event.data as Told;
    if (typeof told.step === 'string') {
      const undoes = typeof told.undoes === 'string' ? told.undoes : null;
      add(undoes ?? told.step, barOf(event.type, told, undoes, sinceMs === 0 ? atMs : sinceMs, atMs));
    }
    sinceMs = atMs;
  }
  if (currentStep !== null && sinceMs > 0) {
    const isWaiting = events.at(-1)?.type === 'ApprovalRequested';
    add(currentStep, {
      ...{ kind: isWaiting ? 'waiting' : 'running', fromMs: sinceMs, toMs: Math.max(nowMs, sinceMs) },
      ...{ label: currentStep, attempts: 1, error: null },
    });
  }
  return [...lanes].map(([step, bars]) => ({ step, bars }));
}

function barOf(type: string, told: Told, undoes: string | null, fromMs: number, toMs: number): Bar {
  return {
    kind: kindOf(type, undoes),
    fromMs,
    toMs,
    label: typeof told.step === 'string' ? told.step : type,
    attempts: typeof told.attempts === 'number' ? told.attempts : 1,
    error: errorText(told),
  };
}

const GIVEN_UP = /(Failed|Rejected)$|^InterventionOpened$/;

function kindOf(type: string, undoes: string | null): BarKind {
  if (undoes !== null) return type === 'CompensationFailed' ? 'notUndone' : 'undone';
  return GIVEN_UP.test(type) ? 'failed' : 'done';
}

function errorText({ lastError, reason }: Told): string | null {
  if (typeof reason === 'string') return reason;
  const message = (lastError as { readonly message?: unknown } | null | undefined)?.message;
  return typeof message === 'string' ? message : null;
}

/** Where a moment lies on the drawing, from 0 to 1. */
export type TimeScale = (atMs: number) => number;

/** Long stretches are drawn by the root of their time, so that a step of milliseconds is seen beside one of minutes. */
export function timeScale(bars: readonly Pick<Bar, 'fromMs' | 'toMs'>[]): TimeScale {
  const moments = [...new Set(bars.flatMap(({ fromMs, toMs }) => [fromMs, toMs]))];
  moments.sort((a, b) => a - b);
  const widths = moments.slice(1).map((moment, index) => Math.sqrt(moment - (moments[index] ?? moment)) + 4);
  const total = widths.reduce((sum, width) => sum + width, 0) || 1;
  const ends = widths.reduce<number[]>((sums, width) => [...sums, (sums.at(-1) ?? 0) + width], [0]);
  return (atMs) => {
    const index = moments.findLastIndex((moment) => moment <= atMs);
    if (index < 0) return 0;
    const [from = 0, to = from] = moments.slice(index, index + 2);
    const share = to === from ? 0 : (atMs - from) / (to - from);
    return ((ends[index] ?? 0) + share * (widths[index] ?? 0)) / total;
  };
}

// Report of a load: counts, how long orders took, and the worst second. Pure.
import { ascending, quantile } from '../harness/quantile';
import { figure } from '../harness/table';
import type { LoadedOrder } from './open-loop';

export interface LoadResult {
  readonly sent: number;
  readonly accepted: number;
  readonly completed: number;
  readonly failed: number;
  /** Of the failed ones, those whose card was to be declined. */
  readonly meantToFail: number;
  readonly cancelled: number;
  readonly notAccepted: number;
  readonly notEnded: number;
  /** From when it was due to its end, of those that ended. */
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** The second in which the orders that were due took longest, on average. */
  readonly worstSecond: WorstSecond | undefined;
  /** The first reasons for which orders were not accepted. */
  readonly refusals: readonly string[];
}

export interface WorstSecond {
  /** Counted from the start. */
  readonly second: number;
  readonly orders: number;
  readonly p50Ms: number;
  readonly maxMs: number;
}

const REFUSALS_SHOWN = 3;

export function resultOf(orders: readonly LoadedOrder[]): LoadResult {
  const ended = orders.flatMap(({ ended: end }) => (end === undefined ? [] : [end]));
  const failed = orders.filter(({ ended: end }) => end?.status === 'failed');
  const accepted = orders.filter(({ orderId }) => orderId !== undefined).length;
  const took = ascending(orders.flatMap(tookMs));
  return {
    sent: orders.length,
    accepted,
    completed: ended.filter(({ status }) => status === 'completed' || status === 'delivered').length,
    failed: failed.length,
    meantToFail: failed.filter(({ isMeantToFail }) => isMeantToFail).length,
    cancelled: ended.filter(({ status }) => status === 'cancelled').length,
    notAccepted: orders.length - accepted,
    notEnded: accepted - ended.length,
    p50Ms: quantile(took, 0.5),
    p95Ms: quantile(took, 0.95),
    p99Ms: quantile(took, 0.99),
    worstSecond: worstSecondOf(orders),
    refusals: orders
      .filter(({ orderId }) => orderId === undefined)
      .map(({ refusal }) => refusal ?? 'no answer before the time to drain was over')
      .slice(0, REFUSALS_SHOWN),
  };
}

/** Whether everything was accepted and has ended. */
export function isWhole({ notAccepted, notEnded }: LoadResult): boolean {
  return notAccepted === 0 && notEnded === 0;
}

function tookMs({ dueMs, ended }: LoadedOrder): number[] {
  return ended === undefined ? [] : [ended.atMs - dueMs];
}

function worstSecondOf(orders: readonly LoadedOrder[]): WorstSecond | undefined {
  const startedMs = orders[0]?.dueMs ?? 0;
  const seconds = new Map<number, number[]>();
  for (const order of orders) {
    const second = Math.floor((order.dueMs - startedMs) / 1_000);
    seconds.set(second, [...(seconds.get(second) ?? []), ...tookMs(order)]);
  }
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const [worst] = [...seconds]
    .filter(([, took]) => took.length > 0)
    .sort(([, a], [, b]) => mean(b) - mean(a));
  if (worst === undefined) return undefined;
  const [second, took] = [worst[0], ascending(worst[1])];
  return { second, orders: took.length, p50Ms: quantile(took, 0.5), maxMs: took.at(-1) ?? NaN };
}

/** One line while it runs. */
export function progressText(elapsedSeconds: number, orders: readonly LoadedOrder[]): string {
  const { sent, accepted, completed, failed, notAccepted, notEnded } = resultOf(orders);
  const refused = orders.filter(({ refusal }) => refusal !== undefined).length;
  return [
    `${String(Math.round(elapsedSeconds)).padStart(4)} s: ${sent} sent, ${accepted} accepted`,
    `${completed} completed, ${failed} failed, ${notEnded} under way`,
    ...(notAccepted > 0 ? [`${notAccepted - refused} without an answer yet, ${refused} refused`] : []),
  ].join(', ');
}

export function loadText(result: LoadResult): string {
  const { sent, accepted, completed, failed, meantToFail, cancelled, notAccepted, notEnded } = result;
  const { p50Ms, p95Ms, p99Ms, worstSecond, refusals } = result;
  return [
    `${sent} sent, ${accepted} accepted, ${completed} completed, ${failed} failed (${meantToFail} were meant to)` +
      (cancelled > 0 ? `, ${cancelled} cancelled` : ''),
    `from due to ended: p50 ${figure(p50Ms)} ms, p95 ${figure(p95Ms)} ms, p99 ${figure(p99Ms)} ms`,
    ...(worstSecond === undefined
      ? []
      : [
          `worst second: second ${worstSecond.second}, ${worstSecond.orders} orders, ` +
            `p50 ${figure(worstSecond.p50Ms)} ms, slowest ${figure(worstSecond.maxMs)} ms`,
        ]),
    ...(notAccepted > 0 ? [`NOT ACCEPTED: ${notAccepted}, such as: ${refusals.join(' | ')}`] : []),
    ...(notEnded > 0 ? [`NOT ENDED: ${notEnded}`] : []),
  ].join('\n');
}

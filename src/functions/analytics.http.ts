// Routes for the daily figures, from the read model.
import type { Scope } from '../domain/scope';
import { toIso, type Clock } from '../ports/clock';
import { dayCount, listDailyStats } from '../projections/daily-stats';
import type { DailyStatsReads } from '../projections/read-model-stores';
import { invalid } from './http';
import type { RegisterRoute } from './register-routes';
import { ROUTES } from './routes/routes';
import type { AnswerOf, Call } from './routes/route';

export interface AnalyticsPorts {
  readonly dailyStats: DailyStatsReads;
  readonly clock: Clock;
  /** What is dated further ahead of our clock is not believed. */
  readonly aheadMs: number;
}

const MAX_DAYS = 366;

export function registerAnalytics(ports: AnalyticsPorts, register: RegisterRoute): void {
  register(ROUTES.GetDailyAnalytics, (call) => dailyAnalytics(ports, call.scope, call));
}

type Analytics = typeof ROUTES.GetDailyAnalytics;

/**
 * The days from `from` to `to` in UTC, both included; `to` is today and `from` is `to` when they are not given. `X-As-Of`:
 * when the newest event happened that is counted in them; older ones may still come (daily-stats.D3).
 */
export async function dailyAnalytics(
  { dailyStats, clock, aheadMs }: AnalyticsPorts,
  scope: Scope,
  { query: given }: Pick<Call<Analytics>, 'query'>,
): Promise<AnswerOf<Analytics>> {
  const to = given.to ?? toIso(clock.nowMs()).slice(0, 10);
  const from = given.from ?? to;
  const count = dayCount(from, to);
  if (count < 1) throw invalid([{ path: 'from', message: 'must not be after `to`' }]);
  if (count > MAX_DAYS) {
    throw invalid([{ path: 'from', message: `must be at most ${MAX_DAYS} days before \`to\`` }]);
  }
  const { days: jsonBody, newestAt } = await listDailyStats(dailyStats, scope, from, to);
  const isBelieved = newestAt !== null && newestAt <= toIso(clock.nowMs() + aheadMs);
  return { status: 200, jsonBody, headers: isBelieved ? { 'X-As-Of': newestAt } : {} };
}

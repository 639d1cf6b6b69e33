// Routes for the daily figures, from the read model.
import type { Scope } from '../domain/scope';
import { toIso, type Clock } from '../ports/clock';
import { dayCount, listDailyStats } from '../projections/daily-stats';
import type { DailyStatsReads, FeedProgressReads } from '../projections/read-model-stores';
import { invalid } from './http';
import type { RegisterRoute } from './register-routes';
import { ROUTES } from './routes/routes';
import type { AnswerOf, Call } from './routes/route';

export interface AnalyticsPorts {
  readonly dailyStats: DailyStatsReads;
  readonly progress: FeedProgressReads;
  readonly clock: Clock;
}

const MAX_DAYS = 366;

export function registerAnalytics(ports: AnalyticsPorts, register: RegisterRoute): void {
  register(ROUTES.GetDailyAnalytics, (call) => dailyAnalytics(ports, call.scope, call));
}

type Analytics = typeof ROUTES.GetDailyAnalytics;

/** The days from `from` to `to` in UTC, both included; `to` is today and `from` is `to` when they are not given. */
export async function dailyAnalytics(
  { dailyStats, progress, clock }: AnalyticsPorts,
  scope: Scope,
  { query: given }: Pick<Call<Analytics>, 'query'>,
): Promise<AnswerOf<Analytics>> {
  const to = given.to ?? toIso(clock.nowMs()).slice(0, 10);
  const from = given.from ?? to;
  const days = dayCount(from, to);
  if (days < 1) throw invalid([{ path: 'from', message: 'must not be after `to`' }]);
  if (days > MAX_DAYS) {
    throw invalid([{ path: 'from', message: `must be at most ${MAX_DAYS} days before \`to\`` }]);
  }
  // Asked first: the figures may be newer than this time, never older.
  const { asOf } = await progress.read();
  return {
    status: 200,
    jsonBody: await listDailyStats(dailyStats, scope, from, to),
    headers: asOf === null ? {} : { 'X-As-Of': asOf },
  };
}

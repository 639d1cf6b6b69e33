// GetDailyAnalytics: what was ordered and what became of it, day by day, from the read model.
import { app } from '@azure/functions';
import { z } from 'zod';
import type { Scope } from '../domain/scope';
import { toIso, type Clock } from '../ports/clock';
import { dayCount, listDailyStats } from '../projections/daily-stats';
import type { DailyStatsReads, FeedProgressReads } from '../projections/read-model-stores';
import { endpoint, invalid, parametersOf, type Answer } from './http';
import { scopeOf } from './scope';

export interface AnalyticsPorts {
  readonly dailyStats: DailyStatsReads;
  readonly progress: FeedProgressReads;
  readonly clock: Clock;
}

const MAX_DAYS = 366;

export function registerAnalytics(ports: AnalyticsPorts): void {
  app.http('GetDailyAnalytics', {
    authLevel: 'function',
    methods: ['GET'],
    route: 'analytics/daily',
    handler: endpoint(({ request }) => dailyAnalytics(ports, scopeOf(request), request.url)),
  });
}

const day = z.iso.date('must be a day such as 2026-01-31').optional();
const parameters = z.object({ from: day, to: day });

/** The days from `from` to `to` in UTC, both included; `to` is today and `from` is `to` when they are not given. */
export async function dailyAnalytics(
  { dailyStats, progress, clock }: AnalyticsPorts,
  scope: Scope,
  url: string,
): Promise<Answer> {
  const given = parametersOf(url, parameters);
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
    jsonBody: await listDailyStats(dailyStats, scope, from, to),
    headers: asOf === null ? {} : { 'X-As-Of': asOf },
  };
}

// Routes for statistics of orders and sagas, from the read models: counts of days, and the list of a tenant's orders.
import { z } from 'zod';
import type { TenantScope } from '../domain/scope';
import { utcTime } from '../events/schemas';
import { toIso, type Clock } from '../ports/clock';
import type { CustomerOrderReads, DailyStatsReads } from '../projections/read-model-stores';
import { countAll, STATUSES_OF, toSagaEntry, toStatistics, type Counted } from '../projections/statistics';
import { toCursor } from '../queries/cursor';
import type { Cached, QueryCache } from '../queries/query-cache';
import { cursorPosition, invalid, nextPage } from './http';
import type { RegisterRoute } from './register-routes';
import { ROUTES } from './routes/routes';
import type { AnswerOf, Call } from './routes/route';

export interface StatisticsPorts {
  readonly dailyStats: DailyStatsReads;
  readonly customerOrders: CustomerOrderReads;
  readonly cache: QueryCache<Counted>;
  readonly clock: Clock;
  /** What is dated further ahead of our clock is not believed. */
  readonly aheadMs: number;
}

export function registerStatistics(ports: StatisticsPorts, register: RegisterRoute): void {
  register(ROUTES.GetStatistics, (call) => statisticsAnswer(ports, call));
  register(ROUTES.ListSagas, (call) => sagasAnswer(ports, call));
}

type GetStatistics = typeof ROUTES.GetStatistics;

/** What happened from `from` to `to`, both included, and how the sagas stand. */
export async function statisticsAnswer(
  ports: StatisticsPorts,
  { scope, query }: Pick<Call<GetStatistics>, 'scope' | 'query'>,
): Promise<AnswerOf<GetStatistics>> {
  const { from, to } = query;
  if (from !== undefined && to !== undefined && from > to)
    throw invalid([{ path: 'from', message: 'must not be after `to`' }]);
  const cached = await counted(ports, scope, query);
  return {
    status: 200,
    jsonBody: toStatistics(cached.answer, query),
    headers: countHeaders(ports, cached),
  };
}

type ListSagas = typeof ROUTES.ListSagas;

/** Where a page ended. */
const listPosition = z.strictObject({ createdAt: utcTime, id: z.uuid() });

/** A page of the sagas of the caller's tenant, and how many there are. */
export async function sagasAnswer(
  ports: StatisticsPorts,
  { query: given, request, scope, base }: Pick<Call<ListSagas>, 'query' | 'request' | 'scope' | 'base'>,
): Promise<AnswerOf<ListSagas>> {
  const { cursor, limit, status, customerId } = given;
  const query = { list: 'sagas', scope, status, customerId };
  const found = await ports.customerOrders.listOfTenant(scope, {
    customerId,
    statuses: status === undefined ? undefined : STATUSES_OF[status],
    after: cursorPosition(query, cursor, listPosition),
    limit: limit + 1,
  });
  const cached = await counted(ports, scope, {});
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  const isLast = found.length <= limit || last === undefined;
  const headers = {
    ...countHeaders(ports, cached),
    ...(isLast
      ? {}
      : nextPage(
          `${base}/ops/sagas`,
          request.url,
          toCursor(query, { createdAt: last.createdAt, id: last.id }),
        )),
  };
  return { status: 200, jsonBody: { counts: cached.answer.sagas, sagas: shown.map(toSagaEntry) }, headers };
}

function counted(
  { dailyStats, cache }: StatisticsPorts,
  scope: TenantScope,
  { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined },
): Promise<Cached<Counted>> {
  return cache.read({ group: scope.tenantId, key: JSON.stringify([from, to]) }, () =>
    countAll(dailyStats, scope, { from, to }),
  );
}

function countHeaders(
  { clock, aheadMs }: StatisticsPorts,
  { answer: { newestAt }, result }: Cached<Counted>,
): Record<string, string> {
  const isBelieved = newestAt !== null && newestAt <= toIso(clock.nowMs() + aheadMs);
  return { 'X-Cache': result, ...(isBelieved ? { 'X-As-Of': newestAt } : {}) };
}

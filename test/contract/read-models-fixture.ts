// The app's read models on the Cosmos DB look-alike, as main.ts composes them, and streams to fill them with.
import type { Container } from '@azure/cosmos';
import { createCosmosDailyStats } from '../../src/adapters/cosmos-daily-stats';
import { createCosmosOrderStore } from '../../src/adapters/cosmos-order-store';
import { createCosmosParking } from '../../src/adapters/cosmos-parking';
import {
  createCosmosCustomerOrders,
  createCosmosFeedHold,
  createCosmosOrderIds,
} from '../../src/adapters/cosmos-read-models';
import { ALL_TENANTS, type Reach, type Scope } from '../../src/domain/scope';
import type { OrderFact } from '../../src/domain/order-events';
import { dailyAnalytics } from '../../src/functions/analytics.http';
import { listOrders, type ReadPage } from '../../src/functions/customer-orders.http';
import { sagasAnswer, statisticsAnswer, type StatisticsPorts } from '../../src/functions/statistics.http';
import { ROUTES } from '../../src/functions/routes/routes';
import { createCustomerOrders, forgetWritten } from '../../src/projections/customer-orders';
import { createDailyStats } from '../../src/projections/daily-stats';
import { createOrderStreams } from '../../src/projections/order-streams';
import { projectChanges, type ProjectedPage } from '../../src/projections/project-orders';
import { createQueryCache } from '../../src/queries/query-cache';
import { createMetrics } from '../../src/telemetry/metrics';
import { rebuild, type Rebuildable, type RebuildPorts, type Rebuilt } from '../../src/projections/rebuild';
import { sharedCipher } from '../support/field-cipher';
import { openAppDatabase } from '../support/app-database';
import { callTo } from '../support/route-calls';
import { SCOPE, completedOrder, created, failedOrder } from '../support/orders';
import type { Cosmos } from 'azure-local/testing/cosmos-fixture';

let databases = 0;
/** The app's read models on a database of their own; `host()` is one more host on it. */
export function openReadModels(cosmos: Cosmos) {
  databases += 1;
  const name = `orders-db-${databases}`;
  const database = openAppDatabase(cosmos.url, { name });
  const orders = createCosmosOrderStore(database.orders);
  const cache = createQueryCache<ReadPage>('customer-orders', createMetrics(), () => performance.now());
  const customerOrders = forgetWritten(
    createCosmosCustomerOrders(database.container('customer-orders')),
    (group) => cache.forget(group),
  );
  const dailyStats = createCosmosDailyStats(database.container('daily-stats'));
  const feedHold = createCosmosFeedHold(database.container('daily-stats'));
  const clock = { nowMs: () => Date.UTC(2026, 0, 2) };
  const aheadMs = 60_000;
  const parking = createCosmosParking(database.container('parking'), {
    ...{ cipher: sharedCipher, clock, tenantIds: ['default'] },
  });
  const host = (): ((...changes: unknown[]) => Promise<ProjectedPage>) => {
    const streams = createOrderStreams(orders);
    const projections = [
      createCustomerOrders(customerOrders, streams),
      createDailyStats(dailyStats, streams),
    ];
    return (...changes) => projectChanges({ projections, streams, parking, feedHold, clock }, changes);
  };
  /** A rebuild with a memory of its own; `between` is called after each page of orders was listed. */
  const rebuilt = (
    projection: Rebuildable,
    between = () => Promise.resolve(),
    other: Partial<RebuildPorts> = {},
    within: Reach = ALL_TENANTS,
  ): Promise<Rebuilt> => {
    const ids = createCosmosOrderIds(database.orders);
    const orderIds = {
      all: async function* (reach: Reach) {
        for await (const page of ids.all(reach)) {
          await between();
          yield page;
        }
      },
    };
    const streams = createOrderStreams(orders);
    return rebuild({ orderIds, streams, customerOrders, dailyStats, feedHold, ...other }, within, projection);
  };
  const statisticsPorts = (): StatisticsPorts => ({
    ...{ dailyStats, customerOrders, clock, aheadMs },
    cache: createQueryCache('statistics', createMetrics(), () => performance.now()),
  });
  return {
    orders,
    rebuilt,
    cache,
    customerOrders,
    dailyStats,
    feedHold,
    parking,
    host,
    container: (id: string): Container => cosmos.client.database(name).container(id),
    name,
    listAs: async (caller: Scope, customerId: string) =>
      listOrders(
        { customerOrders, cache, clock, aheadMs },
        caller,
        await callTo(ROUTES.GetOrdersByCustomer, { params: { customerId } }),
      ),
    list: async (customerId: string, query = '') =>
      listOrders(
        { customerOrders, cache, clock, aheadMs },
        SCOPE,
        await callTo(ROUTES.GetOrdersByCustomer, { params: { customerId }, query }),
      ),
    statistics: async (query = '') =>
      statisticsAnswer(statisticsPorts(), await callTo(ROUTES.GetStatistics, { query })),
    sagas: async (query = '') => sagasAnswer(statisticsPorts(), await callTo(ROUTES.ListSagas, { query })),
    daily: async (query: string) =>
      dailyAnalytics(
        { dailyStats, clock, aheadMs },
        SCOPE,
        await callTo(ROUTES.GetDailyAnalytics, { query }),
      ),
  };
}

export type ReadModels = ReturnType<typeof openReadModels>;

let ids = 0;
export const newId = (): string => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`;

export const HAPPY: readonly OrderFact[] = [created, ...completedOrder];
export const DECLINED: readonly OrderFact[] = [created, ...failedOrder];

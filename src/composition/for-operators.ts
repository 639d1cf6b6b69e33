// Composition of what operators see and do.
import { hostname } from 'node:os';
import { createCosmosAudit } from '../adapters/cosmos-audit';
import { createCosmosOrderSearch } from '../adapters/cosmos-order-search';
import { createCosmosOrderIds } from '../adapters/cosmos-read-models';
import { createCosmosEndedOrders, createCosmosSagaArchive } from '../adapters/cosmos-saga-archive';
import { createDurableSagaHistories } from '../adapters/durable-saga-histories';
import { createDeadLetterCounts } from '../adapters/service-bus-dead-letter-counts';
import { createServiceBusDeadLetters } from '../adapters/service-bus-dead-letters';
import { createSimulatorsClient } from '../adapters/simulators-client';
import { registerConsole } from '../functions/console.http';
import { registerSagaControl } from '../functions/control-saga.http';
import { registerDeadLetters } from '../functions/dead-letters.http';
import { registerMetrics } from '../functions/metrics.http';
import { registerPlayground } from '../functions/playground.http';
import { registerOps } from '../functions/ops.http';
import { registerOrderList } from '../functions/order-list.http';
import { registerOrderSearch } from '../functions/order-search.http';
import { registerHistoryPurge } from '../functions/purge-histories.timer';
import { registerRebuild } from '../functions/rebuild.http';
import { sagaClient } from '../functions/saga-client.durable';
import type { ControlAppPorts } from '../functions/control-saga.http';
import type { RebuildPorts } from '../projections/rebuild';
import type { CustomerOrderReads } from '../projections/read-model-stores';
import type { ReplayPorts } from '../operations/replay';
import type { Parts } from './parts';

/** The read models, as replays and rebuilds need them. */
type ReadModels = Pick<ReplayPorts, 'projections'> &
  Pick<RebuildPorts, 'streams' | 'customerOrders' | 'dailyStats' | 'feedHold'> & {
    readonly customerOrders: CustomerOrderReads;
  };

export function registerForOperators(
  { config, clock, database, metrics, orders, bus, registerRoute }: Parts,
  readModels: ReadModels,
  control: ControlAppPorts,
): void {
  const { streams, customerOrders, dailyStats, feedHold, projections } = readModels;
  registerMetrics(
    {
      metrics,
      deadLetters: createDeadLetterCounts(
        bus,
        [config.ordersQueue, config.orderFailuresQueue, config.customerNotificationsQueue],
        clock,
      ),
      instance: config.instanceId === '' ? `${hostname()}-${process.pid}` : config.instanceId,
    },
    registerRoute,
  );

  registerConsole();
  registerPlayground(createSimulatorsClient(config.simulatorsUrl), registerRoute);
  registerOrderList(customerOrders, clock, registerRoute);
  registerOrderSearch(
    createCosmosOrderSearch({
      orders: database.orders,
      customerOrders: database.container('customer-orders'),
    }),
    clock,
    registerRoute,
  );
  registerDeadLetters(
    {
      letters: createServiceBusDeadLetters(bus),
      audit: createCosmosAudit(database.container('operations')),
      clock,
      queues: { orders: config.ordersQueue, notifications: config.customerNotificationsQueue },
    },
    registerRoute,
  );
  registerOps({ orders, clock, projections, feedHold }, registerRoute);
  registerSagaControl(control, registerRoute);
  registerHistoryPurge(
    {
      endedOrders: createCosmosEndedOrders(database.orders),
      archive: createCosmosSagaArchive(database.container('saga-archive'), clock),
      histories: (context) => createDurableSagaHistories(sagaClient(context)),
      clock,
    },
    config.historyRetentionDays,
    config.purgeSchedule,
  );
  registerRebuild(
    { orderIds: createCosmosOrderIds(database.orders), streams, customerOrders, dailyStats, feedHold },
    registerRoute,
  );
}

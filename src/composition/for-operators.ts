// Composition of what operators see and do.
import { createCosmosAudit } from '../adapters/cosmos-audit';
import { createCosmosOrderQueues } from '../adapters/cosmos-order-queues';
import { createCosmosOrderSearch } from '../adapters/cosmos-order-search';
import { createCosmosOrderIds } from '../adapters/cosmos-read-models';
import { createCosmosEndedOrders, createCosmosSagaArchive } from '../adapters/cosmos-saga-archive';
import { createDurableSagaHistories } from '../adapters/durable-saga-histories';
import { createJaegerTraces } from '../adapters/jaeger-traces';
import { createDeadLetterCounts } from '../adapters/service-bus-dead-letter-counts';
import { createServiceBusDeadLetters } from '../adapters/service-bus-dead-letters';
import { createSimulatorsClient } from '../adapters/simulators-client';
import { registerConsole } from '../functions/console.http';
import { registerSagaControl } from '../functions/control-saga.http';
import { registerDeadLetters } from '../functions/dead-letters.http';
import { registerInbox } from '../functions/inbox.http';
import { registerIntake } from '../functions/intake.http';
import { registerMetrics } from '../functions/metrics.http';
import { registerPlayground } from '../functions/playground.http';
import { registerOps } from '../functions/ops.http';
import { registerOrderList } from '../functions/order-list.http';
import { registerParked } from '../functions/parked.http';
import { registerOrderSearch } from '../functions/order-search.http';
import { registerOrderTrace } from '../functions/order-trace.http';
import { registerHistoryPurge } from '../functions/purge-histories.timer';
import { registerStuckOrders } from '../functions/stuck-orders.http';
import { registerRebuild } from '../functions/rebuild.http';
import { taskHub } from '../functions/task-hub.durable';
import type { ControlAppPorts } from '../functions/control-saga.http';
import type { RebuildPorts } from '../projections/rebuild';
import type { CustomerOrderReads } from '../projections/read-model-stores';
import { createStuckCount } from '../operations/stuck-count';
import type { ReplayPorts } from '../operations/replay';
import { toIso } from '../ports/clock';
import { createSharedGauges } from '../telemetry/shared-gauges';
import type { IntakeStore } from '../ports/intake';
import { instanceIdOf } from './instance-id';
import type { Parts } from './parts';

/** The read models, as replays and rebuilds need them. */
type ReadModels = Pick<ReplayPorts, 'projections'> &
  Pick<RebuildPorts, 'streams' | 'customerOrders' | 'dailyStats' | 'feedHold'> & {
    readonly customerOrders: CustomerOrderReads;
  };

export function registerForOperators(
  parts: Parts,
  readModels: ReadModels,
  control: ControlAppPorts,
  intake: IntakeStore,
): void {
  const { config, clock, encryption, database, metrics, orders, parking, bus, registerRoute } = parts;
  const { streams, customerOrders, dailyStats, feedHold, projections } = readModels;
  const audit = createCosmosAudit(database.container('operations'), encryption.cipher);
  const queues = createCosmosOrderQueues(database.orders);
  const stuckMs = config.stuckAfterMinutes * 60_000;
  const deadLetters = createDeadLetterCounts(
    bus,
    [config.ordersQueue, config.orderFailuresQueue, config.customerNotificationsQueue],
    clock,
  );
  const stuckOrders = createStuckCount(queues, clock, stuckMs);
  const refresh = createSharedGauges({ deadLetters, stuckOrders }, metrics);
  registerMetrics({ metrics, refresh, instance: instanceIdOf(config) }, registerRoute);
  parts.startMetrics(refresh);

  registerConsole();
  registerParked(parking, registerRoute);
  registerOrderLists(parts, customerOrders);
  const traces = createJaegerTraces(config.traceQueryUrl);
  registerOrderTrace({ orders, traces, pageOf: config.traceLink }, registerRoute);
  registerInbox({ ...control, customerOrders, queues }, registerRoute);
  registerIntake({ intake, audit, clock }, registerRoute);
  registerStuckOrders({ ...control, queues, stuckMs }, registerRoute);
  registerPlayground(createSimulatorsClient(config.simulatorsUrl), orders, registerRoute);
  registerDeadLetters(
    {
      letters: createServiceBusDeadLetters(bus),
      audit,
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
      histories: (context) => createDurableSagaHistories(taskHub(context)),
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

function registerOrderLists(
  { clock, config, database, registerRoute }: Parts,
  customerOrders: CustomerOrderReads,
): void {
  const searched = { orders: database.orders, customerOrders: database.container('customer-orders') };
  const quietSince = (): string => toIso(clock.nowMs() - config.stuckAfterMinutes * 60_000);
  registerOrderList(customerOrders, quietSince, registerRoute);
  registerOrderSearch(createCosmosOrderSearch(searched), quietSince, registerRoute);
}

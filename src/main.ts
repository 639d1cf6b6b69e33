// Composition root, the only module that acts when it is loaded: settings → adapters → registered functions.
import { lookup } from 'node:dns/promises';
import type { InvocationContext } from '@azure/functions';
import { refuseKnownShortages } from './activities/known-shortage';
import { activityCaller, createOrderActivities } from './activities/order-activities';
import { createEffectLookUp } from './activities/effect-look-up';
import { createReturnActivities } from './activities/return-activities';
import { BREAKER_READINGS, type BreakerState } from './adapters/breaker-states';
import { createDatabase } from './adapters/cosmos-client';
import { createCosmosDailyStats } from './adapters/cosmos-daily-stats';
import { createCosmosIntake } from './adapters/cosmos-intake';
import { createCosmosInventoryView } from './adapters/cosmos-inventory-view';
import { createCosmosMarks } from './adapters/cosmos-marks';
import { createCosmosOrderFeed } from './adapters/cosmos-order-feed';
import { createCosmosOrderStore } from './adapters/cosmos-order-store';
import { createCosmosParking } from './adapters/cosmos-parking';
import { createCosmosCustomerOrders, createCosmosFeedHold } from './adapters/cosmos-read-models';
import {
  createInventoryService,
  createPaymentService,
  createPromotionService,
  createShippingService,
} from './adapters/downstream-services';
import { createDurableReturnSagas } from './adapters/durable-return-sagas';
import { createDurableSagaControl } from './adapters/durable-saga-control';
import { createServiceClient } from './adapters/service-client';
import { createServiceBusClient } from './adapters/service-bus-client';
import { createBrokerProbe } from './adapters/service-bus-probe';
import { createPostpone } from './adapters/service-bus-postponing';
import { createServiceBusSagaMessages } from './adapters/service-bus-saga-messages';
import { createBatchSender } from './adapters/service-bus-sender';
import { parseConfig } from './parse-config';
import { triggerConnections } from './trigger-connections';
import { createIdentify } from './identity/identify';
import { createQuotas } from './identity/quotas';
import { registerApprovals } from './functions/approvals.http';
import { SAGA_TIMERS_QUEUE, registerChoreography } from './functions/choreography.servicebus';
import { registerAnalytics } from './functions/analytics.http';
import { registerStatistics } from './functions/statistics.http';
import { registerVersionRefusal } from './functions/api-versions';
import { createDoor } from './functions/door';
import { registerCustomerOrders, type ReadPage } from './functions/customer-orders.http';
import { registerHealth } from './functions/health.http';
import { registerLiveEvents } from './functions/live-events.http';
import { registerOpenApi } from './functions/openapi.http';
import { registerOrderSaga, registerReturnSaga } from './functions/order-saga.durable';
import { registerOrderTimeline } from './functions/order-timeline.http';
import { registerOrderRoutes } from './functions/orders.http';
import { registerOrderQueue } from './functions/process-order.queue';
import { createFeedTurns } from './functions/feed-turns';
import { registerProjections } from './functions/project-orders.feed';
import { registerReturnRoutes } from './functions/returns.http';
import { createRegisterRoute } from './functions/register-routes';
import { registerLateLookUp, registerReconciler } from './functions/reconcile.timer';
import { taskHub } from './functions/task-hub.durable';
import { createBeforeStart } from './functions/followed-container.hook';
import { registerSchemas } from './functions/schemas.http';
import { measuredActivities } from './telemetry/measured-activities';
import { measuredOrders } from './telemetry/measured-orders';
import { createMetrics } from './telemetry/metrics';
import { warnAtStart } from './telemetry/start-warnings';
import type { ReturnSagas } from './ports/return-sagas';
import type { SagaControl } from './ports/saga-control';
import { createIntakeGate } from './operations/intake';
import { createCustomerOrders, forgetWritten } from './projections/customer-orders';
import { createDailyStats } from './projections/daily-stats';
import type { Counted } from './projections/statistics';
import { createQueryCache } from './queries/query-cache';
import { createOrderStreams } from './projections/order-streams';
import { registerBulkOperations } from './composition/bulk';
import { createEncryption } from './composition/encryption';
import { registerEventsIn } from './composition/events-in';
import { registerEventsOut } from './composition/events-out';
import { openExport, registerExportOfOld } from './composition/exports';
import { registerForOperators } from './composition/for-operators';
import { registerPersonalDataOf } from './composition/personal-data';
import { startTelemetry } from './composition/start-telemetry';
import { unknownSettings, unresolvedHosts, unresolvedSecrets } from './setting-warnings';

const config = parseConfig(process.env);
warnAtStart([...unknownSettings(process.env), ...unresolvedSecrets(process.env)]);
// Not waited for: a name server that is slow must not hold up the start.
void unresolvedHosts(config, lookup).then(warnAtStart);
const DAY_MS = 86_400_000;
const breakerOpenMs = config.breakerOpenSeconds * 1_000;

const clock = { nowMs: () => Date.now() };
const aheadMs = config.eventsAheadMinutes * 60_000;
const database = createDatabase(config);
if (config.createContainers) createBeforeStart(database.orders, (line) => warnAtStart([line]));
const encryption = createEncryption(config, database, clock);
const { cipher } = encryption;
const metrics = createMetrics();
const startedS = clock.nowMs() / 1_000;
metrics.observe('order_saga_start_time_seconds', {}, () => startedS);
const { tracing, startMetrics } = startTelemetry(config, metrics, __dirname);
const exportFiles = openExport(config.exportUrl);
const orders = tracing.orders(measuredOrders(createCosmosOrderStore(database.orders, exportFiles), metrics));
const parking = createCosmosParking(database.container('parking'), {
  cipher,
  clock,
  tenantIds: config.tenants.map(({ id }) => id),
});
const inventoryView = createCosmosInventoryView(database.container('inventory'), clock);

const serviceClient = (service: string, baseUrl: string): ReturnType<typeof createServiceClient> =>
  createServiceClient({ service, baseUrl, breakerOpenMs });
const services = {
  inventory: serviceClient('inventory', config.inventoryBaseUrl),
  promotion: serviceClient('promotion', config.promotionBaseUrl),
  payment: serviceClient('payment', config.paymentBaseUrl),
  shipping: serviceClient('shipping', config.shippingBaseUrl),
  notification: serviceClient('notification', config.notificationBaseUrl),
};

const onBreaker = (target: string, state: () => BreakerState): void =>
  metrics.observe('order_saga_breaker_open', { target }, () => BREAKER_READINGS[state()]);
for (const [name, client] of Object.entries(services)) onBreaker(name, () => client.breakerState());

// In every saga's input: a saga that runs keeps what it began with.
const stepPolicy = {
  retry: {
    maxAttempts: config.retryMaxAttempts,
    firstDelayMs: config.retryFirstDelaySeconds * 1_000,
    factor: config.retryFactor,
    maxDelayMs: config.retryMaxDelaySeconds * 1_000,
  },
  forwardMaxAttempts: config.retryForwardMaxAttempts,
  timeoutsMs: config.stepTimeouts,
};
const sagaSettings = {
  sagaVersion: config.sagaVersion,
  workingTimeMs: config.sagaTimeoutMinutes * 60_000,
  waitForOutages: config.outagePolicy === 'wait',
  compensationMaxAttempts: config.compensationMaxAttempts,
  stepPolicy,
};
// The binding's data is the same for the life of the host, so the client is made at the first invocation and kept.
let sagaControl: SagaControl | undefined;
const sagas = (context: InvocationContext): SagaControl =>
  (sagaControl ??= tracing.sagas(createDurableSagaControl(taskHub(context), sagaSettings)));
let returnControl: ReturnSagas | undefined;
const returnSagas = (context: InvocationContext): ReturnSagas =>
  (returnControl ??= tracing.returnSagas(createDurableReturnSagas(taskHub(context))));

const signInRequired = config.platformSignsIn && config.signIn === 'required';
const { operatorToken, platformSignsIn, tenants } = config;
const claims = { tenant: config.tenantClaim, customer: config.customerClaim };
const registerRoute = createRegisterRoute(
  createDoor({
    identify: createIdentify({ platformSignsIn, signInRequired, operatorToken, tenants, claims }),
    quotas: createQuotas(tenants, clock),
  }),
  !signInRequired,
  tracing,
);
registerOpenApi(registerRoute);
registerVersionRefusal();

// Orders come in, and their sagas run.
const approvals = {
  limitsMinor: config.approvalLimits,
  timeoutMs: config.approvalTimeoutMinutes * 60_000,
  whenUnanswered: config.approvalTimeoutPolicy,
};
const { sagaVersion, couponFailurePolicy } = config;
const bus = createServiceBusClient(config);
const countPublished = (target: string, types: readonly string[]): void => {
  for (const type of types) metrics.add('order_saga_events_published_total', { target, type });
};
const sendTo = (entity: string): ReturnType<typeof createBatchSender> =>
  createBatchSender(bus, entity, {
    batchSize: config.relayBatchSize,
    breakerOpenMs,
    onBreaker,
    onAccepted: (messages) =>
      countPublished(
        entity,
        messages.map(({ subject = 'OrderFailed' }) => subject),
      ),
  });
const isChoreography = config.sagaMode === 'choreography';
const sagaMessages = isChoreography
  ? createServiceBusSagaMessages(bus, SAGA_TIMERS_QUEUE, sendTo(SAGA_TIMERS_QUEUE))
  : undefined;
const placing = { approvals, sagaVersion, couponFailurePolicy, sagaMessages };
const ports = { orders, clock, cipher, sagas, returnSagas, inventoryView, tracing, ...placing };
const connections = triggerConnections(config);
const parts = {
  ...{ config, connections, clock, encryption, database, metrics, tracing, startMetrics },
  ...{ orders, parking, bus, sendTo },
  registerRoute,
};
const intakeStore = createCosmosIntake(database.container('operations'));
const intake = createIntakeGate(intakeStore, clock);
registerOrderRoutes({ ...ports, intake }, registerRoute);
registerPersonalDataOf(parts);
registerApprovals(ports, registerRoute);
registerOrderTimeline(orders, registerRoute);
registerLiveEvents({ orders, feed: createCosmosOrderFeed(database.orders) }, registerRoute);
registerOrderQueue(ports, {
  connection: connections.serviceBus,
  queueName: config.ordersQueue,
  maxDeliveryCount: config.maxDeliveryCount,
  tenants,
  intake,
  postpone: createPostpone(bus, config.ordersQueue),
});
registerHealth({ ...ports, broker: createBrokerProbe(bus, config.ordersQueue) }, services, registerRoute);
const downstream = {
  inventory: refuseKnownShortages(
    tracing.service('inventory', createInventoryService(services.inventory)),
    inventoryView,
  ),
  promotion: tracing.service('promotion', createPromotionService(services.promotion)),
  payment: tracing.service('payment', createPaymentService(services.payment)),
  shipping: tracing.service('shipping', createShippingService(services.shipping)),
};
const activities = tracing.activities(
  measuredActivities(createOrderActivities({ ...ports, ...downstream }), metrics),
);
registerOrderSaga(activities);
const returnActivities = tracing.activities(
  createReturnActivities({
    ...ports,
    ...downstream,
    parcelTimeoutMs: config.returnParcelDays * DAY_MS,
  }),
);
registerReturnSaga(returnActivities);

// What a crash, an operator or the platform left undone is finished without an orchestration.
const finishing = {
  callActivity: activityCaller({ ...activities, ...returnActivities }),
  wait: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
  compensationMaxAttempts: config.compensationMaxAttempts,
  stepPolicy,
};
registerReturnRoutes({ ...ports, ...finishing, returnWindowDays: config.returnWindowDays }, registerRoute);
if (sagaMessages !== undefined) {
  registerChoreography(
    { ...sagaSettings, ...finishing, orders, clock, tracing, messages: sagaMessages },
    { connection: connections.serviceBus, topicName: config.orderEventsTopic },
  );
}
const marks = createCosmosMarks(database.container('saga-archive'));
registerReconciler(
  { ...ports, ...finishing, marks },
  { quietMs: config.reconcileAfterSeconds * 1_000, stuckMs: config.stuckAfterMinutes * 60_000 },
  config.reconcileSchedule,
);
registerLateLookUp(
  { ...ports, ...finishing, marks, lookUpEffect: createEffectLookUp(downstream) },
  config.lateLookUpMinutes * 60_000,
  config.lookUpSchedule,
);

// What happened to them goes out.
const feed = {
  connection: connections.cosmos,
  databaseName: config.cosmosDatabase,
  containerName: config.cosmosContainer,
  createLeases: config.createContainers,
  turns: createFeedTurns(),
};
const relayed = { ...feed, batchSize: config.relayBatchSize, pollSeconds: config.relayPollSeconds };
registerEventsOut(parts, relayed, { breakerOpenMs, onBreaker, countPublished });
registerSchemas(registerRoute);

// Read models.
const streams = createOrderStreams(orders);
const pages = createQueryCache<ReadPage>('customer-orders', metrics, () => performance.now());
const customerOrders = forgetWritten(
  createCosmosCustomerOrders(database.container('customer-orders')),
  (group) => pages.forget(group),
);
const dailyStats = createCosmosDailyStats(database.container('daily-stats'));
const feedHold = createCosmosFeedHold(database.container('daily-stats'));
const projections = [createCustomerOrders(customerOrders, streams), createDailyStats(dailyStats, streams)];
registerProjections(
  { projections, streams, parking, feedHold, clock, meter: metrics },
  { ...feed, pollSeconds: config.readModelPollSeconds },
);
registerCustomerOrders({ customerOrders, cache: pages, clock, aheadMs }, registerRoute);
registerAnalytics({ dailyStats, clock, aheadMs }, registerRoute);
const counts = createQueryCache<Counted>('statistics', metrics, () => performance.now());
registerStatistics({ dailyStats, customerOrders, cache: counts, clock, aheadMs }, registerRoute);

const readModels = { streams, customerOrders, dailyStats, feedHold, projections };
registerForOperators(parts, readModels, { ...ports, ...finishing }, intakeStore);
registerBulkOperations(parts, customerOrders, { ...ports, ...finishing });
registerExportOfOld(parts, exportFiles, marks);
registerEventsIn(parts, inventoryView, services.notification);

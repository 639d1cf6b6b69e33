// Composition root, the only module that acts when it is loaded: settings → adapters → registered functions.
import { lookup } from 'node:dns/promises';
import type { InvocationContext } from '@azure/functions';
import { refuseKnownShortages } from './activities/known-shortage';
import { activityCaller, createOrderActivities } from './activities/order-activities';
import { createEffectLookUp } from './activities/effect-look-up';
import { createDatabase } from './adapters/cosmos-client';
import { createCosmosDailyStats } from './adapters/cosmos-daily-stats';
import { createCosmosInventoryView } from './adapters/cosmos-inventory-view';
import { createCosmosMarks } from './adapters/cosmos-marks';
import { createCosmosOrderStore } from './adapters/cosmos-order-store';
import { createCosmosParking } from './adapters/cosmos-parking';
import {
  createCosmosCustomerOrders,
  createCosmosFeedProgress,
  createCosmosOrderIds,
} from './adapters/cosmos-read-models';
import {
  createInventoryService,
  createPaymentService,
  createShippingService,
} from './adapters/downstream-services';
import { createCosmosEndedOrders, createCosmosSagaArchive } from './adapters/cosmos-saga-archive';
import { createDurableSagaControl } from './adapters/durable-saga-control';
import { createDurableSagaHistories } from './adapters/durable-saga-histories';
import { createEventGridPublisher } from './adapters/event-grid-publisher';
import { createNotificationService } from './adapters/notification-service';
import { createServiceClient } from './adapters/service-client';
import { createServiceBusClient } from './adapters/service-bus-client';
import { createServiceBusOrderFailures } from './adapters/service-bus-order-failures';
import { createBrokerProbe } from './adapters/service-bus-probe';
import { createServiceBusPublisher } from './adapters/service-bus-publisher';
import { createServiceBusSagaMessages } from './adapters/service-bus-saga-messages';
import { createBatchSender } from './adapters/service-bus-sender';
import { parseConfig, triggerConnections } from './config';
import { createInventoryConsumer } from './inventory/handle-inventory';
import { createCustomerNotifier, TOLD_TO_CUSTOMERS } from './consumers/notify-customers';
import { createStockWatcher } from './inventory/watch-stock';
import { SAGA_TIMERS_QUEUE, registerChoreography } from './functions/choreography.servicebus';
import { registerAnalytics } from './functions/analytics.http';
import { registerVersionRefusal } from './functions/api-versions';
import { registerSagaControl } from './functions/control-saga.http';
import { registerCustomerOrders } from './functions/customer-orders.http';
import { registerInventoryEvents } from './functions/handle-inventory-event.eventgrid';
import { registerHealth } from './functions/health.http';
import { registerCustomerNotifications } from './functions/notify-customers.queue';
import { registerOpenApi } from './functions/openapi.http';
import { createOperatorCheck } from './functions/operator';
import { createCosmosAudit } from './adapters/cosmos-audit';
import { createServiceBusDeadLetters } from './adapters/service-bus-dead-letters';
import { registerDeadLetters } from './functions/dead-letters.http';
import { registerConsole } from './functions/console.http';
import { registerOps } from './functions/ops.http';
import { registerOrderList } from './functions/order-list.http';
import { registerOrderSaga } from './functions/order-saga.durable';
import { registerOrderRoutes } from './functions/orders.http';
import { registerOrderQueue } from './functions/process-order.queue';
import { registerProjections } from './functions/project-orders.feed';
import { registerHistoryPurge } from './functions/purge-histories.timer';
import { registerRebuild } from './functions/rebuild.http';
import { createRegisterRoute } from './functions/register-routes';
import { registerLateLookUp, registerReconciler } from './functions/reconcile.timer';
import { registerEventGridRelay, registerRelay } from './functions/relay-events.feed';
import { sagaClient } from './functions/saga-client.durable';
import { createBeforeStart } from './functions/followed-container.hook';
import { registerSchemas } from './functions/schemas.http';
import { registerStockWatch } from './functions/watch-stock.eventgrid';
import { warnAtStart } from './telemetry/start-warnings';
import type { SagaControl } from './ports/saga-control';
import { wakesSaga } from './saga/order/waking-events';
import { createCustomerOrders } from './projections/customer-orders';
import { createDailyStats } from './projections/daily-stats';
import { createOrderStreams } from './projections/order-streams';
import { unknownSettings, unresolvedHosts, unresolvedSecrets } from './setting-warnings';

const config = parseConfig(process.env);
warnAtStart([...unknownSettings(process.env), ...unresolvedSecrets(process.env)]);
// Not waited for: a name server that is slow must not hold up the start.
void unresolvedHosts(config, lookup).then(warnAtStart);
const breakerOpenMs = config.breakerOpenSeconds * 1_000;

const clock = { nowMs: () => Date.now() };
const aheadMs = config.eventsAheadMinutes * 60_000;
const database = createDatabase(config);
if (config.createContainers) createBeforeStart(database.orders, (line) => warnAtStart([line]));
const orders = createCosmosOrderStore(database.orders);
const parking = createCosmosParking(database.container('parking'), clock);
const inventoryView = createCosmosInventoryView(database.container('inventory'), clock);

const serviceClient = (service: string, baseUrl: string): ReturnType<typeof createServiceClient> =>
  createServiceClient({ service, baseUrl, breakerOpenMs });
const services = {
  inventory: serviceClient('inventory', config.inventoryBaseUrl),
  payment: serviceClient('payment', config.paymentBaseUrl),
  shipping: serviceClient('shipping', config.shippingBaseUrl),
  notification: serviceClient('notification', config.notificationBaseUrl),
};

const sagaSettings = {
  sagaVersion: config.sagaVersion,
  workingTimeMs: config.sagaTimeoutMinutes * 60_000,
  waitForOutages: config.outagePolicy === 'wait',
  compensationMaxAttempts: config.compensationMaxAttempts,
};
// The binding's data is the same for the life of the host, so the client is made at the first invocation and kept.
let sagaControl: SagaControl | undefined;
const sagas = (context: InvocationContext): SagaControl =>
  (sagaControl ??= createDurableSagaControl(sagaClient(context), sagaSettings));

const registerRoute = createRegisterRoute(
  createOperatorCheck({ operatorToken: config.operatorToken, platformSignsIn: config.platformSignsIn }),
);
registerOpenApi(registerRoute);
registerVersionRefusal();

// Orders come in, and their sagas run.
const bus = createServiceBusClient(config);
const sendTo = (entity: string): ReturnType<typeof createBatchSender> =>
  createBatchSender(bus, entity, { batchSize: config.relayBatchSize, breakerOpenMs });
const isChoreography = config.sagaMode === 'choreography';
const sagaMessages = isChoreography
  ? createServiceBusSagaMessages(bus, SAGA_TIMERS_QUEUE, sendTo(SAGA_TIMERS_QUEUE))
  : undefined;
const ports = { orders, clock, sagas, sagaMessages, inventoryView, sagaVersion: config.sagaVersion };
const connections = triggerConnections(config);
registerOrderRoutes(ports, registerRoute);
registerOrderQueue(ports, {
  connection: connections.serviceBus,
  queueName: config.ordersQueue,
  maxDeliveryCount: config.maxDeliveryCount,
});
registerHealth({ ...ports, broker: createBrokerProbe(bus, config.ordersQueue) }, services, registerRoute);
const downstream = {
  inventory: refuseKnownShortages(createInventoryService(services.inventory), inventoryView),
  payment: createPaymentService(services.payment),
  shipping: createShippingService(services.shipping),
};
const activities = createOrderActivities({ ...ports, ...downstream });
registerOrderSaga(activities);

// What a crash, an operator or the platform left undone is finished without an orchestration.
const finishing = {
  callActivity: activityCaller(activities),
  wait: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
  compensationMaxAttempts: config.compensationMaxAttempts,
};
if (sagaMessages !== undefined) {
  registerChoreography(
    { ...sagaSettings, ...finishing, orders, clock, messages: sagaMessages },
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
  batchSize: config.relayBatchSize,
};
registerRelay(
  {
    publisher: createServiceBusPublisher(
      sendTo(config.orderEventsTopic),
      isChoreography ? wakesSaga : undefined,
    ),
    failures: { orders, queue: createServiceBusOrderFailures(sendTo(config.orderFailuresQueue)) },
    copies: {
      types: TOLD_TO_CUSTOMERS,
      publisher: createServiceBusPublisher(sendTo(config.customerNotificationsQueue)),
    },
    parking,
  },
  feed,
);
if (config.eventGridTopicEndpoint !== '') {
  registerEventGridRelay(
    { publisher: createEventGridPublisher({ ...config, breakerOpenMs }), parking },
    feed,
  );
}
registerSchemas(registerRoute);

// Read models.
const streams = createOrderStreams(orders);
const customerOrders = createCosmosCustomerOrders(database.container('customer-orders'));
const dailyStats = createCosmosDailyStats(database.container('daily-stats'));
const progress = createCosmosFeedProgress(database.container('daily-stats'));
const projections = [createCustomerOrders(customerOrders, streams), createDailyStats(dailyStats, streams)];
registerProjections({ projections, streams, parking, progress, clock, aheadMs }, feed);
registerCustomerOrders({ customerOrders, progress }, registerRoute);
registerAnalytics({ dailyStats, progress, clock }, registerRoute);

// For operators.
registerConsole();
registerOrderList(customerOrders, registerRoute);
registerDeadLetters(
  {
    letters: createServiceBusDeadLetters(bus),
    audit: createCosmosAudit(database.container('operations')),
    clock,
    queues: { orders: config.ordersQueue, notifications: config.customerNotificationsQueue },
  },
  registerRoute,
);
registerOps({ orders, clock, projections, progress }, registerRoute);
registerSagaControl({ ...ports, ...finishing }, registerRoute);
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
  { orderIds: createCosmosOrderIds(database.orders), streams, customerOrders, dailyStats, progress },
  registerRoute,
);

// Events come in.
registerInventoryEvents(createInventoryConsumer({ store: inventoryView, parking, clock }, aheadMs));
registerStockWatch(createStockWatcher(parking));
registerCustomerNotifications(
  createCustomerNotifier({
    orders,
    notifications: createNotificationService(services.notification),
    parking,
  }),
  { connection: connections.serviceBus, queueName: config.customerNotificationsQueue },
);

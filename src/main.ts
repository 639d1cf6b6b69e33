// The composition root, and the only module that acts when it is loaded: settings → adapters → registered functions.
import type { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { createOrderActivities } from './activities/order-activities';
import { createDatabase } from './adapters/cosmos-client';
import { createCosmosOrderStore } from './adapters/cosmos-order-store';
import {
  createInventoryService,
  createPaymentService,
  createShippingService,
} from './adapters/downstream-services';
import { createDurableSagaControl } from './adapters/durable-saga-control';
import { createServiceClient } from './adapters/service-client';
import { createServiceBusClient } from './adapters/service-bus-client';
import { createServiceBusOrderFailures } from './adapters/service-bus-order-failures';
import { parseConfig, triggerConnections } from './config';
import { registerHealth } from './functions/health.http';
import { registerOrderSaga } from './functions/order-saga.durable';
import { registerOrderEndpoints } from './functions/orders.http';
import { registerOrderQueue } from './functions/process-order.queue';
import { registerReconciler } from './functions/reconcile.timer';
import { registerRelay } from './functions/relay-events.feed';
import type { SagaControl } from './ports/saga-control';

const config = parseConfig(process.env);

const clock = { nowMs: () => Date.now() };
const database = createDatabase(config);
const orders = createCosmosOrderStore(database.orders);

const serviceClient = (service: string, baseUrl: string): ReturnType<typeof createServiceClient> =>
  createServiceClient({ service, baseUrl, breakerOpenMs: config.breakerOpenSeconds * 1_000 });
const services = {
  inventory: serviceClient('inventory', config.inventoryBaseUrl),
  payment: serviceClient('payment', config.paymentBaseUrl),
  shipping: serviceClient('shipping', config.shippingBaseUrl),
};

const sagaSettings = {
  workingTimeMs: config.sagaTimeoutMinutes * 60_000,
  waitForOutages: config.outagePolicy === 'wait',
  compensationMaxAttempts: config.compensationMaxAttempts,
};
// The binding's data is the same for the life of the host, so the client is made at the first invocation and kept.
let sagaControl: SagaControl | undefined;
const sagas = (context: InvocationContext): SagaControl =>
  (sagaControl ??= createDurableSagaControl(df.getClient(context), sagaSettings));

const ports = { orders, clock, sagas };
registerOrderEndpoints(ports);
registerHealth(ports, services);
registerReconciler(ports, config.reconcileAfterSeconds * 1_000);

const connections = triggerConnections(config);
registerOrderQueue(ports, {
  connection: connections.serviceBus,
  queueName: config.ordersQueue,
  maxDeliveryCount: config.maxDeliveryCount,
});
registerRelay(
  {
    orders,
    failures: createServiceBusOrderFailures(createServiceBusClient(config), config.orderFailuresQueue),
  },
  {
    connection: connections.cosmos,
    databaseName: config.cosmosDatabase,
    containerName: config.cosmosContainer,
    createLeases: config.createContainers,
    batchSize: config.relayBatchSize,
  },
);
registerOrderSaga(
  createOrderActivities({
    ...ports,
    inventory: createInventoryService(services.inventory),
    payment: createPaymentService(services.payment),
    shipping: createShippingService(services.shipping),
  }),
);

// What the platform of this app holds from its start, and the settings that point the app at it.
import { parseTopics } from 'azure-local/eventgrid/topics';
import { parseEntities } from 'azure-local/servicebus/entities';
import { settingsBeyondLoopback } from 'azure-local/supervisor/loopback';
import { lookAlikeSettings } from '../../local/app-settings';
import definitions from '../../local/eventgrid/topics.json';
import config from '../../local/servicebus/Config.json';

test('the queues, topics and subscriptions of Service Bus are those of the design', () => {
  const { queues, topics } = parseEntities(config);
  expect(queues).toMatchObject([
    { name: 'orders', maxDeliveryCount: 3, lockDurationMs: 60_000, duplicateWindowMs: undefined },
    { name: 'order-failures', duplicateWindowMs: 300_000 },
    { name: 'customer-notifications', maxDeliveryCount: 10, duplicateWindowMs: 300_000 },
    { name: 'saga-timers', maxDeliveryCount: 10, requiresSession: true },
  ]);
  const [events] = topics;
  expect(events).toMatchObject({ name: 'order-events', duplicateWindowMs: 300_000 });
  expect(
    events?.subscriptions.map(({ name, requiresSession, maxDeliveryCount, rules }) => [
      name,
      requiresSession,
      maxDeliveryCount,
      ...(rules.length === 0
        ? [undefined]
        : rules.map(({ system, application }) => system.label ?? application)),
    ]),
  ).toEqual([
    ['all-events', true, 10, undefined],
    ['order-created-events', false, 10, 'OrderCreated'],
    ['stock-reserved-events', false, 10, 'StockReserved'],
    ['payment-processed-events', false, 10, 'PaymentProcessed'],
    ['payment-failed-events', false, 10, 'PaymentFailed'],
    ['shipment-created-events', false, 10, 'ShipmentCreated'],
    ['order-completed-events', false, 10, 'OrderCompleted'],
    ['order-failed-events', false, 10, 'OrderFailed'],
    ['order-cancelled-events', false, 10, 'OrderCancelled'],
    ['saga-steps', true, 10, { wakesSaga: 'true' }],
  ]);
});

test('the Event Grid topics are sound, and their endpoints follow the functions', () => {
  const topics = parseTopics(definitions, { functions: 'http://127.0.0.1:7071' });
  expect(topics.map(({ name, inputSchema }) => [name, inputSchema])).toEqual([
    ['inventory-events', 'EventGridSchema'],
    ['inventory-cloud-events', 'CloudEventSchemaV1_0'],
    ['shipping-events', 'EventGridSchema'],
    ['shipping-cloud-events', 'CloudEventSchemaV1_0'],
    ['order-events', 'CloudEventSchemaV1_0'],
  ]);
  expect(topics[0]?.subscriptions[0]).toMatchObject({
    endpointUrl: 'http://127.0.0.1:7071/runtime/webhooks/EventGrid?functionName=HandleInventoryEvent',
    eventDeliverySchema: 'EventGridSchema',
    maxDeliveryAttempts: 30,
    eventTimeToLiveInMinutes: 1440,
  });
});

const lookAlikes = lookAlikeSettings({
  cosmos: 'http://127.0.0.1:1',
  services: 'http://127.0.0.1:2',
  servicebus: 'sb://127.0.0.1:3',
  eventgrid: 'http://127.0.0.1:4',
});

test('events of orders go to no Event Grid topic unless a setting asks for it, as in Azure', () => {
  expect(Object.keys(lookAlikes).filter((name) => name.includes('EventGrid'))).toEqual([]);
});

test('every setting of the look-alikes points of the look-alikes at loopback', () => {
  expect(lookAlikes).toMatchObject({
    OrderProcessing__CosmosConnectionString: expect.stringMatching(
      /^AccountEndpoint=http:\/\/127\.0\.0\.1:1\/;AccountKey=[^;]+;$/,
    ) as string,
    ShippingService__BaseUrl: 'http://127.0.0.1:2/shipping',
  });
  expect(settingsBeyondLoopback(lookAlikes)).toEqual([]);
});

// Parser of settings: environment → frozen Config, through one table. All problems are reported at once, each naming its setting.
import { z } from 'zod';
import { DEFAULT_TENANTS, tenantsSchema } from './identity/tenants';
import { CURRENT_VERSION } from './saga/order/step-tables';
import { FEED_SETTINGS } from './feed-settings';
import { SAGA_SETTINGS } from './saga-settings';
import { SERVICE_SETTINGS } from './service-settings';
import { TELEMETRY_SETTINGS } from './telemetry-settings';
import {
  type Setting,
  baseUrl,
  choice,
  encryptionKey,
  exportUrl,
  flag,
  json,
  quantity,
  sagaVersion,
  schedule,
  secret,
  setting,
  text,
  wholeNumber,
} from './setting-kinds';

/** Every setting the app reads. The table of docs/configuration.md equals this (a test compares). */
export const SETTINGS = {
  cosmosConnectionString: setting(
    'OrderProcessing:CosmosConnectionString',
    z.string().default(''),
    '',
    'Connection string of the order store; empty = managed identity with `CosmosConnection__accountEndpoint`',
  ),
  cosmosEndpoint: setting(
    'CosmosConnection:accountEndpoint',
    baseUrl.default(''),
    '',
    'Endpoint of the order store when there is no connection string',
  ),
  cosmosDatabase: setting('OrderProcessing:CosmosDatabaseName', text('orders-db'), 'orders-db', 'Database'),
  cosmosContainer: setting(
    'OrderProcessing:CosmosContainerName',
    text('orders'),
    'orders',
    'Container of orders and their events',
  ),
  createContainers: setting(
    'OrderProcessing:CreateCosmosContainers',
    flag(false),
    'false',
    'Whether the app creates database and containers: that of the orders at the start, others at the first use; in Azure the infrastructure does',
  ),
  serviceBusConnectionName: setting(
    'OrderProcessing:ServiceBusConnectionName',
    text('ServiceBusConnection'),
    'ServiceBusConnection',
    'Name of the setting that connects to Service Bus; the two below are named after it',
  ),
  serviceBusConnectionString: setting(
    'ServiceBusConnection',
    z.string().default(''),
    '',
    'Connection string of Service Bus; empty = managed identity with `ServiceBusConnection__fullyQualifiedNamespace`',
  ),
  serviceBusNamespace: setting(
    'ServiceBusConnection:fullyQualifiedNamespace',
    z.string().trim().default(''),
    '',
    'Service Bus namespace (`<name>.servicebus.windows.net`) when there is no connection string',
  ),
  ordersQueue: setting('OrderProcessing:OrdersQueue', text('orders'), 'orders', 'Queue that brings orders'),
  orderFailuresQueue: setting(
    'OrderProcessing:OrderFailuresQueue',
    text('order-failures'),
    'order-failures',
    'Queue that is told of every failed order',
  ),
  maxDeliveryCount: setting(
    'OrderProcessing:MaxDeliveryCount',
    wholeNumber(3, 1, 2_000),
    '3',
    'Deliveries of one message, as the queue `orders` has it: at the last one a fault is dead-lettered as `ProcessingFailed`',
  ),
  orderEventsTopic: setting(
    'OrderProcessing:OrderEventsTopic',
    text('order-events'),
    'order-events',
    'Topic that is told of every event of an order',
  ),
  customerNotificationsQueue: setting(
    'OrderProcessing:CustomerNotificationsQueue',
    text('customer-notifications'),
    'customer-notifications',
    'Queue of the events that customers are told of',
  ),
  eventGridTopicEndpoint: setting(
    'OrderProcessing:EventGridTopicEndpoint',
    baseUrl.default(''),
    '',
    'Event Grid topic that is told of every event of an order too; empty = it is not',
  ),
  eventGridTopicKey: setting(
    'OrderProcessing:EventGridTopicKey',
    z.string().default(''),
    '',
    'Key of that topic; empty = managed identity',
  ),
  operatorToken: setting(
    'OrderProcessing:OperatorToken',
    secret,
    '',
    'Bearer token of the operator routes; empty = only operators whom the platform has signed in',
  ),
  platformSignsIn: setting(
    'WEBSITE_AUTH_ENABLED',
    flag(false),
    'false',
    'Set by Azure where it signs users in: only then is its word on who asks taken',
  ),
  signIn: setting(
    'OrderProcessing:SignIn',
    choice(['required', 'optional'], 'required'),
    'required',
    'Where the platform signs users in: `required`: every caller must be signed in, and function keys count for nothing; `optional`: whoever brings a function key instead is a service',
  ),
  tenantClaim: setting(
    'OrderProcessing:TenantClaim',
    text('tenant_id'),
    'tenant_id',
    'Claim of the sign-in that names the tenant',
  ),
  customerClaim: setting(
    'OrderProcessing:CustomerClaim',
    text('customer_id'),
    'customer_id',
    'Claim of the sign-in that names the customer whose orders the user may see',
  ),
  tenants: setting(
    'OrderProcessing:Tenants',
    json(tenantsSchema, DEFAULT_TENANTS),
    '[{"id":"default"}]',
    'The tenants, as JSON: `id`, and where wanted `ratePerSecond`, `inFlight` (of requests, for each instance of the app) and `topic` (of its events)',
  ),
  encryptionKey: setting(
    'OrderProcessing:EncryptionKey',
    encryptionKey,
    '(required)',
    'What unlocks the keys that personal data is encrypted with: a key in Azure Key Vault (`https://<vault>.vault.azure.net/keys/<name>`), or the path of a key file, which is made where there is none (docs/personal-data.md)',
  ),
  keyCacheSeconds: setting(
    'OrderProcessing:KeyCacheSeconds',
    wholeNumber(300, 1, 3_600),
    '300',
    'How long an instance holds unlocked keys in memory; an erasure is complete after twice that time at the earliest',
  ),
  erasureSchedule: setting(
    'OrderProcessing:ErasureSchedule',
    schedule('15 */5 * * * *'),
    '15 */5 * * * *',
    'When erasures that wait are finished',
  ),
  invoiceRetentionYears: setting(
    'OrderProcessing:InvoiceRetentionYears',
    wholeNumber(10, 0, 100),
    '10',
    'For how many years after the last order of a customer invoice data has to be kept; an erasure answers with that date',
  ),
  instanceId: setting(
    'WEBSITE_INSTANCE_ID',
    z.string().default(''),
    '',
    'Set by Azure: the name of this instance in metrics; empty = host name and process id',
  ),
  ...FEED_SETTINGS,
  sagaMode: setting(
    'OrderProcessing:SagaMode',
    choice(['orchestration', 'choreography'], 'orchestration'),
    'orchestration',
    'How the sagas of new orders run: as orchestrations, or woken by the events of their orders (docs/choreography.md); an order ends in the mode in which it began',
  ),
  sagaTimeoutMinutes: setting(
    'OrderProcessing:SagaTimeoutMinutes',
    quantity(5, 8_640),
    '5',
    'Working time of one order, in minutes; fractions are allowed; waiting for people does not count',
  ),
  sagaVersion: setting(
    'OrderProcessing:SagaVersion',
    sagaVersion,
    String(CURRENT_VERSION),
    'Version of the saga that new orders begin with: one that this release and the one before it have (docs/saga-versions.md)',
  ),
  compensationMaxAttempts: setting(
    'OrderProcessing:CompensationMaxAttempts',
    wholeNumber(1, 1, 100),
    '1',
    'Tries of one compensation before an operator is asked',
  ),
  couponFailurePolicy: setting(
    'OrderProcessing:CouponFailurePolicy',
    choice(['continue', 'fail'], 'fail'),
    'fail',
    'What becomes of new orders whose coupon is refused: `continue`: they go on at their full price; `fail`: they fail',
  ),
  outagePolicy: setting(
    'OrderProcessing:DownstreamOutagePolicy',
    choice(['wait', 'fail'], 'wait'),
    'wait',
    '`wait`: an outage (503, refused connection, open breaker) uses up no attempts until the saga deadline; `fail`: it does',
  ),
  ...SAGA_SETTINGS,
  breakerOpenSeconds: setting(
    'OrderProcessing:BreakerOpenSeconds',
    quantity(60, 3_600),
    '60',
    'How long calls to a service, the broker or Event Grid fail fast after 5 consecutive failures',
  ),
  reconcileAfterSeconds: setting(
    'OrderProcessing:ReconcileAfterSeconds',
    quantity(30, 86_400),
    '30',
    'How long an unfinished order must not have changed before the reconciler looks at it',
  ),
  reconcileSchedule: setting(
    'OrderProcessing:ReconcileSchedule',
    schedule('*/5 * * * * *'),
    '*/5 * * * * *',
    'When the reconciler looks for unfinished orders; on Azure every run is paid for, there it is once a minute',
  ),
  lookUpSchedule: setting(
    'OrderProcessing:LookUpSchedule',
    schedule('30 * * * * *'),
    '30 * * * * *',
    'When failed and cancelled orders are looked up once more',
  ),
  purgeSchedule: setting(
    'OrderProcessing:PurgeSchedule',
    schedule('0 */10 * * * *'),
    '0 */10 * * * *',
    'When durable histories are archived',
  ),
  stuckAfterMinutes: setting(
    'OrderProcessing:StuckAfterMinutes',
    quantity(30, 10_080),
    '30',
    'How long an order whose saga is alive may make no progress before the log warns of it (again after twice the time, and so on)',
  ),
  lateLookUpMinutes: setting(
    'OrderProcessing:LateLookUpMinutes',
    quantity(15, 10_080),
    '15',
    'How long after its last change a failed or cancelled order is looked up once more at the services; longer than any message of the task hub is hidden or tried again',
  ),
  eventsAheadMinutes: setting(
    'OrderProcessing:EventsAheadMinutes',
    quantity(5, 1_440),
    '5',
    'How far ahead of our clock an event may be dated, in minutes; an inventory event beyond that is parked, because it would outrank all that comes until then',
  ),
  historyRetentionDays: setting(
    'OrderProcessing:HistoryRetentionDays',
    quantity(30, 3_650),
    '30',
    'How long after an order ended its durable history stays in the task hub, in days; then it goes to the container `saga-archive`',
  ),
  exportUrl: setting(
    'OrderProcessing:ExportUrl',
    exportUrl,
    '',
    'Where events and histories of orders that ended long ago go: a container of Azure Storage (`https://…`, by managed identity or with a signature) or a folder (`file:///…`); empty = they stay',
  ),
  exportAfterDays: setting(
    'OrderProcessing:ExportAfterDays',
    quantity(90, 3_650),
    '90',
    'How long after its last change the events and the archived history of an ended order go there, in days; whole days only',
  ),
  exportSchedule: setting(
    'OrderProcessing:ExportSchedule',
    schedule('0 15 * * * *'),
    '0 15 * * * *',
    'When they go there',
  ),
  ...SERVICE_SETTINGS,
  ...TELEMETRY_SETTINGS,
} as const;

export type Config = {
  readonly [K in keyof typeof SETTINGS]: (typeof SETTINGS)[K] extends Setting<infer T> ? T : never;
};

// Limits and list prices of Azure services, each with where it is published. capacity/model.ts computes with them and
// docs/capacity.md prints them. Prices are list prices of one region in US dollars, which change. One that was not found
// quoted when this table was written is in PRICES_NOT_FOUND, and never guessed.

export interface Figure {
  readonly value: number;
  readonly what: string;
  readonly source: string;
}

const LEARN = 'https://learn.microsoft.com/azure';
const PRICING = 'https://azure.microsoft.com/pricing/details';

const figure = (value: number, what: string, source: string): Figure => ({ value, what, source });

export const LIMITS = {
  busCredits: figure(
    1_000,
    'Service Bus Standard: credits a second of a namespace; one for each message sent or received, one for each filter that a topic evaluates',
    `${LEARN}/service-bus-messaging/service-bus-throttling`,
  ),
  busBytesPerUnit: figure(
    4_000_000,
    'Service Bus Premium: bytes a second of one messaging unit, in and out each. A rule of thumb, not a promise: measure with your own messages',
    `${LEARN}/service-bus-messaging/service-bus-performance-improvements`,
  ),
  busMessagingUnits: figure(
    16,
    'Service Bus Premium: messaging units of a namespace without partitions',
    `${LEARN}/service-bus-messaging/service-bus-premium-messaging`,
  ),
  serverlessUnits: figure(
    5_000,
    'Cosmos DB serverless: request units a second of a container (more only when its data has spread over partitions)',
    `${LEARN}/cosmos-db/serverless`,
  ),
  logicalPartitionUnits: figure(
    10_000,
    'Cosmos DB autoscale: request units a second of one logical partition',
    `${LEARN}/cosmos-db/concepts-limits`,
  ),
  storageRequests: figure(
    20_000,
    'Storage account: requests a second (40,000 in some regions)',
    `${LEARN}/storage/common/scalability-targets-standard-account`,
  ),
  storageQueueMessages: figure(
    2_000,
    'Storage queue: messages a second of one queue',
    `${LEARN}/storage/queues/scalability-targets`,
  ),
  taskHubPartitions: figure(
    16,
    'Durable Functions on a storage account: control queues of a task hub',
    `${LEARN}/azure-functions/durable/durable-functions-azure-storage-provider`,
  ),
  schedulerConsumption: figure(
    500,
    'Durable Task Scheduler, Consumption: actions a second',
    `${LEARN}/durable-task/scheduler/durable-task-scheduler-billing`,
  ),
  schedulerPerUnit: figure(
    2_000,
    'Durable Task Scheduler, Dedicated: actions a second of one capacity unit',
    `${LEARN}/durable-task/scheduler/durable-task-scheduler-billing`,
  ),
  schedulerUnits: figure(
    3,
    'Durable Task Scheduler, Dedicated: capacity units of a scheduler',
    `${LEARN}/durable-task/scheduler/durable-task-scheduler-billing`,
  ),
  instances: figure(
    1_000,
    'Functions Flex Consumption: instances of an app',
    `${LEARN}/azure-functions/flex-consumption-plan`,
  ),
  regionalMemoryMB: figure(
    512_000,
    'Functions Flex Consumption: memory of all instances of a subscription in one region, by default; can be raised on request',
    `${LEARN}/azure-functions/flex-consumption-plan`,
  ),
  memoryPerCoreMB: figure(
    2_048,
    'Functions Flex Consumption: memory of an instance with one core',
    `${LEARN}/azure-functions/flex-consumption-plan`,
  ),
  leastBilledSeconds: figure(
    1,
    'Functions Flex Consumption: seconds billed at least when an instance becomes active',
    `${LEARN}/azure-functions/functions-consumption-costs`,
  ),
} as const;

export const PRICES = {
  gigabyteSecond: figure(0.000026, 'Functions Flex Consumption: GB-second on demand', `${PRICING}/functions`),
  millionExecutions: figure(0.4, 'Functions Flex Consumption: million executions', `${PRICING}/functions`),
  freeGigabyteSeconds: figure(
    100_000,
    'Functions Flex Consumption: GB-seconds free in a month',
    `${PRICING}/functions`,
  ),
  freeExecutions: figure(
    250_000,
    'Functions Flex Consumption: executions free in a month',
    `${PRICING}/functions`,
  ),
  queueOperations10k: figure(0.004, 'Storage queues, LRS: 10,000 operations', `${PRICING}/storage/queues`),
  tableOperations10k: figure(0.00036, 'Storage tables, LRS: 10,000 operations', `${PRICING}/storage/tables`),
  busStandardHour: figure(0.0135, 'Service Bus Standard: hour of a namespace', `${PRICING}/service-bus`),
  busFreeOperations: figure(
    13e6,
    'Service Bus Standard: operations included in a month',
    `${PRICING}/service-bus`,
  ),
  busMillionTo100: figure(
    0.8,
    'Service Bus Standard: million operations, up to 100 million a month',
    `${PRICING}/service-bus`,
  ),
  busMillionTo2500: figure(
    0.5,
    'Service Bus Standard: million operations, 100 to 2,500 million a month',
    `${PRICING}/service-bus`,
  ),
  busMillionBeyond: figure(0.2, 'Service Bus Standard: million operations beyond', `${PRICING}/service-bus`),
  busUnitHour: figure(0.928, 'Service Bus Premium: hour of a messaging unit', `${PRICING}/service-bus`),
  serverlessMillionUnits: figure(
    0.25,
    'Cosmos DB serverless: million request units',
    `${PRICING}/cosmos-db/serverless`,
  ),
  autoscale100UnitsHour: figure(
    0.012,
    'Cosmos DB autoscale: hour of 100 request units a second, by the highest of the hour, a tenth of the maximum at least',
    `${PRICING}/cosmos-db/autoscale-provisioned`,
  ),
  storeGigabyteMonth: figure(
    0.25,
    'Cosmos DB: GB stored for a month',
    `${PRICING}/cosmos-db/autoscale-provisioned`,
  ),
  logGigabyte: figure(2.3, 'Log Analytics: GB taken in', `${PRICING}/monitor`),
} as const;

/** What was not found quoted: sums that need it say so instead of a figure. */
export const PRICES_NOT_FOUND: readonly { readonly what: string; readonly source: string }[] = [
  {
    what: 'Durable Task Scheduler, Consumption: million actions',
    source: `${PRICING}/functions`,
  },
  {
    what: 'Azure Monitor: month of an alert rule on a metric, and of one on the log by how often it looks',
    source: `${PRICING}/monitor`,
  },
  {
    what: 'Durable Task Scheduler, Dedicated: month of a capacity unit',
    source: `${PRICING}/functions`,
  },
];

// Model of docs/capacity.md: what an order uses of each service, how many a second each can take, and what a month of
// them costs. Pure arithmetic over the counted order, the chosen deployment and Azure's published figures.
//
// capacity.M1  More of a parameter never lowers a ceiling; an order that uses more of a service never raises one.
// capacity.M2  A million orders cost at least as much as any smaller number of them.
import { LIMITS, PRICES } from './azure-figures';
import type { CountedOrder } from './counted-order';
import type { Deployment } from './deployment';

export interface Usage {
  /** Durable Task Scheduler: the start, and two for each activity; one for each timer. */
  readonly schedulerActions: number;
  readonly queueOperations: number;
  readonly tableOperations: number;
  readonly busCredits: number;
  readonly busMessages: number;
  /** To the topic and the queue of notifications, and from that queue and every subscription. */
  readonly busBytesIn: number;
  readonly busBytesOut: number;
  readonly requestUnits: number;
  readonly storedBytes: number;
  /** Function executions when no two orders share a page of the feed. */
  readonly executions: number;
  /** Of one core, when instances are busy. */
  readonly cpuSeconds: number;
  readonly logBytes: number;
}

/** Function executions of one order, by the group that Flex Consumption scales together. */
export function executionsOf(order: CountedOrder, deployment: Deployment): Readonly<Record<string, number>> {
  return {
    HTTP: 1,
    'Durable Functions': order.taskHub.episodes + order.saga.activities,
    'readers of the change feed': order.saga.commits * deployment.feedReaders,
    'customer notification': order.events.toldToCustomers,
  };
}

/** The message that brings an order by the queue `orders` is sent and received; none of it for an order over HTTP. */
export const CREDITS_BY_QUEUE = 2;

/** Events of an order that its subscriptions get; whoever has one made reads it. */
const deliveredOf = ({ types }: CountedOrder['events'], { subscriptions }: Deployment): number =>
  sum(
    subscriptions.map(
      ({ eventType }) => types.filter((type) => eventType === undefined || type === eventType).length,
    ),
  );

/** By the rule of thumb of the look-alike: 2.5 a page, 0.05 an item, 0.5 a KB; alone, each commit is a page. */
function feedUnits(order: CountedOrder, { feedReaders }: Deployment): number {
  const bytes = order.store['orders']?.bytesIn ?? 0;
  const items = order.saga.commits + order.events.types.length;
  return feedReaders * (2.5 * order.saga.commits + 0.05 * items + (0.5 * bytes) / 1_024);
}

export function usageOf(order: CountedOrder, deployment: Deployment): Usage {
  const { types, bytes, toldToCustomers } = order.events;
  const envelopeBytes = types.length === 0 ? 0 : bytes / types.length;
  const sent = types.length + toldToCustomers;
  const received = deliveredOf(order.events, deployment) + toldToCustomers;
  const executions = sum(Object.values(executionsOf(order, deployment)));
  const store = Object.values(order.store);
  return {
    schedulerActions: 1 + 2 * order.saga.activities + order.saga.timers,
    queueOperations: order.taskHub.queueOperations,
    // The history is read once an episode, beside what is written.
    tableOperations: order.taskHub.tableOperations + order.taskHub.episodes,
    busCredits: sent + types.length * deployment.subscriptions.length + received,
    busMessages: sent + received,
    busBytesIn: envelopeBytes * sent,
    busBytesOut: envelopeBytes * received,
    requestUnits: sum(store.map(({ requestUnits }) => requestUnits)) + feedUnits(order, deployment),
    storedBytes: sum(store.map(({ bytesIn }) => bytesIn)),
    executions,
    cpuSeconds: order.busy.hostCpuMs / 1_000,
    logBytes: executions * deployment.logRecordBytes,
  };
}

export interface Ceiling {
  readonly limit: string;
  readonly ordersPerSecond: number;
  /** What moves it. */
  readonly parameter: string;
}

/** Every limit in orders a second, the lowest first. */
export function ceilingsOf(order: CountedOrder, deployment: Deployment): readonly Ceiling[] {
  const usage = usageOf(order, deployment);
  return [
    ...backendCeilings(order, usage, deployment),
    busCeiling(usage, deployment),
    ...storeCeilings(order, usage, deployment),
    instanceCeiling(usage, deployment),
  ].sort((a, b) => a.ordersPerSecond - b.ordersPerSecond);
}

function backendCeilings(order: CountedOrder, usage: Usage, deployment: Deployment): Ceiling[] {
  const { durableBackend, partitionCount, schedulerCapacity } = deployment;
  if (durableBackend !== 'storage') {
    const isDedicated = durableBackend === 'schedulerDedicated';
    const actions = isDedicated
      ? LIMITS.schedulerPerUnit.value * schedulerCapacity
      : LIMITS.schedulerConsumption.value;
    return [
      {
        limit: 'actions of the Durable Task Scheduler',
        ordersPerSecond: per(actions, usage.schedulerActions),
        parameter: isDedicated ? '`schedulerCapacity`' : '`durableBackend`: the Dedicated tier',
      },
    ];
  }
  return [
    {
      limit: 'messages of the work item queue',
      ordersPerSecond: per(LIMITS.storageQueueMessages.value, order.taskHub.workItems),
      parameter: '`durableBackend`: a task hub has one such queue',
    },
    {
      limit: 'messages of the control queues',
      ordersPerSecond: per(LIMITS.storageQueueMessages.value * partitionCount, order.taskHub.controlMessages),
      parameter: '`partitionCount` of host.json, before the first deployment (16 is the most)',
    },
    {
      limit: 'requests of the storage account',
      ordersPerSecond: per(LIMITS.storageRequests.value, usage.queueOperations + usage.tableOperations),
      parameter: '`durableBackend`, or a region with 40,000',
    },
  ];
}

function busCeiling(usage: Usage, { serviceBusSku, serviceBusMessagingUnits }: Deployment): Ceiling {
  if (serviceBusSku === 'Standard')
    return {
      limit: 'credits of Service Bus Standard',
      ordersPerSecond: per(LIMITS.busCredits.value, usage.busCredits),
      parameter: 'fewer subscriptions, or `serviceBusSku`',
    };
  const bytes = LIMITS.busBytesPerUnit.value * serviceBusMessagingUnits;
  return {
    limit: 'bytes of Service Bus Premium',
    ordersPerSecond: Math.min(per(bytes, usage.busBytesIn), per(bytes, usage.busBytesOut)),
    parameter: '`serviceBusMessagingUnits`',
  };
}

/** A day's statistics are counted in so many parts (src/projections/daily-stats.ts), by the order's id. */
export const STATISTICS_PARTS = 16;

/** With `autoscale` the orders and the reading of their feed have a throughput of their own; the rest shares one. */
function unitsByThroughput(
  order: CountedOrder,
  usage: Usage,
  deployment: Deployment,
): { readonly own: number; readonly shared: number } {
  const own = (order.store['orders']?.requestUnits ?? 0) + feedUnits(order, deployment);
  return { own, shared: Math.max(0, usage.requestUnits - own) };
}

function storeCeilings(order: CountedOrder, usage: Usage, deployment: Deployment): Ceiling[] {
  const { cosmosCapacity, cosmosMaxThroughput, cosmosSharedMaxThroughput } = deployment;
  const { own, shared } = unitsByThroughput(order, usage, deployment);
  const limit = 'request units of the container `orders`';
  if (cosmosCapacity === 'serverless') {
    return [
      { limit, ordersPerSecond: per(LIMITS.serverlessUnits.value, own), parameter: '`cosmosCapacity`' },
    ];
  }
  return [
    { limit, ordersPerSecond: per(cosmosMaxThroughput, own), parameter: '`cosmosMaxThroughput`' },
    {
      limit: 'request units that all other containers share',
      ordersPerSecond: per(cosmosSharedMaxThroughput, shared),
      parameter: '`cosmosSharedMaxThroughput`',
    },
    {
      limit: `request units of one day of statistics, ${STATISTICS_PARTS} logical partitions`,
      ordersPerSecond: per(LIMITS.logicalPartitionUnits.value * STATISTICS_PARTS, order.busy.statisticsUnits),
      parameter: 'none: scale units',
    },
  ];
}

function instanceCeiling(usage: Usage, deployment: Deployment): Ceiling {
  const { maximumInstanceCount, instanceMemoryMB } = deployment;
  const instances = Math.min(
    maximumInstanceCount,
    LIMITS.instances.value,
    Math.floor(LIMITS.regionalMemoryMB.value / instanceMemoryMB),
  );
  const cores = instances * (instanceMemoryMB / LIMITS.memoryPerCoreMB.value);
  return {
    limit: 'cores of the function instances',
    ordersPerSecond: per(cores, usage.cpuSeconds),
    parameter: '`maximumInstanceCount`, and the memory quota of the subscription',
  };
}

/**
 * Seconds that instances are active for one order, at `rate` orders a second that come at random. An execution keeps an
 * instance active for a second at least, and those that fall into it share it; when instances are busy it is their CPU.
 */
export function activeSeconds(rate: number, order: CountedOrder, deployment: Deployment): number {
  const least = LIMITS.leastBilledSeconds.value;
  const groups = Object.values(executionsOf(order, deployment));
  const shared = sum(groups.map((executions) => -Math.expm1(-rate * executions * least) / rate));
  const cores = deployment.instanceMemoryMB / LIMITS.memoryPerCoreMB.value;
  return Math.max(shared, order.busy.hostCpuMs / 1_000 / cores);
}

export interface Cost {
  readonly functions: number;
  /** Undefined: the scheduler's price was not found. */
  readonly durable: number | undefined;
  readonly serviceBus: number;
  readonly cosmos: number;
  readonly logs: number;
}

export const HOURS_OF_A_MONTH = 730;
export const SECONDS_OF_A_MONTH = HOURS_OF_A_MONTH * 3_600;

/** US dollars of a month with so many orders, spread evenly; what an order leaves in the store is kept to its end. */
export function costOfAMonth(orders: number, order: CountedOrder, deployment: Deployment): Cost {
  const usage = usageOf(order, deployment);
  return {
    functions: functionsCost(orders, usage, order, deployment),
    durable:
      deployment.durableBackend === 'storage'
        ? (orders / 10_000) *
          (usage.queueOperations * PRICES.queueOperations10k.value +
            usage.tableOperations * PRICES.tableOperations10k.value)
        : undefined,
    serviceBus: busCost(orders, usage, deployment),
    cosmos: storeCost(orders, order, usage, deployment),
    logs: ((orders * usage.logBytes) / 1e9) * PRICES.logGigabyte.value,
  };
}

/** What is known of it together. */
export const totalOf = (cost: Cost): number =>
  cost.functions + (cost.durable ?? 0) + cost.serviceBus + cost.cosmos + cost.logs;

function functionsCost(orders: number, usage: Usage, order: CountedOrder, deployment: Deployment): number {
  if (orders === 0) return 0;
  const rate = orders / SECONDS_OF_A_MONTH;
  const gigabytes = deployment.instanceMemoryMB / 1_024;
  const gigabyteSeconds = orders * gigabytes * activeSeconds(rate, order, deployment);
  const billedSeconds = Math.max(0, gigabyteSeconds - PRICES.freeGigabyteSeconds.value);
  const billedExecutions = Math.max(0, orders * usage.executions - PRICES.freeExecutions.value);
  return (
    billedSeconds * PRICES.gigabyteSecond.value + (billedExecutions / 1e6) * PRICES.millionExecutions.value
  );
}

function busCost(
  orders: number,
  usage: Usage,
  { serviceBusSku, serviceBusMessagingUnits }: Deployment,
): number {
  if (serviceBusSku === 'Premium')
    return serviceBusMessagingUnits * HOURS_OF_A_MONTH * PRICES.busUnitHour.value;
  const operations = orders * usage.busMessages;
  const within = (from: number, to: number): number => Math.max(0, Math.min(operations, to) - from) / 1e6;
  return (
    HOURS_OF_A_MONTH * PRICES.busStandardHour.value +
    within(PRICES.busFreeOperations.value, 100e6) * PRICES.busMillionTo100.value +
    within(100e6, 2_500e6) * PRICES.busMillionTo2500.value +
    within(2_500e6, Infinity) * PRICES.busMillionBeyond.value
  );
}

function storeCost(orders: number, order: CountedOrder, usage: Usage, deployment: Deployment): number {
  const stored = ((orders * usage.storedBytes) / 1e9) * PRICES.storeGigabyteMonth.value;
  if (deployment.cosmosCapacity === 'serverless')
    return stored + ((orders * usage.requestUnits) / 1e6) * PRICES.serverlessMillionUnits.value;
  const { own, shared } = unitsByThroughput(order, usage, deployment);
  const billedOf = (units: number, most: number): number =>
    Math.max((orders * units) / SECONDS_OF_A_MONTH, most / 10);
  const billed =
    billedOf(own, deployment.cosmosMaxThroughput) + billedOf(shared, deployment.cosmosSharedMaxThroughput);
  return stored + (billed / 100) * HOURS_OF_A_MONTH * PRICES.autoscale100UnitsHour.value;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** What an order does not use is no limit. */
const per = (limit: number, use: number): number => (use === 0 ? Infinity : limit / use);

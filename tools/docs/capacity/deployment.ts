// Parameters of a deployment for the model of docs/capacity.md, as far as it changes how many orders there can be and
// what they cost. The names are those of the parameters of infra/main.bicep.

export type DurableBackend = 'storage' | 'schedulerConsumption' | 'schedulerDedicated';

/** A subscription of the topic of events. The topic evaluates one filter for it with every event. */
export interface Subscription {
  readonly name: string;
  /** The type of event that it gets; undefined: all. */
  readonly eventType: string | undefined;
}

export interface Deployment {
  readonly durableBackend: DurableBackend;
  /** With `storage`. */
  readonly partitionCount: number;
  /** With `schedulerDedicated`. */
  readonly schedulerCapacity: number;
  readonly serviceBusSku: 'Standard' | 'Premium';
  readonly serviceBusMessagingUnits: number;
  readonly cosmosCapacity: 'serverless' | 'autoscale';
  /** With `autoscale`: of the container of orders and their events. */
  readonly cosmosMaxThroughput: number;
  /** With `autoscale`: of all other containers together. */
  readonly cosmosSharedMaxThroughput: number;
  readonly maximumInstanceCount: number;
  readonly instanceMemoryMB: number;
  /** Of the topic that every event goes to; the parameter `eventSubscriptions`. */
  readonly subscriptions: readonly Subscription[];
  /** Readers of the change feed of orders: read models, relay, Event Grid where it is on. */
  readonly feedReaders: number;
  /** Bytes of one line in the log, or of one request: an assumption. */
  readonly logRecordBytes: number;
}

/** What `azd up` makes when nothing is chosen. */
export const DEFAULT_DEPLOYMENT: Deployment = {
  durableBackend: 'storage',
  partitionCount: 16,
  schedulerCapacity: 1,
  serviceBusSku: 'Standard',
  serviceBusMessagingUnits: 1,
  cosmosCapacity: 'serverless',
  cosmosMaxThroughput: 10_000,
  cosmosSharedMaxThroughput: 5_000,
  maximumInstanceCount: 100,
  instanceMemoryMB: 2_048,
  subscriptions: [],
  feedReaders: 2,
  logRecordBytes: 1_000,
};

/** As large as one deployment gets with what is published: the unit of the plan for more. */
export const LARGEST_DEPLOYMENT: Deployment = {
  ...DEFAULT_DEPLOYMENT,
  durableBackend: 'schedulerDedicated',
  schedulerCapacity: 3,
  serviceBusSku: 'Premium',
  serviceBusMessagingUnits: 4,
  cosmosCapacity: 'autoscale',
  cosmosMaxThroughput: 150_000,
  cosmosSharedMaxThroughput: 75_000,
  maximumInstanceCount: 100,
};

// What can be chosen when the app is deployed, as far as it changes how many orders there can be and what they cost. The
// names are those of the parameters of infra/main.bicep.

export type DurableBackend = 'storage' | 'schedulerConsumption' | 'schedulerDedicated';

export interface Subscription {
  readonly name: string;
  /** Filters that the topic evaluates for it. */
  readonly filters: number;
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
  readonly cosmosMaxThroughput: number;
  readonly maximumInstanceCount: number;
  readonly instanceMemoryMB: number;
  /** Of the topic that is told of every event. */
  readonly subscriptions: readonly Subscription[];
  /** Readers of the change feed of orders: read models, relay, Event Grid where it is on. */
  readonly feedReaders: number;
  /** Bytes of one line in the log, or of one request: an assumption. */
  readonly logRecordBytes: number;
}

/** What `azd up` makes when nothing is chosen. */
export const DEFAULT_DEPLOYMENT: Omit<Deployment, 'subscriptions'> = {
  durableBackend: 'storage',
  partitionCount: 4,
  schedulerCapacity: 1,
  serviceBusSku: 'Standard',
  serviceBusMessagingUnits: 1,
  cosmosCapacity: 'serverless',
  cosmosMaxThroughput: 1_000,
  maximumInstanceCount: 100,
  instanceMemoryMB: 2_048,
  feedReaders: 2,
  logRecordBytes: 1_000,
};

/** As large as one deployment gets with what is published: the unit of the plan for more. */
export const LARGEST_DEPLOYMENT: Omit<Deployment, 'subscriptions'> = {
  ...DEFAULT_DEPLOYMENT,
  durableBackend: 'schedulerDedicated',
  schedulerCapacity: 3,
  serviceBusSku: 'Premium',
  serviceBusMessagingUnits: 4,
  cosmosCapacity: 'autoscale',
  cosmosMaxThroughput: 200_000,
  maximumInstanceCount: 100,
};

// Reasons for the values of host.json, for docs/capacity.md. A test compares the paths with host.json, both ways, and with
// what is packaged.

const FUNCTION_LEVELS = {
  OrderSagaOrchestrator: 'the orchestrator is replayed: its lines would come again with every episode',
  ReconcileOrders: 'a timer that finds nothing to do would fill the log',
  'ReconcileOrders.User': 'what it does to an order is logged all the same',
  LookUpEndedOrders: 'as ReconcileOrders',
  'LookUpEndedOrders.User': 'as ReconcileOrders',
};

/** By path; the dots of a category are part of its name. */
export const HOST_JSON_VALUES: Readonly<Record<string, string>> = {
  version: 'the schema of the file',
  telemetryMode:
    'OpenTelemetry: the host exports its own spans and logs by it, and hands its trace context to each invocation, so that a request has one span of a server',
  'logging/logLevel/default': 'what the app logs is at this level or above',
  ...Object.fromEntries(
    Object.entries(FUNCTION_LEVELS).map(([name, why]) => [`logging/logLevel/Function.${name}`, why]),
  ),
  'logging/logLevel/Host.Results':
    'Information: requests that succeed are in the table `requests` too, without which there is no rate, no latency and no share of failures',
  'logging/logLevel/DurableTask.Core': 'the framework logs every message that it moves',
  'logging/logLevel/DurableTask.AzureStorage': 'the same',
  'singleton/listenerLockPeriod':
    'a timer whose instance died runs elsewhere 7 to 30 s later (default: 60 s); costs one renewal of a blob lease every 7.5 s',
  'singleton/listenerLockRecoveryPollingInterval': 'how often the others look whether that lease is free',
  'extensions/http/routePrefix': 'routes begin with /api',
  'extensions/serviceBus/maxConcurrentCalls':
    'messages of a queue that one instance handles at a time: each is one write and one start, so 32 keep a core busy',
  'extensions/serviceBus/maxConcurrentSessions':
    'in the saga mode choreography: orders that one instance takes a step further at a time; one of them waits for its services for most of it',
  'extensions/serviceBus/sessionIdleTimeout':
    'the next event of an order comes a second later or more, and other orders wait for the session (default: a minute)',
  'extensions/serviceBus/prefetchCount':
    'none: a prefetched message is locked while it waits, and its lock may end before its turn comes',
  'extensions/durableTask/hubName': 'two apps on one storage account must not share a hub',
  'extensions/durableTask/defaultVersion': 'of orchestrations that are started without one',
  'extensions/durableTask/versionMatchStrategy':
    'an instance takes what was started by its own version or an older one, so that two releases can share the hub',
  'extensions/durableTask/versionFailureStrategy':
    'Reject: an older instance leaves a newer orchestration to others; Fail would end it',
  'extensions/durableTask/maxConcurrentActivityFunctions':
    'calls of services that one instance has under way: they wait more than they work',
  'extensions/durableTask/maxConcurrentOrchestratorFunctions':
    'episodes at a time; fewer share a commit less often, and cost more CPU an order',
  'extensions/durableTask/storageProvider/maxQueuePollingInterval':
    'the longest wait of a message in an idle hub (default: 30 s); an idle instance asks every queue once in it',
  'extensions/durableTask/storageProvider/controlQueueVisibilityTimeout':
    'how long the saga of a dead instance stands: its messages come back after it (default: 5 min)',
  'extensions/durableTask/storageProvider/workItemQueueVisibilityTimeout':
    'the same for an activity; longer than any activity takes, or it runs twice at a time',
  'extensions/durableTask/tracing/distributedTracingEnabled':
    'the saga and its activities are in the trace of the request that started them',
  'extensions/durableTask/tracing/version': 'V2: W3C trace context',
  'extensionBundle/id': 'the extensions come with the platform, not with the package',
  'extensionBundle/version': 'from 4.26 on for versions of orchestrations',
};

/** What the package has in its place, by durable backend (scripts/deployed-host.mjs). */
export const DEPLOYED_HOST_VALUES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  storage: {
    'extensions/durableTask/storageProvider/partitionCount':
      '16, the most there can be: the number of control queues is fixed at the first start, and each is held by one instance',
    'extensions/durableTask/storageProvider/maxQueuePollingInterval':
      '10 s: every poll of an idle queue is paid for; the first message after a pause waits up to that long',
  },
  scheduler: {
    'extensions/durableTask/hubName':
      'the task hub that infra/modules/durable-scheduler.bicep makes, by a setting',
    'extensions/durableTask/storageProvider/type': 'the scheduler instead of the storage account',
    'extensions/durableTask/storageProvider/connectionStringName':
      'the setting with its address and identity',
    'extensionBundle/version': 'from 4.38 on, which brought that provider',
  },
};

/** The paths of all values that are no objects. */
export function pathsOf(value: unknown, path: readonly string[] = []): string[] {
  if (typeof value !== 'object' || value === null) return [path.join('/')];
  return Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key]));
}

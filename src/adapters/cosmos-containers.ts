// Definitions of the containers in Cosmos DB: their partition keys, what expires, and the paths that queries ask for, which
// are the only ones that are indexed. infra/modules/cosmos.bicep has the same, which a test compares.
import type { IndexingPolicy } from '@azure/cosmos';

export interface ContainerDefinition {
  readonly partitionKey: string;
  readonly indexingPolicy: IndexingPolicy;
  /** Seconds; -1: a document expires only if it says so itself. */
  readonly timeToLiveSeconds?: number;
}

const WEEK_SECONDS = 7 * 24 * 3_600;
/** How long a parked document can be looked at. */
const QUARTER_SECONDS = 90 * 24 * 3_600;

/** Each indexed path costs units at every write; `id` and `_ts` are indexed whatever a policy says. */
function indexedBy(...paths: readonly string[]): IndexingPolicy {
  return {
    indexingMode: 'consistent',
    includedPaths: paths.map((path) => ({ path: `/${path}/?` })),
    excludedPaths: [{ path: '/*' }],
  };
}

/** Lists are newest first with ties broken by id: two sort keys want a composite index. */
const NEWEST_FIRST: IndexingPolicy['compositeIndexes'] = [
  [
    { path: '/createdAt', order: 'descending' },
    { path: '/id', order: 'ascending' },
  ],
];

/** Orders with their events and snapshots: found by what they are, by whose, by when, and by the ids that operators have. */
export const ORDERS: ContainerDefinition = {
  partitionKey: '/orderId',
  indexingPolicy: indexedBy(
    ...['kind', 'tenantId', 'orderId', 'customerId', 'customerKey', 'correlationId', 'trackingId'],
    ...['payments/[]/transactionId', 'type', 'sequence', 'occurredAt', 'createdAt', 'updatedAt', 'status'],
    ...['ended', 'notBefore', 'cancelRequestedAt', 'returnsDueAt', 'openReturns', 'file'],
    'saga/needsIntervention',
  ),
};

/** The containers beside the orders. */
export const CONTAINERS = {
  'customer-orders': {
    partitionKey: '/customerKey',
    indexingPolicy: {
      ...indexedBy('customerKey', 'status', 'createdAt', 'changedAt', 'needsIntervention'),
      compositeIndexes: NEWEST_FIRST,
    },
  },
  'daily-stats': {
    partitionKey: '/dayShard',
    indexingPolicy: indexedBy('tenantId', 'day', 'newestAt'),
    timeToLiveSeconds: -1,
  },
  inventory: { partitionKey: '/productId', indexingPolicy: indexedBy() },
  operations: {
    partitionKey: '/subject',
    indexingPolicy: indexedBy(
      ...['tenantId', 'action', 'at', 'kind', 'page'],
      ...['operation/tenantId', 'operation/startedAt'],
    ),
  },
  keys: {
    partitionKey: '/subject',
    indexingPolicy: indexedBy('tenantId', 'customerId', 'wrappedBy', 'isErasing', 'hasErasures'),
  },
  inbox: { partitionKey: '/id', indexingPolicy: indexedBy(), timeToLiveSeconds: WEEK_SECONDS },
  parking: {
    partitionKey: '/source',
    indexingPolicy: indexedBy('tenantId', 'parkedAt'),
    timeToLiveSeconds: QUARTER_SECONDS,
  },
  'saga-archive': { partitionKey: '/id', indexingPolicy: indexedBy() },
} as const satisfies Record<string, ContainerDefinition>;

export type ContainerName = keyof typeof CONTAINERS;

// The connection to Cosmos DB: by connection string, or by managed identity when there is none.
import { CosmosClient, type Container, type CosmosClientOptions, type IndexingPolicy } from '@azure/cosmos';
import { TransientError } from '../errors';

export interface CosmosSettings {
  readonly cosmosConnectionString: string;
  readonly cosmosEndpoint: string;
  readonly cosmosDatabase: string;
  readonly cosmosContainer: string;
  readonly createContainers: boolean;
}

/** One request is given up after this time, and a throttled one (429) is asked again for no longer than this. */
const REQUEST_TIMEOUT_MS = 5_000;
const MAX_THROTTLED_S = 5;

/** Lists are newest first with ties broken by id: two sort keys want a composite index. */
const ORDERS_INDEXING: IndexingPolicy = {
  compositeIndexes: [
    [
      { path: '/createdAt', order: 'descending' },
      { path: '/orderId', order: 'ascending' },
    ],
  ],
};

/** The container of orders, connected (and created, if the settings say so) at the first use; a failure is not kept. */
export function createOrdersContainer(settings: CosmosSettings): () => Promise<Container> {
  let connected: Promise<Container> | undefined;
  return () => {
    connected ??= connect(settings).catch((error: unknown) => {
      connected = undefined;
      throw error;
    });
    return connected;
  };
}

async function connect(settings: CosmosSettings): Promise<Container> {
  const options: CosmosClientOptions = {
    connectionPolicy: {
      requestTimeout: REQUEST_TIMEOUT_MS,
      retryOptions: {
        maxRetryAttemptCount: 9,
        fixedRetryIntervalInMilliseconds: 0,
        maxWaitTimeInSeconds: MAX_THROTTLED_S,
      },
    },
  };
  const client = new CosmosClient(
    settings.cosmosConnectionString === ''
      ? { ...options, endpoint: settings.cosmosEndpoint, aadCredentials: await managedIdentity() }
      : { ...options, connectionString: settings.cosmosConnectionString },
  );
  const database = client.database(settings.cosmosDatabase);
  if (settings.createContainers) {
    await client.databases.createIfNotExists({ id: settings.cosmosDatabase });
    await database.containers.createIfNotExists({
      id: settings.cosmosContainer,
      partitionKey: { paths: ['/orderId'] },
      indexingPolicy: ORDERS_INDEXING,
    });
  }
  return database.container(settings.cosmosContainer);
}

/** Loaded only where it is needed: it costs 36 ms of every cold start. */
async function managedIdentity(): Promise<NonNullable<CosmosClientOptions['aadCredentials']>> {
  const { DefaultAzureCredential } = await import('@azure/identity');
  return new DefaultAzureCredential();
}

/**
 * Runs one store operation. A store that is away becomes a TransientError with `outage`; every other failure is thrown
 * as it came.
 */
export async function storeOperation<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isAway(codeOf(error))) throw error;
    throw new TransientError('STORE_UNAVAILABLE', `the order store does not answer: ${messageOf(error)}`, {
      outage: true,
      retryAfterMs: retryAfterOf(error),
      cause: error,
    });
  }
}

/** The HTTP status, system error code or name of what the SDK threw. */
function codeOf(error: unknown): unknown {
  if (typeof error !== 'object' || error === null) return undefined;
  return 'code' in error ? error.code : 'name' in error ? error.name : undefined;
}

const AWAY: readonly unknown[] = [
  ...[408, 410, 429, 449, 500, 502, 503],
  ...[
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
    'ENOTFOUND',
    'EAI_AGAIN',
    'ETIMEDOUT',
    'TimeoutError',
    'REQUEST_SEND_ERROR',
  ],
  // `items.batch` wraps whatever failed in a plain Error and drops its code.
  'Error',
];

function isAway(code: unknown): boolean {
  return AWAY.includes(typeof code === 'string' && /^\d+$/.test(code) ? Number(code) : code);
}

function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error
    ? String(error.message)
    : String(error);
}

function retryAfterOf(error: unknown): number {
  const value =
    typeof error === 'object' && error !== null && 'retryAfterInMs' in error ? error.retryAfterInMs : 0;
  return typeof value === 'number' && value > 0 ? value : 1_000;
}

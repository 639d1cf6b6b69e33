// The connection to Cosmos DB: by connection string, or by managed identity when there is none.
import { CosmosClient, type Container, type CosmosClientOptions, type Database } from '@azure/cosmos';
import { TransientError } from '../errors';
import { CONTAINERS, ORDERS, type ContainerDefinition, type ContainerName } from './cosmos-containers';
import { createCosmosHttp } from './cosmos-http';
import { createSignatures } from './cosmos-signature';

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
const CONFLICT = 409;

/** For batches (the SDK refuses it elsewhere): the caller has what it wrote, and an etag comes without the document too. */
export const QUIET = { contentResponseOnWriteEnabled: false };

/** A container, connected (and created, if the settings say so) at the first use; a failure is not kept. */
export type Connect = () => Promise<Container>;

export interface OrdersDatabase {
  readonly orders: Connect;
  container(name: ContainerName): Connect;
}

/** The database of the app; nothing is connected before the first use. */
export function createDatabase(settings: CosmosSettings): OrdersDatabase {
  const client = once(() => connect(settings));
  const open = (id: string, definition: ContainerDefinition): Connect =>
    once(async () => {
      const database = (await client()).database(settings.cosmosDatabase);
      if (settings.createContainers) await createContainer(database, id, definition);
      return database.container(id);
    });
  return {
    orders: open(settings.cosmosContainer, ORDERS),
    container: (name) => open(name, CONTAINERS[name]),
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () =>
    (made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    }));
}

async function createContainer(
  database: Database,
  id: string,
  { partitionKey, indexingPolicy, timeToLiveSeconds }: ContainerDefinition,
): Promise<void> {
  await unlessThere(() => database.client.databases.createIfNotExists({ id: database.id }));
  await unlessThere(() =>
    database.containers.createIfNotExists({
      id,
      partitionKey: { paths: [partitionKey] },
      indexingPolicy,
      ...(timeToLiveSeconds === undefined ? {} : { defaultTtl: timeToLiveSeconds }),
    }),
  );
}

/** The SDK looks and then creates: of several that start at once one creates it, and the others get a 409. */
async function unlessThere(create: () => Promise<unknown>): Promise<void> {
  try {
    await create();
  } catch (error) {
    if (codeOf(error) !== CONFLICT) throw error;
  }
}

async function connect(settings: CosmosSettings): Promise<CosmosClient> {
  const options: CosmosClientOptions = {
    // Only then does the SDK send the session tokens it has: without them no read need see what this process just wrote.
    consistencyLevel: 'Session',
    httpClient: createCosmosHttp(),
    connectionPolicy: {
      requestTimeout: REQUEST_TIMEOUT_MS,
      retryOptions: {
        maxRetryAttemptCount: 9,
        fixedRetryIntervalInMilliseconds: 0,
        maxWaitTimeInSeconds: MAX_THROTTLED_S,
      },
    },
  };
  return new CosmosClient(
    settings.cosmosConnectionString === ''
      ? { ...options, endpoint: settings.cosmosEndpoint, aadCredentials: await managedIdentity() }
      : { ...options, ...accountIn(settings.cosmosConnectionString) },
  );
}

/** An account with its key; what else a connection string may have is for the SDK. */
function accountIn(connectionString: string): Partial<CosmosClientOptions> {
  const part = (name: string): string =>
    new RegExp(`(?:^|;)${name}=([^;]+)`).exec(connectionString)?.[1] ?? '';
  const [endpoint, key] = [part('AccountEndpoint'), part('AccountKey')];
  if (endpoint === '' || key === '' || key.startsWith('type=sas&')) return { connectionString };
  return { endpoint, tokenProvider: createSignatures(key) };
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
  ...[408, 410, 429, 449, 500, 502, 503, 504],
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

/** Whether a status, system error code or name means that the store is away: the same may work later. */
export function isAway(code: unknown): boolean {
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

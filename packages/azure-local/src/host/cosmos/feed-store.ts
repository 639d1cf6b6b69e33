// Access of a Cosmos DB trigger to its two containers, the monitored one and that of the leases, through the official
// SDK, which is loaded when the first one is opened. The SDK's retries are mostly off: the caller waits, by its own
// clock.
import type * as cosmosSdk from '@azure/cosmos';
import type {
  ChangeFeedPullModelIterator,
  ChangeFeedStartFrom,
  Container,
  CosmosClient,
  FeedRange,
} from '@azure/cosmos';
import type { ContainerAddress, CosmosTriggerOptions } from './trigger-options';

/** Where reading begins: behind a continuation of the feed, at a time (0 is the beginning), or now. */
export type FeedPosition = { readonly continuation: string } | { readonly startMs: number } | 'now';

export interface FeedStore {
  /** Tells this container from a later one of the same name. */
  readonly identity: string;
  readonly ranges: readonly FeedRange[];
  readonly leases: Container;
  read(range: FeedRange, from: FeedPosition): ChangeFeedPullModelIterator<unknown>;
  close(): void;
}

export type FeedStoreOptions = Omit<CosmosTriggerOptions, 'leaseTimes'>;

/** A container that is not there (yet). `remedy` is a sentence; `isMadeByTheApp`: it is to be expected soon. */
export class MissingContainer extends Error {
  constructor(
    readonly address: ContainerAddress,
    readonly remedy: string,
    readonly isMadeByTheApp: boolean,
  ) {
    super(`The container ${address.database}/${address.container} does not exist.`);
    this.name = 'MissingContainer';
  }
}

const REQUEST_TIMEOUT_MS = 5_000;

export const loadFeedSdk = (): Promise<typeof cosmosSdk> => import('@azure/cosmos');

/** @throws MissingContainer, or what the SDK throws; then nothing is left open. */
export async function openFeedStore(options: FeedStoreOptions): Promise<FeedStore> {
  const sdk = await loadFeedSdk();
  const clients: CosmosClient[] = [];
  const open = ({ connectionString }: ContainerAddress): CosmosClient => {
    const client = new sdk.CosmosClient({
      connectionString,
      connectionPolicy: {
        requestTimeout: REQUEST_TIMEOUT_MS,
        // One endpoint, the one that is given: no look-ups beside the work, and no second try elsewhere.
        enableEndpointDiscovery: false,
        enableBackgroundEndpointRefreshing: false,
        retryOptions: {
          maxRetryAttemptCount: 0,
          fixedRetryIntervalInMilliseconds: 0,
          maxWaitTimeInSeconds: 0,
        },
      },
    });
    clients.push(client);
    return client;
  };
  const close = (): void => {
    for (const client of clients) client.dispose();
  };
  try {
    const client = open(options.monitored);
    const { monitored, leases } = options;
    const isOneAccount = monitored.connectionString === leases.connectionString;
    const feed = client.database(monitored.database).container(monitored.container);
    const identity = await identityOf(feed, monitored);
    return {
      identity,
      ranges: await feed.getFeedRanges(),
      leases: await openLeases(isOneAccount ? client : open(leases), options),
      read: (range, from) =>
        feed.items.getChangeFeedIterator({
          maxItemCount: options.itemsAtMost,
          changeFeedStartFrom: startOf(sdk.ChangeFeedStartFrom, range, from),
        }),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** A `ChangeFeedStartFrom`; the SDK's declarations leave out that each of these is one. */
function startOf(sdk: typeof ChangeFeedStartFrom, range: FeedRange, from: FeedPosition): object {
  if (from === 'now') return sdk.Now(range);
  if ('continuation' in from) return sdk.Continuation(from.continuation);
  return from.startMs === 0 ? sdk.Beginning(range) : sdk.Time(new Date(from.startMs), range);
}

async function identityOf(container: Container, address: ContainerAddress): Promise<string> {
  try {
    const { resource } = await container.read();
    // The service gives every container a resource id; the SDK leaves it out of the type.
    return String((resource as { readonly _rid?: string } | undefined)?._rid);
  } catch (error) {
    if (codeOf(error) !== 404) throw error;
    throw new MissingContainer(
      address,
      'The app makes it at its first use of the store, or make it by hand.',
      true,
    );
  }
}

/** The lease container: each document is a partition of its own, and none expires by itself. */
async function openLeases(
  client: CosmosClient,
  { leases, createLeases, leasesThroughput }: FeedStoreOptions,
): Promise<Container> {
  const container = client.database(leases.database).container(leases.container);
  try {
    await container.read();
  } catch (error) {
    if (codeOf(error) !== 404) throw error;
    if (!createLeases)
      throw new MissingContainer(
        leases,
        'Set createLeaseContainerIfNotExists to true, or make it by hand (/id).',
        false,
      );
    await unlessThere(() => client.databases.createIfNotExists({ id: leases.database }));
    await unlessThere(() =>
      client.database(leases.database).containers.createIfNotExists({
        id: leases.container,
        partitionKey: { paths: ['/id'] },
        defaultTtl: -1,
        ...(leasesThroughput === undefined ? {} : { throughput: leasesThroughput }),
      }),
    );
  }
  return container;
}

/** The SDK looks and then creates: of several that start at once one creates it, and the others get a 409. */
async function unlessThere(create: () => Promise<unknown>): Promise<void> {
  try {
    await create();
  } catch (error) {
    if (codeOf(error) !== 409) throw error;
  }
}

/** The status of an answer, or the code of a connection that failed. */
export function codeOf(error: unknown): number | string | undefined {
  return (error as { readonly code?: number | string } | undefined)?.code;
}

// RelayEvents: what happened to orders leaves the app, from the change feed of their container.
import { app } from '@azure/functions';
import { relayChanges, type RelayPorts } from '../events/relay';
import { invocationLog } from '../observability/invocation-log';

export interface OrdersFeed {
  readonly connection: string;
  readonly databaseName: string;
  readonly containerName: string;
  readonly createLeases: boolean;
  readonly batchSize: number;
}

export function registerRelay(ports: RelayPorts, feed: OrdersFeed): void {
  app.cosmosDB('RelayEvents', {
    connection: feed.connection,
    databaseName: feed.databaseName,
    containerName: feed.containerName,
    leaseContainerName: 'leases',
    leaseContainerPrefix: 'relay',
    createLeaseContainerIfNotExists: feed.createLeases,
    startFromBeginning: true,
    maxItemsPerInvocation: feed.batchSize,
    feedPollDelay: 1_000,
    // Without a policy the platform goes on behind a batch that failed, and what was in it is lost.
    retry: {
      strategy: 'exponentialBackoff',
      maxRetryCount: -1,
      minimumInterval: { seconds: 1 },
      maximumInterval: { seconds: 30 },
    },
    handler: async (changes, context) => {
      const told = await relayChanges(ports, changes);
      if (told > 0) invocationLog(context).info('failed orders told', { count: told });
    },
  });
}

// ProjectOrders: every read model, from the change feed of the orders. Its leases are its own, so a relay that stands
// still holds up no read model.
import { setTimeout as wait } from 'node:timers/promises';
import { app } from '@azure/functions';
import { invocationLog } from '../telemetry/invocation-log';
import { gatherMs, PAGE_SIZE, POLL_DELAY_MS } from '../projections/feed-pace';
import { projectChanges, type ProjectOrdersPorts } from '../projections/project-orders';
import { FEED_LEASES } from './feed-leases';

export interface ProjectedFeed {
  readonly connection: string;
  readonly databaseName: string;
  readonly containerName: string;
  readonly createLeases: boolean;
}

export function registerProjections(ports: ProjectOrdersPorts, feed: ProjectedFeed): void {
  app.cosmosDB('ProjectOrders', {
    connection: feed.connection,
    databaseName: feed.databaseName,
    containerName: feed.containerName,
    leaseContainerName: 'leases',
    leaseContainerPrefix: 'projections',
    createLeaseContainerIfNotExists: feed.createLeases,
    startFromBeginning: true,
    ...FEED_LEASES,
    maxItemsPerInvocation: PAGE_SIZE,
    feedPollDelay: POLL_DELAY_MS,
    // Without a policy the platform goes on behind a batch that failed, and what was in it is lost.
    retry: {
      strategy: 'exponentialBackoff',
      maxRetryCount: -1,
      minimumInterval: { seconds: 1 },
      maximumInterval: { seconds: 10 },
    },
    handler: async (changes, context) => {
      const { unknownTypes, parked } = await projectChanges(ports, changes);
      if (unknownTypes + parked > 0) {
        invocationLog(context).warn('events not projected', { unknownTypes, parked });
      }
      const waitMs = gatherMs(changes.length);
      if (waitMs > 0) await wait(waitMs);
    },
  });
}

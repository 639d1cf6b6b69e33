// ProjectOrders: every read model, from the change feed of the orders. Its leases are its own, so a relay that stands
// still holds up no read model.
import { setTimeout as wait } from 'node:timers/promises';
import { app } from '@azure/functions';
import { invocationLog } from '../observability/invocation-log';
import { projectChanges, type ProjectOrdersPorts } from '../projections/project-orders';

export interface ProjectedFeed {
  readonly connection: string;
  readonly databaseName: string;
  readonly containerName: string;
  readonly createLeases: boolean;
}

/** Changes at once: an order has about nine, and those that come together are one write. */
const PAGE_SIZE = 1_000;
/**
 * After a page that was not full, changes gather for this time. Without it a busy feed comes in pages of a few changes,
 * and an order costs five writes instead of one or two.
 */
const GATHER_MS = 250;
/** After a page this large orders come by the dozen a second; then more of an order gathers for one write. */
const BUSY_PAGE = 100;
const GATHER_WHEN_BUSY_MS = 500;
/** How stale a list is at rest; each look at an idle feed costs one request. */
const POLL_DELAY_MS = 500;

export function registerProjections(ports: ProjectOrdersPorts, feed: ProjectedFeed): void {
  app.cosmosDB('ProjectOrders', {
    connection: feed.connection,
    databaseName: feed.databaseName,
    containerName: feed.containerName,
    leaseContainerName: 'leases',
    leaseContainerPrefix: 'projections',
    createLeaseContainerIfNotExists: feed.createLeases,
    startFromBeginning: true,
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
      if (changes.length < PAGE_SIZE)
        await wait(changes.length < BUSY_PAGE ? GATHER_MS : GATHER_WHEN_BUSY_MS);
    },
  });
}

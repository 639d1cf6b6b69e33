// ProjectOrders: every read model, from the change feed of the orders. Its leases are its own, so a relay that stands
// still holds up no read model.
import { setTimeout as wait } from 'node:timers/promises';
import { app } from '@azure/functions';
import { isKnownType } from '../domain/order-events';
import { readEvent } from '../events/read-event';
import { invocationLog } from '../telemetry/invocation-log';
import { gatherMs, PAGE_SIZE } from '../projections/feed-pace';
import { projectChanges, type ProjectedPage, type ProjectOrdersPorts } from '../projections/project-orders';
import type { Meter } from '../ports/meter';
import { createFeedLag } from '../telemetry/feed-lag';
import { FEED_LEASES } from './feed-leases';
import type { FeedTurns } from './feed-turns';

export interface ProjectedFeed {
  readonly connection: string;
  readonly databaseName: string;
  readonly containerName: string;
  readonly createLeases: boolean;
  readonly pollSeconds: number;
  readonly turns: FeedTurns;
}

export function registerProjections(
  ports: ProjectOrdersPorts & { readonly meter: Meter },
  feed: ProjectedFeed,
): void {
  const { meter, clock } = ports;
  const lag = createFeedLag(meter, 'ProjectOrders', () => clock.nowMs());
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
    feedPollDelay: Math.ceil(feed.pollSeconds * 1_000),
    // Without a policy the platform goes on behind a batch that failed, and what was in it is lost.
    retry: {
      strategy: 'exponentialBackoff',
      maxRetryCount: -1,
      minimumInterval: { seconds: 1 },
      maximumInterval: { seconds: 10 },
    },
    handler: async (changes, context) => {
      const log = invocationLog(context);
      const project = (): Promise<ProjectedPage> =>
        lag.during(changes, log, () => projectChanges(ports, changes));
      const waitMs = gatherMs(changes.length);
      const page = await (waitMs > 0 ? feed.turns.take(project) : project());
      countPage(meter, changes, page);
      const { unknownTypes, parked } = page;
      if (unknownTypes + parked > 0) {
        log.warn('events not projected', { unknownTypes, parked });
      }
      if (waitMs > 0) await wait(waitMs);
    },
  });
}

/** Each event that was taken, by its type; what was parked or is of a newer release has a type that others choose. */
function countPage(meter: Meter, changes: readonly unknown[], { unknownTypes, parked }: ProjectedPage): void {
  const add = (type: string, result: string, count: number): void => {
    meter.add('order_saga_events_consumed_total', { consumer: 'ProjectOrders', type, result }, count);
  };
  for (const change of changes) {
    const { kind, type } = (change ?? {}) as Readonly<Record<string, unknown>>;
    if (kind !== 'event' || typeof type !== 'string' || !isKnownType(type)) continue;
    if (parked === 0 || readEvent(change).kind === 'event') add(type, 'handled', 1);
  }
  if (unknownTypes > 0) add('unknown', 'unknownType', unknownTypes);
  if (parked > 0) add('unknown', 'invalid', parked);
}

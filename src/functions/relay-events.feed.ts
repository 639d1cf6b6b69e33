// What happened to orders leaves the app, from the change feed of their container. Two functions with leases of their
// own: RelayEvents to Service Bus, RelayToEventGrid to Event Grid, and that only where a topic is set. So a target that
// is away holds back nobody else. Not one function per entity: topic and queue share a broker, hence its outages, and
// every reader of the feed parses every change once more.
import { setTimeout as wait } from 'node:timers/promises';
import { app, type CosmosDBv4FunctionOptions, type InvocationContext } from '@azure/functions';
import { relayChanges, type RelayPorts } from '../events/relay';
import { relayPauseMs } from '../events/relay-pace';
import { invocationLog } from '../telemetry/invocation-log';
import type { Clock } from '../ports/clock';
import type { Meter } from '../ports/meter';
import { createFeedLag } from '../telemetry/feed-lag';
import { FEED_LEASES } from './feed-leases';
import type { FeedTurns } from './feed-turns';

export interface OrdersFeed {
  readonly connection: string;
  readonly databaseName: string;
  readonly containerName: string;
  readonly createLeases: boolean;
  readonly batchSize: number;
  readonly pollSeconds: number;
  readonly turns: FeedTurns;
}

export interface FeedRelayPorts extends Omit<RelayPorts, 'source'> {
  readonly meter: Meter;
  readonly clock: Clock;
}

/** Registers RelayEvents: every event to the topic, failed orders and what customers are told of to their queues. */
export function registerRelay(
  ports: FeedRelayPorts & Pick<Required<RelayPorts>, 'failures' | 'copies'>,
  feed: OrdersFeed,
): void {
  register('RelayEvents', 'relay', ports, feed);
}

/** Registers RelayToEventGrid; a topic that is set later is told of all that happened before, too. */
export function registerEventGridRelay(ports: FeedRelayPorts, feed: OrdersFeed): void {
  register('RelayToEventGrid', 'relay-event-grid', ports, feed);
}

function register(source: string, leasePrefix: string, ports: FeedRelayPorts, feed: OrdersFeed): void {
  const lag = createFeedLag(ports.meter, source, () => ports.clock.nowMs());
  app.cosmosDB(source, {
    ...feedOptions(feed, leasePrefix),
    handler: async (changes, context) => {
      const page = (): Promise<void> =>
        lag.during(changes, invocationLog(context), () => relay({ ...ports, source }, changes, context));
      const waitMs = relayPauseMs(changes.length, { batchSize: feed.batchSize, pollMs: pollMsOf(feed) });
      if (waitMs === 0) return page();
      await feed.turns.take(page);
      await wait(waitMs);
    },
  });
}

async function relay(
  ports: RelayPorts,
  changes: readonly unknown[],
  context: InvocationContext,
): Promise<void> {
  const { failures, parked } = await relayChanges(ports, changes);
  const log = invocationLog(context);
  if (failures > 0) log.info('failed orders told', { count: failures });
  for (const { document, reason } of parked) log.error('event parked', { id: idOf(document), reason });
}

const pollMsOf = ({ pollSeconds }: OrdersFeed): number => Math.ceil(pollSeconds * 1_000);

function idOf(document: unknown): string {
  const { id, eventId, orderId } = document as Readonly<Record<string, unknown>>;
  return String(id ?? eventId ?? orderId);
}

function feedOptions(feed: OrdersFeed, leasePrefix: string): Omit<CosmosDBv4FunctionOptions, 'handler'> {
  return {
    connection: feed.connection,
    databaseName: feed.databaseName,
    containerName: feed.containerName,
    leaseContainerName: 'leases',
    leaseContainerPrefix: leasePrefix,
    createLeaseContainerIfNotExists: feed.createLeases,
    startFromBeginning: true,
    ...FEED_LEASES,
    maxItemsPerInvocation: feed.batchSize,
    feedPollDelay: pollMsOf(feed),
    // Without a policy the platform goes on behind a batch that failed, and what was in it is lost.
    retry: {
      strategy: 'exponentialBackoff',
      maxRetryCount: -1,
      minimumInterval: { seconds: 1 },
      maximumInterval: { seconds: 30 },
    },
  };
}

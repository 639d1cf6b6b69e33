// Change feed readers of the wire floor: broker and read models, each with a lease of its own and with the
// pages and pauses of the app's triggers. They read and checkpoint by the platform's own store of feeds and leases.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Container } from '@azure/cosmos';
import type { ServiceBusClient, ServiceBusSender } from '@azure/service-bus';
import { wallClock } from 'azure-local/kit/clock';
import { openFeedStore, type FeedStore } from 'azure-local/host/cosmos/feed-store';
import { readLease, takeLease, type Lease, type LeaseRequest } from 'azure-local/host/cosmos/lease';
import { emulatorCosmosConnection } from 'azure-local/kit/emulator-connections';
import { toMessage } from '../../../src/adapters/service-bus-publisher';
import type { EventEnvelope } from '../../../src/domain/event-envelope';
import { DATABASE } from '../../../test/support/app-database';
import type { PlatformAddresses } from './wire';

/** Takes the events of one page, which held `changes` documents. */
export type TakePage = (events: readonly EventEnvelope[], changes: number) => Promise<void>;

export interface FeedReader {
  readonly leasePrefix: string;
  readonly itemsAtMost: number;
  readonly pollDelayMs: number;
  readonly take: TakePage;
}

/** Begins to read the changes of `orders`, and reads for ever: resolves when it holds its lease. */
export async function followOrders({ cosmos }: PlatformAddresses, reader: FeedReader): Promise<void> {
  const connectionString = emulatorCosmosConnection(cosmos);
  const account = { connectionString, hostname: 'floor', database: DATABASE };
  const store = await openFeedStore({
    monitored: { ...account, container: 'orders' },
    leases: { ...account, container: 'leases' },
    createLeases: true,
    leasesThroughput: undefined,
    leasePrefix: reader.leasePrefix,
    startFrom: 0,
    itemsAtMost: reader.itemsAtMost,
    feedPollDelayMs: reader.pollDelayMs,
  });
  const [range] = store.ranges;
  if (range === undefined) throw new Error('The container orders has no range to read.');
  const rangeName = `${range.minInclusive}-${range.maxExclusive}`;
  const request: LeaseRequest = {
    container: store.leases,
    id: `${reader.leasePrefix}${account.hostname}_${store.identity}.local.${rangeName}`,
    rangeName,
    owner: randomUUID(),
    clock: wallClock(),
    begin: () => Promise.resolve({ startMs: 0 }),
  };
  const lease = await takeLease(request, await readLease(request));
  if (lease === undefined) throw new Error('Another host has taken the lease.');
  void readOn(store.read(range, lease.position), lease, reader);
}

async function readOn(feed: ReturnType<FeedStore['read']>, lease: Lease, reader: FeedReader): Promise<never> {
  for (;;) {
    const { statusCode, result, continuationToken } = await feed.readNext();
    if (statusCode === 304) await pause(reader.pollDelayMs);
    else if (result.length > 0) {
      await reader.take(eventsIn(result as unknown[] as Record<string, unknown>[]), result.length);
      await lease.checkpoint(continuationToken);
    }
  }
}

function eventsIn(documents: readonly Record<string, unknown>[]): EventEnvelope[] {
  return documents
    .filter(({ kind }) => kind === 'event')
    .map((document) => {
      const { id, kind, _rid, _self, _etag, _attachments, _ts, ...event } = document;
      return event as unknown as EventEnvelope;
    })
    .sort((a, b) => a.sequence - b.sequence);
}

/** Sends events to the topic, and what customers are told of to their queue, as many in one batch as fit. */
export function toTopic(client: ServiceBusClient): TakePage {
  const toAll = client.createSender('order-events');
  const toCustomers = client.createSender('customer-notifications');
  return async (events) => {
    await sendAll(toAll, events);
    await sendAll(
      toCustomers,
      events.filter(({ type }) => type === 'OrderCompleted'),
    );
  };
}

async function sendAll(sender: ServiceBusSender, events: readonly EventEnvelope[]): Promise<void> {
  if (events.length === 0) return;
  let batch = await sender.createMessageBatch();
  for (const event of events) {
    if (batch.tryAddMessage(toMessage(event))) continue;
    await sender.sendMessages(batch);
    batch = await sender.createMessageBatch();
    batch.tryAddMessage(toMessage(event));
  }
  if (batch.count > 0) await sender.sendMessages(batch);
}

/** Pauses after a page as the app does, so that changes gather. */
export function gathered(take: TakePage, pauseMs: (changes: number) => number): TakePage {
  return async (events, changes) => {
    await take(events, changes);
    const waitMs = pauseMs(changes);
    if (waitMs > 0) await pause(waitMs);
  };
}

/** Creates a document that may be there already. */
export async function createUnlessThere(
  container: Container,
  document: Record<string, unknown>,
): Promise<void> {
  await container.items.create(document).catch((error: unknown) => {
    if ((error as { readonly code?: unknown }).code !== 409) throw error;
  });
}

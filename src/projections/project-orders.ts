// One page of the change feed of `orders`, taken into every read model. Knows no model, no trigger and no store.
//
// P1  A page is done with when every model has it; before that it comes again, whole.
// P2  What cannot be read is parked or counted, and never stands in the way of what comes behind it.
// P3  Whether the feed is held is asked after the page has come: what was in a page that is let through had happened
//     before the hold.
import type { EventEnvelope } from '../domain/event-envelope';
import { TransientError } from '../errors';
import { readEvent, type ReadEvent } from '../events/read-event';
import { toIso, type Clock } from '../ports/clock';
import type { Parking } from '../ports/parking';
import type { OrderStreams } from './order-streams';
import { inSequence, type Projection } from './projection';
import type { FeedProgressReads, FeedProgressStore } from './read-model-stores';

export interface ProjectOrdersPorts {
  readonly projections: readonly Projection[];
  readonly streams: OrderStreams;
  readonly parking: Parking;
  readonly progress: FeedProgressStore;
  readonly clock: Clock;
  /** What is dated further ahead of our clock does not count as how far the feed is. */
  readonly aheadMs: number;
}

/** How many events of a page were taken, were of a type that this code does not know, and were parked. */
export interface ProjectedPage {
  readonly events: number;
  readonly unknownTypes: number;
  readonly parked: number;
}

const SOURCE = 'ProjectOrders';

/** Takes `changes` in. Throws while a rebuild holds the feed, and what the stores throw: then they must come again. */
export async function projectChanges(
  { projections, streams, parking, progress, clock, aheadMs }: ProjectOrdersPorts,
  changes: readonly unknown[],
): Promise<ProjectedPage> {
  const documents = changes.filter(isEventDocument);
  const page = { events: 0, unknownTypes: 0, parked: 0 };
  if (documents.length === 0) return page;
  const asOf = await asOfUnlessHeld(progress);
  const taken: EventEnvelope[] = [];
  for (const document of documents) {
    const result = readEvent(document);
    if (result.kind === 'event') taken.push(result.event);
    else if (result.kind === 'unknownType') page.unknownTypes += 1;
    else {
      await parking.park(SOURCE, document, reasonOf(result));
      page.parked += 1;
    }
  }
  const events = inSequence(taken);
  streams.remember(events);
  await Promise.all(projections.map((projection) => projection.project(events)));
  // Another host's clock may have been ahead: its time would stand there until ours has come to it.
  const believed = toIso(clock.nowMs() + aheadMs);
  const seen = asOf !== null && asOf <= believed ? asOf : '';
  const newest = events
    .filter(({ occurredAt }) => occurredAt <= believed)
    .reduce((latest, { occurredAt }) => (occurredAt > latest ? occurredAt : latest), seen);
  if (newest > seen) await progress.seen(newest);
  return { ...page, events: events.length };
}

/** How far the feed is; throws a TransientError FEED_HELD while a rebuild holds it. Whoever feeds projections asks before. */
export async function asOfUnlessHeld(progress: FeedProgressReads): Promise<string | null> {
  const { asOf, held } = await progress.read();
  if (held !== null) throw new TransientError('FEED_HELD', `the feed waits: held by ${held}`);
  return asOf;
}

/** The feed also brings the documents of the orders. */
function isEventDocument(change: unknown): boolean {
  return typeof change === 'object' && change !== null && 'kind' in change && change.kind === 'event';
}

function reasonOf(result: ReadEvent & { readonly kind: 'newerVersion' | 'invalid' }): string {
  return result.kind === 'newerVersion'
    ? `${result.type} has version ${result.version}, which this app does not know yet`
    : result.errors.map(({ path, message }) => `${path} ${message}`).join('; ');
}

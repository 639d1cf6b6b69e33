// One page of the change feed of `orders`, taken into every read model. Knows no model, no trigger and no store.
//
// project-orders.P1  A page is done with when every model has it; before that it comes again, whole.
// project-orders.P2  What cannot be read is parked, and never stands in the way of what comes behind it. An event of a
//   type that only a newer release has is nothing to the models of this one, and is counted.
// project-orders.P4  A newer version of a known type is left to an instance of the newer release (S21): the page comes
//   again, for as long as a deployment may take. After that it is parked: no release that reads it is here, and a
//   replay brings it later.
// project-orders.P3  Whether the feed is held is asked after the page has come: what was in a page that is let through
//   had happened before the hold.
import type { EventEnvelope } from '../domain/event-envelope';
import { TransientError } from '../errors';
import { nameOf, ofNewerRelease, readEvent, type ReadEvent } from '../events/read-event';
import type { Clock } from '../ports/clock';
import type { Parking } from '../ports/parking';
import type { OrderStreams } from './order-streams';
import { inSequence, type Projection } from './projection';
import type { FeedHoldReads } from './read-model-stores';

export interface ProjectOrdersPorts {
  readonly projections: readonly Projection[];
  readonly streams: OrderStreams;
  readonly parking: Parking;
  readonly feedHold: FeedHoldReads;
  readonly clock: Clock;
}

/** How many events of a page were taken, were of a type that this code does not know, and were parked. */
export interface ProjectedPage {
  readonly events: number;
  readonly unknownTypes: number;
  readonly parked: number;
}

const SOURCE = 'ProjectOrders';

/** project-orders.P4. Longer than two releases run side by side. */
const LEFT_TO_NEWER_MS = 10 * 60_000;

/** Takes `changes` in. Throws while a rebuild holds the feed, and what the stores throw: then they must come again. */
export async function projectChanges(
  { projections, streams, parking, feedHold, clock }: ProjectOrdersPorts,
  changes: readonly unknown[],
): Promise<ProjectedPage> {
  const documents = changes.filter(isEventDocument);
  const page = { events: 0, unknownTypes: 0, parked: 0 };
  if (documents.length === 0) return page;
  await requireNoHold(feedHold);
  const taken: EventEnvelope[] = [];
  for (const document of documents) {
    const result = readEvent(document);
    if (result.kind === 'event') taken.push(result.event);
    else if (result.kind === 'unknownType') page.unknownTypes += 1;
    else {
      if (result.kind === 'newerVersion' && isYoung(document, clock.nowMs())) throw ofNewerRelease(result);
      await parking.park(SOURCE, document, reasonOf(result));
      page.parked += 1;
    }
  }
  const events = inSequence(taken);
  streams.remember(events);
  await Promise.all(projections.map((projection) => projection.project(events)));
  return { ...page, events: events.length };
}

/** Throws a TransientError FEED_HELD while a rebuild holds the feed. Whoever feeds projections asks before. */
export async function requireNoHold(feedHold: FeedHoldReads): Promise<void> {
  const holder = await feedHold.holder();
  if (holder !== null) throw new TransientError('FEED_HELD', `the feed waits: held by ${holder}`);
}

function isYoung(document: unknown, nowMs: number): boolean {
  const { occurredAt } = document as Readonly<Record<string, unknown>>;
  const ageMs = typeof occurredAt === 'string' ? nowMs - Date.parse(occurredAt) : Number.NaN;
  return ageMs < LEFT_TO_NEWER_MS;
}

/** The feed also brings the documents of the orders. */
function isEventDocument(change: unknown): boolean {
  return typeof change === 'object' && change !== null && 'kind' in change && change.kind === 'event';
}

function reasonOf(result: ReadEvent & { readonly kind: 'newerVersion' | 'invalid' }): string {
  return result.kind === 'newerVersion'
    ? `this release cannot read ${nameOf(result)}`
    : result.errors.map(({ path, message }) => `${path} ${message}`).join('; ');
}

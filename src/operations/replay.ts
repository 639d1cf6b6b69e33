// Replay of stored events into the read models, for the operator route.
//
// replay.R1  Only projections are fed. They write read models and nothing else, and an event that they took before
//   changes nothing: no money moves and no message goes out. A projection that remembers for a while only gets nothing
//   older: that is for a rebuild.
// replay.R2  The window ends when the replay begins, so that it ends however many orders come in meanwhile.
// replay.R3  While a rebuild holds the feed, nothing is fed: the rebuild's counts would take the place of what was.
import type { EventEnvelope } from '../domain/event-envelope';
import type { Reach } from '../domain/scope';
import { readEvent } from '../events/read-event';
import { toIso, type Clock } from '../ports/clock';
import type { OrderStore } from '../ports/order-store';
import { requireNoHold } from '../projections/project-orders';
import type { Projection } from '../projections/projection';
import type { FeedHoldReads } from '../projections/read-model-stores';

export interface ReplayPorts {
  readonly orders: Pick<OrderStore, 'scanEvents'>;
  readonly clock: Clock;
  readonly projections: readonly Projection[];
  readonly feedHold: FeedHoldReads;
}

export interface ReplayRequest {
  /** Whose events. */
  readonly reach: Reach;
  /** All types, unless given. */
  readonly type?: string | undefined;
  /** From the first event on, unless given. */
  readonly fromIso?: string | undefined;
  /** Only counts. */
  readonly dryRun: boolean;
}

export interface Replayed {
  /** How many stored events match. */
  readonly matched: number;
  /** How many of them this code cannot read; the others were fed. */
  readonly unreadable: number;
  readonly projections: readonly string[];
  /** By projection: how many were too old for it to tell whether it has them. They were not fed to it. */
  readonly tooOld: Readonly<Record<string, number>>;
  readonly untilIso: string;
  readonly dryRun: boolean;
}

/**
 * Throws what the stores throw, and a TransientError FEED_HELD during a rebuild; whoever asks again starts over, which
 * changes nothing twice.
 */
export async function replayEvents(
  { orders, clock, projections, feedHold }: ReplayPorts,
  { reach, type, fromIso, dryRun }: ReplayRequest,
): Promise<Replayed> {
  const untilMs = clock.nowMs();
  const untilIso = toIso(untilMs);
  const fed = projections.map((projection) => ({ projection, fromIso: remembersFrom(projection, untilMs) }));
  const tooOld: Record<string, number> = Object.fromEntries(projections.map(({ name }) => [name, 0]));
  let [matched, unreadable] = [0, 0];
  for await (const page of orders.scanEvents(reach, { type, fromIso, untilIso })) {
    const events = page.flatMap(readable);
    matched += page.length;
    unreadable += page.length - events.length;
    if (!dryRun) await requireNoHold(feedHold);
    await Promise.all(
      fed.map(async ({ projection, fromIso: known }) => {
        const remembered = events.filter(({ occurredAt }) => occurredAt >= known);
        tooOld[projection.name] = (tooOld[projection.name] ?? 0) + events.length - remembered.length;
        if (!dryRun) await projection.project(remembered);
      }),
    );
  }
  const names = projections.map(({ name }) => name);
  return { matched, unreadable, projections: names, tooOld, untilIso, dryRun };
}

function remembersFrom({ remembersMs }: Projection, nowMs: number): string {
  return remembersMs === undefined ? '' : toIso(nowMs - remembersMs);
}

function readable(stored: EventEnvelope): EventEnvelope[] {
  const read = readEvent(stored);
  return read.kind === 'event' ? [read.event] : [];
}

// Feeds stored events to the read models once more.
//
// R1  Only projections are fed. They write read models and nothing else, and an event that they took before changes
//     nothing: no money moves and no message goes out.
// R2  The window ends when the replay begins, so that it ends however many orders come in meanwhile.
import type { EventEnvelope } from '../events/envelope';
import { readEvent } from '../events/read-event';
import { toIso, type Clock } from '../ports/clock';
import type { OrderStore } from '../ports/order-store';
import type { Projection } from '../projections/projection';

export interface ReplayPorts {
  readonly orders: Pick<OrderStore, 'scanEvents'>;
  readonly clock: Clock;
  readonly projections: readonly Projection[];
}

export interface ReplayRequest {
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
  readonly untilIso: string;
  readonly dryRun: boolean;
}

/** Throws what the stores throw; whoever asks again starts over, which changes nothing twice. */
export async function replayEvents(
  { orders, clock, projections }: ReplayPorts,
  { type, fromIso, dryRun }: ReplayRequest,
): Promise<Replayed> {
  const untilIso = toIso(clock.nowMs());
  let [matched, unreadable] = [0, 0];
  for await (const page of orders.scanEvents({ type, fromIso, untilIso })) {
    const events = page.flatMap(readable);
    matched += page.length;
    unreadable += page.length - events.length;
    if (!dryRun) await Promise.all(projections.map((projection) => projection.project(events)));
  }
  return { matched, unreadable, projections: projections.map(({ name }) => name), untilIso, dryRun };
}

function readable(stored: EventEnvelope): EventEnvelope[] {
  const read = readEvent(stored);
  return read.kind === 'event' ? [read.event] : [];
}

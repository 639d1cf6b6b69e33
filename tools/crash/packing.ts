// Packing of crash points into waves. Pure.
import { standsBriefly, type CrashPoint } from './points';

/**
 * Points in groups that the system can hold at once; if there are many, those that need a wait are together, and those that
 * stand briefly, for which the others would come too late. Each scenario is dealt over the groups: many orders that fail in the same way at once would open a breaker for each other. Where the relay stops,
 * it does for all.
 */
export function packed(
  points: readonly CrashPoint[],
  standingAtOnce: number,
): readonly (readonly CrashPoint[])[] {
  const relays = (['arrival', 'answer'] as const).map((moment) =>
    points.filter(({ place }) => place.kind === 'relay' && place.moment === moment),
  );
  const others = points.filter(({ place }) => place.kind !== 'relay');
  return [others, ...relays].flatMap((some) => (some.length === 0 ? [] : inGroups(some, standingAtOnce)));
}

function inGroups(points: readonly CrashPoint[], standingAtOnce: number): readonly (readonly CrashPoint[])[] {
  const groupsOf = (some: readonly CrashPoint[]): number =>
    Math.ceil(Math.max(...eventsAndOthers(some).map(({ length }) => length)) / standingAtOnce);
  const kinds =
    groupsOf(points) <= 1
      ? [points]
      : [
          points.filter((point) => !point.isLate && !standsBriefly(point)),
          points.filter((point) => !point.isLate && standsBriefly(point)),
          points.filter(({ isLate }) => isLate),
        ];
  return kinds.flatMap((some) => {
    const [events, others] = eventsAndOthers(some);
    const groups = groupsOf(some);
    return Array.from({ length: groups }, (_, group) =>
      [...others, ...events].filter((_point, index) => index % groups === group),
    );
  });
}

/** A point at an event takes one of the orchestrations that may run at once, another at most one of the activities. */
function eventsAndOthers(
  points: readonly CrashPoint[],
): readonly [events: CrashPoint[], others: CrashPoint[]] {
  const isEvent = ({ place }: CrashPoint): boolean => place.kind === 'event';
  return [points.filter(isEvent), points.filter((point) => !isEvent(point))];
}

// Rewind: removes from a history what made its instance fail, so that it runs on from there. Follows
// DurableTask.AzureStorage: failed events, and the scheduling of failed activities, become events without effect; a
// failed sub-orchestration is rewound itself, and its parent waits for it again. Pure, except for reading the store.
import { EventType, genericEvent, replayed, type EventText } from './history-events';
import type { Work } from './instance';
import type { EpisodeRow, InstanceRow } from './stored-rows';

export type RewindOutcome = { readonly kind: 'rewound' } | { readonly kind: 'refused'; readonly why: string };

/** A run with its history as the rewind leaves it. */
export interface RewoundRun {
  readonly key: number;
  readonly id: string;
  readonly episodes: readonly EpisodeRow[];
  /** Nothing below it failed: it is the one to go on at once. */
  readonly isLeaf: boolean;
}

interface Source {
  find(id: string): InstanceRow | undefined;
  episodes(key: number): EpisodeRow[];
}

interface StoredEvent {
  readonly EventType: number;
  readonly EventId: number;
  readonly Timestamp: string;
  readonly TaskScheduledId?: number;
  readonly InstanceId?: string;
  readonly OrchestrationStatus?: string;
}

const RETRIED =
  'This orchestration failed in a call with retry options, and a rewind of those is not simulated by the local host: on Azure ' +
  'the instance would fail again, as not deterministic. Restart it, or start a new instance.';

/** The run of `row` and the failed runs below it; or why they cannot be rewound. */
export function rewindTree(row: InstanceRow, source: Source): RewoundRun[] | string {
  const episodes = source.episodes(row.key);
  const events = episodes.map(({ history }) => JSON.parse(`[${history}]`) as StoredEvent[]);
  const all = events.flat();
  const failedIds = (type: number): Set<number | undefined> =>
    new Set(all.filter((event) => event.EventType === type).map((event) => event.TaskScheduledId));
  const activities = failedIds(EventType.taskFailed);
  const subs = failedIds(EventType.subOrchestrationInstanceFailed);
  const works = episodes.map(({ work }) => (work === null ? undefined : (JSON.parse(work) as Work)));
  const calls = works.flatMap((work) => [...(work?.activities ?? []), ...(work?.subs ?? [])]);
  if (calls.some(({ id, retry }) => retry !== undefined && (activities.has(id) || subs.has(id))))
    return RETRIED;
  const runs: RewoundRun[] = [];
  const lost = new Set<number | undefined>();
  for (const { EventType: type, EventId: id, InstanceId: child } of all) {
    if (type !== EventType.subOrchestrationInstanceCreated || !subs.has(id)) continue;
    const failed = child === undefined ? undefined : source.find(child);
    const below = failed?.status === 'Failed' ? rewindTree(failed, source) : [];
    if (typeof below === 'string') return below;
    // A child that is gone is called again.
    if (below.length === 0) lost.add(id);
    runs.push(...below);
  }
  const removed = new Set([...activities, ...lost]);
  const nextId = Math.max(-1, ...all.map((event) => event.EventId)) + 1;
  const rewound = episodes.map((_, at) => ({
    history: (events[at] ?? []).map((event) => rewindEvent(event, removed, nextId)).join(','),
    work: rewindWork(works[at], removed),
  }));
  return [...runs, { key: row.key, id: row.id, episodes: rewound, isLeaf: runs.length === 0 }];
}

function rewindEvent(
  event: StoredEvent,
  removed: ReadonlySet<number | undefined>,
  nextId: number,
): EventText {
  const { EventType: type, EventId: id, Timestamp: at } = event;
  switch (type) {
    case EventType.taskFailed:
    case EventType.subOrchestrationInstanceFailed:
      return replayed(genericEvent(null, at));
    case EventType.executionCompleted:
      return genericEvent(null, at, nextId);
    case EventType.taskScheduled:
    case EventType.subOrchestrationInstanceCreated:
      return removed.has(id) ? genericEvent(null, at, id) : JSON.stringify(event);
    default:
      return JSON.stringify(event);
  }
}

function rewindWork(work: Work | undefined, removed: ReadonlySet<number | undefined>): string | null {
  if (work === undefined) return null;
  const stays = ({ id }: { id: number }): boolean => !removed.has(id);
  return JSON.stringify({
    ...work,
    activities: work.activities.filter(stays),
    ...(work.subs === undefined ? undefined : { subs: work.subs.filter(stays) }),
  });
}

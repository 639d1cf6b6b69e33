// Rebuilds an instance from the rows of its history, as an episode needs it. Pure.
import type { EntityRequest } from '../entity-messages';
import { EventType, type EventText, type ParentFacts, type StartFacts } from '../history-events';
import { pendingInstance, replayEpisode, type Instance, type RuntimeStatus, type Work } from '../instance';
import type { HistoryRow } from './history-table';

/** An instance with what its rows say beside it. */
export interface Rebuilt {
  readonly instance: Instance;
  /** The ids of everything that the history scheduled, whatever it is. */
  readonly eventIds: ReadonlySet<number>;
  /** The ids of the requests that it sent to entities. */
  readonly requestIds: ReadonlySet<string>;
  /** How it ended; undefined while it has not. */
  readonly ended?: { readonly status: RuntimeStatus; readonly output: string | null };
}

interface StoredEvent {
  readonly EventType: number;
  readonly EventId: number;
  readonly Timestamp: string;
  readonly OrchestrationStatus?: RuntimeStatus;
  readonly Result?: string | null;
  readonly Input?: string | null;
}

interface StartedEvent extends StoredEvent {
  readonly OrchestrationInstance: { readonly InstanceId: string; readonly ExecutionId: string };
  readonly ParentInstance: {
    readonly Name: string;
    readonly OrchestrationInstance: StartedEvent['OrchestrationInstance'];
    readonly TaskScheduleId: number;
    readonly Version: string | null;
  } | null;
  readonly Name: string;
  readonly Version: string | null;
  readonly Input: string | null;
  readonly Generation: number | null;
  readonly Tags: { readonly MS_DurableFunctions_SourceInstanceId?: string } | null;
}

/** The instance that these rows tell of; undefined when they hold no start. */
export function rebuild(rows: readonly HistoryRow[]): Rebuilt | undefined {
  const events = rows.map(({ event }) => JSON.parse(event) as StoredEvent);
  const start = events.find(isStart);
  if (start === undefined) return undefined;
  // A restart, a sub-orchestration and a continued execution have no generation; only the last has no parent either
  // and begins with a closed episode of its own, which its rows then hold.
  const instance = pendingInstance(0, factsOf(start), Date.parse(start.Timestamp));
  for (const { event, work } of rows)
    replayEpisode(instance, event, work === null ? undefined : (JSON.parse(work) as Work));
  instance.status = instance.suspended ? 'Suspended' : 'Running';
  const eventIds = new Set(events.map(({ EventId }) => EventId).filter((id) => id >= 0));
  const requestIds = new Set(
    events
      .filter(({ EventType: type }) => type === EventType.eventSent)
      .map(({ Input: request }) => (JSON.parse(request ?? '{}') as Partial<EntityRequest>).id ?? ''),
  );
  const end = events.find(({ EventType: type }) => type === EventType.executionCompleted);
  if (end?.OrchestrationStatus === undefined) return { instance, eventIds, requestIds };
  return {
    instance,
    eventIds,
    requestIds,
    ended: { status: end.OrchestrationStatus, output: end.Result ?? null },
  };
}

const isStart = (event: StoredEvent): event is StartedEvent => event.EventType === EventType.executionStarted;

function factsOf(start: StartedEvent): StartFacts {
  const { InstanceId: id, ExecutionId: executionId } = start.OrchestrationInstance;
  const { Name: name, Version: version, Input: input, Generation: generation } = start;
  const parent = start.ParentInstance;
  const source = start.Tags?.MS_DurableFunctions_SourceInstanceId;
  return {
    ...{ id, executionId, name, version, input, generation },
    ...(parent === null ? undefined : { parent: parentOf(parent) }),
    ...(source === undefined ? undefined : { source }),
  };
}

function parentOf(parent: NonNullable<StartedEvent['ParentInstance']>): ParentFacts {
  const { InstanceId: id, ExecutionId: executionId } = parent.OrchestrationInstance;
  return { name: parent.Name, id, executionId, taskId: parent.TaskScheduleId, version: parent.Version };
}

const EVENT_ID = /"EventId":(-?\d+),"IsPlayed"/;

/** The rows of an episode: each event with what it scheduled; what was cancelled stands at the last. */
export function rowsOf(events: readonly EventText[], work: Work): HistoryRow[] {
  const { activities, timers, cancelled, subs = [], sent = [] } = work;
  const none = { activities: [], timers: [], cancelled: [] };
  const byId = new Map<number, Work>([
    ...activities.map((task): [number, Work] => [task.id, { ...none, activities: [task] }]),
    ...timers.map((task): [number, Work] => [task.id, { ...none, timers: [task] }]),
    ...subs.map((task): [number, Work] => [task.id, { ...none, subs: [task] }]),
    ...sent.map(({ request, ...kept }): [number, Work] => [kept.id, { ...none, sent: [kept] }]),
  ]);
  const rows = events.map((event) => {
    const id = Number(EVENT_ID.exec(event.slice(event.lastIndexOf('"EventId":')))?.[1] ?? -1);
    const scheduled = byId.get(id);
    return { event, work: scheduled === undefined ? null : JSON.stringify(scheduled) };
  });
  const last = rows.at(-1);
  if (last !== undefined && cancelled.length > 0)
    rows[rows.length - 1] = { ...last, work: JSON.stringify({ ...none, cancelled }) };
  return rows;
}

/** An instance that has no history yet. */
export function freshInstance(facts: StartFacts | undefined, nowMs: number): Rebuilt {
  if (facts === undefined) throw new Error('A start message came without what it starts.');
  return { instance: pendingInstance(0, facts, nowMs), eventIds: new Set(), requestIds: new Set() };
}

// View of an instance in the management API: its row as one JSON object, its history as the extension prints it.
import { EventType, type ParentFacts } from './history-events';
import type { InstanceRow } from './stored-rows';

export interface StatusOptions {
  readonly showInput: boolean;
  /** The texts of the instance's episodes; the key `historyEvents` is left out when there are none. */
  readonly history?: readonly string[];
  readonly showHistoryOutput?: boolean;
}

/** One instance as JSON text. */
export function statusJson(row: InstanceRow, options: StatusOptions): string {
  const base =
    `{"name":${JSON.stringify(row.name)},${named('version', row.version)}"instanceId":${JSON.stringify(row.id)},` +
    `${named('parentInstanceId', parentOf(row))}"runtimeStatus":"${row.status}",` +
    `"input":${options.showInput ? (row.input ?? 'null') : 'null'},"customStatus":${row.customStatus ?? 'null'},` +
    `"output":${row.output ?? 'null'},"createdTime":"${seconds(row.createdMs)}","lastUpdatedTime":"${seconds(row.updatedMs)}"`;
  if (options.history === undefined || options.history.length === 0) return `${base}}`;
  const events = historyEvents(options.history, options.showHistoryOutput === true);
  return `${base},"historyEvents":${JSON.stringify(events)}}`;
}

/** A key that is left out where there is nothing to say. */
const named = (key: string, value: string | null): string =>
  value === null ? '' : `"${key}":${JSON.stringify(value)},`;

const parentOf = ({ parent }: InstanceRow): string | null =>
  parent === null ? null : (JSON.parse(parent) as ParentFacts).id;

const seconds = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

interface StoredEvent {
  readonly EventType: number;
  readonly EventId: number;
  readonly Timestamp: string;
  readonly Name?: string;
  /** Of a sub-orchestration. */
  readonly InstanceId?: string;
  readonly TaskScheduledId?: number;
  readonly Result?: string | null;
  readonly [key: string]: unknown;
}

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(EventType).map(([name, type]) => [type, name.charAt(0).toUpperCase() + name.slice(1)]),
);

/** Fields of the trigger's form that the status view never shows. */
const INTERNAL = new Set(['EventType', 'EventId', 'IsPlayed', 'Version', 'TaskScheduledId', 'TimerId']);
/** Further fields that it replaces by `FunctionName` on the first event. */
const START_INTERNAL = new Set(['OrchestrationInstance', 'ParentInstance', 'Name', 'Tags']);
const EPISODE_MARKS: readonly number[] = [EventType.orchestratorStarted, EventType.orchestratorCompleted];

const SCHEDULINGS: readonly number[] = [EventType.taskScheduled, EventType.subOrchestrationInstanceCreated];

/** An ended call takes the place of its scheduling; a scheduled one stands for itself. */
function historyEvents(episodes: readonly string[], showOutput: boolean): Record<string, unknown>[] {
  const stored = JSON.parse(`[${episodes.join(',')}]`) as StoredEvent[];
  const scheduled = new Map<number, StoredEvent>();
  const ended = new Set<number>();
  for (const event of stored) {
    if (SCHEDULINGS.includes(event.EventType)) scheduled.set(event.EventId, event);
    if (event.TaskScheduledId !== undefined) ended.add(event.TaskScheduledId);
  }
  return stored
    .filter((event) => !EPISODE_MARKS.includes(event.EventType))
    .filter((event) => !SCHEDULINGS.includes(event.EventType) || !ended.has(event.EventId))
    .map((event) => view(event, scheduled, showOutput));
}

function view(
  event: StoredEvent,
  scheduled: ReadonlyMap<number, StoredEvent>,
  showOutput: boolean,
): Record<string, unknown> {
  const isStart = event.EventType === EventType.executionStarted;
  const shown: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(event)) {
    if (key === 'EventType') shown[key] = NAMES.get(event.EventType);
    if (INTERNAL.has(key) || (isStart && START_INTERNAL.has(key))) continue;
    if (key !== 'Result') shown[key] = value;
    else if (showOutput) shown[key] = typeof value === 'string' ? (JSON.parse(value) as unknown) : null;
  }
  if (isStart) shown['FunctionName'] = event.Name;
  if (event.TaskScheduledId !== undefined) {
    const scheduling = scheduled.get(event.TaskScheduledId);
    shown['ScheduledTime'] = scheduling?.Timestamp.replace('Z', '+00:00');
    shown['FunctionName'] = scheduling?.Name;
    if (scheduling?.InstanceId !== undefined) shown['InstanceId'] = scheduling.InstanceId;
    shown['Input'] = null;
  }
  return shown;
}

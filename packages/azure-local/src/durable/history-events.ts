// Writers of history events as JSON text, with the keys and their order as the extension writes them into the
// orchestrator's trigger. Text, because every replay sends the whole history: an event is stringified once.

/** One event, `IsPlayed` false. `replayed` gives the form it takes in later replays. */
export type EventText = string;

export const EventType = {
  executionStarted: 0,
  executionCompleted: 1,
  executionTerminated: 3,
  taskScheduled: 4,
  taskCompleted: 5,
  taskFailed: 6,
  subOrchestrationInstanceCreated: 7,
  subOrchestrationInstanceCompleted: 8,
  subOrchestrationInstanceFailed: 9,
  timerCreated: 10,
  timerFired: 11,
  orchestratorStarted: 12,
  orchestratorCompleted: 13,
  eventSent: 14,
  eventRaised: 15,
  genericEvent: 17,
  executionSuspended: 19,
  executionResumed: 20,
} as const;

const NEW = '"IsPlayed":false';
const PLAYED = '"IsPlayed":true';

/** The same event in a later replay. Only for what reaches the instance from outside; what it scheduled stays as it is. */
export function replayed(event: EventText): EventText {
  const at = event.lastIndexOf(NEW);
  return event.slice(0, at) + PLAYED + event.slice(at + NEW.length);
}

/** A moment in the extension's form: UTC, without the zeros that .NET trims. */
export function timestamp(ms: number): string {
  if (ms === lastMs) return lastText;
  lastMs = ms;
  lastText = withoutZeros(new Date(ms).toISOString());
  return lastText;
}

/** `….120Z` → `….12Z`, `….000Z` → `…Z`. */
function withoutZeros(iso: string): string {
  let end = iso.length - 1;
  while (iso.charAt(end - 1) === '0') end -= 1;
  if (iso.charAt(end - 1) === '.') end -= 1;
  return `${iso.slice(0, end)}Z`;
}
let lastMs = Number.NaN;
let lastText = '';

const close = (eventId: number, at: string): string => `"EventId":${eventId},${NEW},"Timestamp":"${at}"}`;
const text = JSON.stringify as (value: string | null) => string;

export const orchestratorStarted = (at: string): EventText =>
  `{"EventType":${EventType.orchestratorStarted},${close(-1, at)}`;

export const orchestratorCompleted = (at: string): EventText =>
  `{"EventType":${EventType.orchestratorCompleted},${close(-1, at)}`;

/** The orchestration that waits for a sub-orchestration, as ExecutionStarted tells of it. */
export interface ParentFacts {
  readonly name: string;
  readonly id: string;
  readonly executionId: string;
  /** The sequence id under which it called. */
  readonly taskId: number;
  readonly version: string | null;
}

export interface StartFacts {
  readonly id: string;
  readonly executionId: string;
  readonly name: string;
  readonly version: string | null;
  /** JSON text, or null when the start had no body. */
  readonly input: string | null;
  /** How often the id was started before; null for a sub-orchestration and after continue-as-new (recorded). */
  readonly generation: number | null;
  readonly parent?: ParentFacts;
  /** The instance that this one is a restart of, under another id. */
  readonly source?: string;
}

const instanceText = (id: string, executionId: string): string =>
  `{"InstanceId":${text(id)},"ExecutionId":"${executionId}"}`;

/** The tag by which the extension knows a restarted instance. */
const tagsText = (source: string | undefined): string =>
  source === undefined ? 'null' : `{"MS_DurableFunctions_SourceInstanceId":${text(source)}}`;

const parentText = (parent: ParentFacts | undefined): string =>
  parent === undefined
    ? 'null'
    : `{"Name":${text(parent.name)},"OrchestrationInstance":${instanceText(parent.id, parent.executionId)},` +
      `"TaskScheduleId":${parent.taskId},"Version":${text(parent.version)}}`;

export const executionStarted = (start: StartFacts, at: string): EventText =>
  `{"OrchestrationInstance":${instanceText(start.id, start.executionId)},` +
  `"EventType":${EventType.executionStarted},"ParentInstance":${parentText(start.parent)},"Name":${text(start.name)},"Version":${text(start.version)},` +
  `"Input":${text(start.input)},"Tags":${tagsText(start.source)},"Correlation":null,"ParentTraceContext":null,"ScheduledStartTime":null,` +
  `"Generation":${start.generation},"GenerateNewTrace":false,${close(-1, at)}`;

export const taskScheduled = (id: number, name: string, at: string): EventText =>
  `{"EventType":${EventType.taskScheduled},"Name":${text(name)},"Version":"","Input":null,"ParentTraceContext":null,"Tags":null,${close(id, at)}`;

/** `result` is JSON text, or null when the activity returned nothing. */
export const taskCompleted = (id: number, result: string | null, at: string): EventText =>
  `{"EventType":${EventType.taskCompleted},"TaskScheduledId":${id},"Result":${text(result)},${close(-1, at)}`;

export const taskFailed = (id: number, reason: string, details: string, at: string): EventText =>
  `{"EventType":${EventType.taskFailed},"TaskScheduledId":${id},"Reason":${text(reason)},"Details":${text(details)},"FailureDetails":null,${close(-1, at)}`;

/** `child` is the instance id of the sub-orchestration. */
export const subCreated = (
  id: number,
  name: string,
  version: string | null,
  child: string,
  at: string,
): EventText =>
  `{"EventType":${EventType.subOrchestrationInstanceCreated},"Name":${text(name)},"Version":${text(version)},"InstanceId":${text(child)},"Input":null,"ClientSpanId":null,"Tags":null,${close(id, at)}`;

/** `result` is JSON text, or null when the sub-orchestration returned nothing. */
export const subCompleted = (id: number, result: string | null, at: string): EventText =>
  `{"EventType":${EventType.subOrchestrationInstanceCompleted},"TaskScheduledId":${id},"Result":${text(result)},${close(-1, at)}`;

export const subFailed = (id: number, reason: string, details: string, at: string): EventText =>
  `{"EventType":${EventType.subOrchestrationInstanceFailed},"TaskScheduledId":${id},"Reason":${text(reason)},"Details":${text(details)},"FailureDetails":null,${close(-1, at)}`;

export const timerCreated = (id: number, fireAt: string, at: string): EventText =>
  `{"EventType":${EventType.timerCreated},"FireAt":"${fireAt}",${close(id, at)}`;

/** `at` is the moment the timer was created: that is what the extension writes. */
export const timerFired = (id: number, fireAt: string, at: string): EventText =>
  `{"EventType":${EventType.timerFired},"TimerId":${id},"FireAt":"${fireAt}",${close(-1, at)}`;

/** `input` is JSON text. */
export const eventRaised = (name: string, input: string, at: string): EventText =>
  `{"EventType":${EventType.eventRaised},"Name":${text(name)},"Input":${text(input)},"ParentTraceContext":null,${close(-1, at)}`;

/** An operation on its way to the entity `to`. */
export const eventSent = (id: number, to: string, request: string, at: string): EventText =>
  `{"EventType":${EventType.eventSent},"InstanceId":${text(to)},"Name":"op","Input":${text(request)},${close(id, at)}`;

export const executionTerminated = (reason: string | null, at: string): EventText =>
  `{"EventType":${EventType.executionTerminated},"Input":${text(reason)},${close(-1, at)}`;

export const executionSuspended = (reason: string | null, at: string): EventText =>
  `{"EventType":${EventType.executionSuspended},"Reason":${text(reason)},${close(-1, at)}`;

export const executionResumed = (reason: string | null, at: string): EventText =>
  `{"EventType":${EventType.executionResumed},"Reason":${text(reason)},${close(-1, at)}`;

/** A rewind's reason, or what stands in the place of an event that a rewind took back. */
export const genericEvent = (data: string | null, at: string, eventId = -1): EventText =>
  `{"Data":${text(data)},"EventType":${EventType.genericEvent},${close(eventId, at)}`;

/** Only ever read by the status view: an ended instance is not replayed. `result` is JSON text. */
export const executionCompleted = (status: string, result: string | null, at: string): EventText =>
  `{"EventType":${EventType.executionCompleted},"OrchestrationStatus":"${status}","Result":${text(result)},"FailureDetails":null,${close(-1, at)}`;

/** The orchestrator's trigger: `history` is the comma-separated text of all events, `input` the start's JSON text. */
export const orchestratorTrigger = (
  instanceId: string,
  history: string,
  input: string | null,
  isReplaying: boolean,
  parentInstanceId: string | null,
  sourceInstanceId: string | null,
): string =>
  `{"history":[${history}],"input":${input ?? 'null'},"instanceId":${text(instanceId)},"isReplaying":${isReplaying},"parentInstanceId":${text(parentInstanceId)},"sourceInstanceId":${text(sourceInstanceId)},` +
  `"upperSchemaVersion":1,"upperSchemaVersionNew":3,"longRunningTimerIntervalDuration":"3.00:00:00",` +
  `"maximumShortTimerDuration":"6.00:00:00","defaultHttpAsyncRequestSleepTimeMillseconds":30000}`;

// Replay of a history as the management API shows it (showHistory and showHistoryOutput), of a saga that ended or
// still runs, here or on Azure. It lacks episodes and sequence numbers, so the build is led along it: each recorded
// end of an activity or timer must be that of one the build has scheduled by then. Times are not compared, as on the
// platform.
import type { DurableFunctionInvoker } from 'azure-local/durable/contract';
import * as events from 'azure-local/durable/history-events';
import type { Action, OrchestratorAnswer } from 'azure-local/durable/orchestrator-answer';
import { departure, failure, nameOf, replayOnce } from './replayer';

export interface InstanceStatus {
  readonly name: string;
  readonly instanceId: string;
  readonly runtimeStatus: string;
  readonly input: unknown;
  readonly output: unknown;
  readonly createdTime: string;
  readonly historyEvents?: readonly StatusEvent[];
}

export interface StatusEvent {
  readonly EventType: string;
  readonly Timestamp: string;
  readonly FunctionName?: string;
  readonly Name?: string;
  readonly FireAt?: string;
  readonly Input?: string | null;
  readonly Result?: unknown;
  readonly Reason?: string | null;
  readonly Details?: string;
}

/** A history that is built up again while the build is led along the recorded one. */
interface Course {
  readonly functions: DurableFunctionInvoker;
  readonly status: InstanceStatus;
  readonly recordedTimers: readonly StatusEvent[];
  readonly past: string[];
  /** What the build has scheduled so far, and the further stretches of its long timers, by sequence number. */
  readonly scheduled: Action[];
  /** How much of it the build has asked for. */
  asked: number;
  readonly open: Set<number>;
  episode: number;
  nowMs: number;
  /** What a suspended instance asks for is scheduled when it is resumed. */
  suspended: boolean;
}

/** Why this build would not run the instance on as it began; undefined when it would. */
export async function differenceFromStatus(
  functions: DurableFunctionInvoker,
  status: InstanceStatus,
): Promise<string | undefined> {
  const recorded = status.historyEvents ?? [];
  const of = (type: string): StatusEvent[] => recorded.filter(({ EventType }) => EventType === type);
  const course: Course = {
    ...{ functions, status, recordedTimers: of('TimerCreated') },
    ...{ past: [], scheduled: [], asked: 0, open: new Set<number>(), episode: 0 },
    nowMs: Date.parse(status.createdTime),
    suspended: false,
  };
  let answer = await advance(course, [startOf(status, recorded[0])]);
  for (const event of recorded.filter(({ EventType }) => !NO_NEWS.has(EventType))) {
    const failed = failure(course.episode, answer);
    if (failed !== undefined) return failed;
    const ended = taskOf(course, event);
    if (ended === 'none') return unexpected(course, event);
    answer = await advance(course, [asNews(event, ended)], event, ended);
  }
  return failure(course.episode, answer) ?? leftOver(course, of('TaskScheduled')) ?? otherEnd(status, answer);
}

/** What the trigger gets in another form: the start, what the build schedules by itself, and the end. */
const NO_NEWS = new Set(['ExecutionStarted', 'TaskScheduled', 'TimerCreated', 'ExecutionCompleted']);

function startOf({ name, instanceId, input }: InstanceStatus, started: StatusEvent | undefined): string {
  const facts = { id: instanceId, executionId: '', name, version: null, generation: 0 };
  const text = started?.Input ?? JSON.stringify(input ?? null);
  return events.executionStarted({ ...facts, input: text }, started?.Timestamp ?? '');
}

/** One episode more: `news` is what it finds, and what it schedules is added to the history. */
async function advance(
  course: Course,
  news: readonly string[],
  event?: StatusEvent,
  ended?: number,
): Promise<OrchestratorAnswer> {
  const { past, status } = course;
  course.episode += 1;
  course.nowMs = Math.max(course.nowMs, momentOf(event));
  const at = events.timestamp(course.nowMs);
  const history = [...past, events.orchestratorStarted(at), ...news].join(',');
  const input = JSON.stringify(status.input ?? null);
  const trigger = events.orchestratorTrigger(status.instanceId, history, input, past.length > 0, null, null);
  const answer = await replayOnce(course.functions, status.name, trigger);
  past.push(events.orchestratorStarted(at), ...news.map(events.replayed));
  if (event?.EventType === 'ExecutionSuspended') course.suspended = true;
  if (event?.EventType === 'ExecutionResumed') course.suspended = false;
  const further = event?.EventType === 'TimerFired' ? furtherStretch(course, event, ended) : [];
  const asked = course.suspended ? [] : answer.actions.slice(course.asked);
  course.asked += asked.length;
  for (const action of [...further, ...asked]) past.push(schedule(course, action, at));
  past.push(events.orchestratorCompleted(at));
  return answer;
}

/** What the platform schedules by itself when a stretch of a long timer is over, and it is not the last one. */
function furtherStretch({ scheduled }: Course, { FireAt = '' }: StatusEvent, ended = -1): readonly Action[] {
  const timer = scheduled[ended];
  return timer?.kind === 'timer' && isLonger(timer, Date.parse(FireAt)) ? [timer] : [];
}

/** Times that a build computes anew may differ from the recorded ones, but by no stretch. */
function isLonger({ fireAtMs }: Action & { readonly kind: 'timer' }, firedMs: number): boolean {
  return fireAtMs - firedMs > SURELY_LONGER_MS;
}
const SURELY_LONGER_MS = 86_400_000;

/** A fired timer carries the moment it was made (recorded so); it fired when it was due. */
function momentOf(event: StatusEvent | undefined): number {
  if (event === undefined) return 0;
  return Date.parse(event.EventType === 'TimerFired' ? (event.FireAt ?? '') : event.Timestamp);
}

function schedule(course: Course, action: Action, at: string): string {
  const id = course.scheduled.push(action) - 1;
  course.open.add(id);
  if (action.kind !== 'timer') return events.taskScheduled(id, nameOf(action).split(' ')[1] ?? '', at);
  const { FireAt } = course.recordedTimers[timersOf(course).indexOf(id)] ?? {};
  return events.timerCreated(id, FireAt ?? events.timestamp(action.fireAtMs), at);
}

const timersOf = ({ scheduled }: Course): number[] =>
  scheduled.flatMap(({ kind }, id) => (kind === 'timer' ? [id] : []));

/** The task that `event` ends, now closed; undefined when it ends none, `none` when the build has not scheduled it. */
function taskOf(course: Course, event: StatusEvent): number | undefined | 'none' {
  if (!ENDS.has(event.EventType)) return undefined;
  const id =
    event.EventType === 'TimerFired'
      ? timersOf(course).find(
          (timer, index) => course.open.has(timer) && course.recordedTimers[index]?.FireAt === event.FireAt,
        )
      : openActivity(course, event.FunctionName);
  if (id === undefined) return 'none';
  course.open.delete(id);
  return id;
}

const ENDS = new Set(['TaskCompleted', 'TaskFailed', 'TimerFired']);

function openActivity({ open, scheduled }: Course, name: string | undefined): number | undefined {
  return [...open].find((id) => {
    const action = scheduled[id];
    return action?.kind === 'activity' && (name === undefined || action.name === name);
  });
}

function asNews(event: StatusEvent, task = 0): string {
  const at = event.Timestamp;
  switch (event.EventType) {
    case 'TaskCompleted':
      return events.taskCompleted(task, resultText(event.Result), at);
    case 'TaskFailed':
      return events.taskFailed(task, event.Reason ?? '', event.Details ?? '', at);
    case 'TimerFired':
      return events.timerFired(task, event.FireAt ?? '', at);
    case 'EventRaised':
      return events.eventRaised(event.Name ?? '', event.Input ?? 'null', at);
    case 'ExecutionSuspended':
      return events.executionSuspended(event.Reason ?? null, at);
    case 'ExecutionResumed':
      return events.executionResumed(event.Reason ?? null, at);
    case 'ExecutionTerminated':
      return events.executionTerminated(event.Input ?? null, at);
    default:
      throw new Error(
        `The history has an event ${event.EventType}, which this check does not know: look at that instance by hand.`,
      );
  }
}

const resultText = (result: unknown): string | null => (result === undefined ? null : JSON.stringify(result));

/** An activity that has ended in the recording, where the build waits for another one or for none. */
function unexpected(course: Course, event: StatusEvent): string {
  const recorded = event.EventType === 'TimerFired' ? 'timer' : `activity ${event.FunctionName ?? ''}`;
  const id = openActivity(course, undefined) ?? course.scheduled.length;
  const action = course.scheduled[id];
  return departure(course.episode, id, recorded, action && nameOf(action));
}

/** What was under way when the history was taken must be exactly what the build waits for then. */
function leftOver(course: Course, underWay: readonly StatusEvent[]): string | undefined {
  for (const event of underWay) {
    const id = openActivity(course, event.Name);
    if (id === undefined) return unexpected(course, { ...event, FunctionName: event.Name ?? '' });
    course.open.delete(id);
  }
  const timers = timersOf(course);
  if (timers.length < course.recordedTimers.length)
    return departure(course.episode, course.scheduled.length, 'timer', undefined);
  const more = openActivity(course, undefined) ?? timers[course.recordedTimers.length];
  const action = more === undefined ? undefined : course.scheduled[more];
  return action && departure(course.episode, more ?? 0, undefined, nameOf(action));
}

function otherEnd({ runtimeStatus, output }: InstanceStatus, answer: OrchestratorAnswer): string | undefined {
  const now = answer.output ?? 'null';
  if (runtimeStatus !== 'Completed' || now === JSON.stringify(output)) return undefined;
  return `the output is now ${now}`;
}

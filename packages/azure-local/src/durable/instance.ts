// State of an unfinished orchestration instance in memory: its history as text, what it has scheduled, and the
// messages not yet processed. Rebuilt from the store at a start; it does no I/O.
import { EventType, executionStarted, timestamp, type EventText, type StartFacts } from './history-events';
import type { ActivityTask, Ending, SubTask, Task, TimerTask } from './tasks';

export type RuntimeStatus = 'Pending' | 'Running' | 'Suspended' | 'Completed' | 'Failed' | 'Terminated';

/** Something that reached the instance and is not yet part of its history. */
export interface Message extends Ending {
  readonly kind: 'start' | 'task' | 'raise' | 'terminate' | 'suspend' | 'resume' | 'rewind' | 'operation';
  readonly event: EventText;
  /** The sequence id of the task that it ends. */
  readonly taskId?: number;
  /** Its row in the inbox; the end of an activity or timer has none, because it can be had again. */
  readonly inboxId?: number;
  /** The reason given to a terminate. */
  readonly reason?: string | null;
}

/** What a sequence id stands for; a `segment` is a task that the host scheduled by itself (durable-tasks.T1). */
export type Scheduled =
  | { readonly kind: 'activity'; readonly name: string }
  | { readonly kind: 'sub'; readonly name: string; readonly version: string | null; readonly child: string }
  | { readonly kind: 'entity'; readonly to: string }
  | { readonly kind: 'timer' }
  | { readonly kind: 'segment' };

/** What one episode scheduled and cancelled: enough, with its events, to go on after a crash. */
export interface Work {
  readonly activities: readonly ActivityTask[];
  readonly timers: readonly TimerTask[];
  readonly cancelled: readonly number[];
  readonly subs?: readonly SubTask[];
  readonly sent?: readonly SentOperation[];
}

/** An operation that was sent to an entity. */
export interface SentOperation {
  readonly id: number;
  readonly to: string;
  readonly atMs: number;
  /** Its text, while it is on its way. */
  readonly request?: string;
}

export interface Instance {
  /** The row of this run; a later run under the same id has another. */
  readonly key: number;
  readonly facts: StartFacts;
  readonly createdMs: number;
  status: RuntimeStatus;
  customStatus: string | null;
  /** The whole history, as the next replay will see it. */
  history: EventText;
  episodes: number;
  readonly inbox: Message[];
  /** By sequence id. */
  readonly scheduled: Scheduled[];
  /** Scheduled and neither finished nor cancelled, by sequence id. */
  readonly open: Map<number, Task>;
  /** When the last operation was sent, by entity. */
  readonly lastSentMs: Map<string, number>;
  /** Begun by continue-as-new: its first episode is recorded in another form. */
  readonly isContinued: boolean;
  suspended: boolean;
  /** An episode is queued or running. */
  busy: boolean;
}

/** An instance that has been asked for and has not run. */
export function pendingInstance(
  key: number,
  facts: StartFacts,
  createdMs: number,
  isContinued = false,
): Instance {
  const event = executionStarted(facts, timestamp(createdMs));
  return {
    key,
    facts,
    createdMs,
    status: isContinued ? 'Running' : 'Pending',
    customStatus: null,
    history: '',
    episodes: 0,
    inbox: [{ kind: 'start', event }],
    scheduled: [],
    open: new Map(),
    lastSentMs: new Map(),
    isContinued,
    suspended: false,
    busy: false,
  };
}

/** Notes what an episode scheduled and cancelled. */
export function remember(instance: Instance, work: Work): void {
  for (const task of [...work.activities, ...(work.subs ?? [])]) {
    instance.scheduled[task.id] = scheduledCall(task);
    instance.open.set(task.id, task);
  }
  for (const timer of work.timers) {
    instance.scheduled[timer.id] = { kind: timer.id === timer.origin ? 'timer' : 'segment' };
    if (timer.thenId !== undefined) instance.scheduled[timer.thenId] = { kind: 'segment' };
    instance.open.set(timer.id, timer);
  }
  for (const { id, to, atMs } of work.sent ?? []) {
    instance.scheduled[id] = { kind: 'entity', to };
    instance.lastSentMs.set(to, atMs);
  }
  for (const id of work.cancelled) instance.open.delete(id);
}

function scheduledCall(task: ActivityTask | SubTask): Scheduled {
  if (task.isFollowUp === true) return { kind: 'segment' };
  const { kind, name } = task;
  return kind === 'activity' ? { kind, name } : { kind, name, version: task.version, child: task.child };
}

interface RecordedEvent {
  readonly EventType: number;
  readonly TaskScheduledId?: number;
  readonly TimerId?: number;
}

/** Adds one recorded episode to an instance that is being rebuilt. */
export function replayEpisode(instance: Instance, history: EventText, work: Work | undefined): void {
  if (instance.episodes === 0) instance.inbox.length = 0;
  instance.episodes += 1;
  instance.history = joinEvents(instance.history, history);
  for (const event of JSON.parse(`[${history}]`) as RecordedEvent[]) {
    if (event.EventType === EventType.executionSuspended) instance.suspended = true;
    if (event.EventType === EventType.executionResumed) instance.suspended = false;
    const finished = event.TaskScheduledId ?? event.TimerId;
    if (finished !== undefined) instance.open.delete(finished);
  }
  if (work !== undefined) remember(instance, work);
}

export const joinEvents = (earlier: EventText, later: EventText): EventText =>
  earlier === '' ? later : `${earlier},${later}`;

/** Whether this very task may still end (durable-engine.Q4). */
export const isOpen = (instance: Instance, task: Task): boolean => instance.open.get(task.id) === task;

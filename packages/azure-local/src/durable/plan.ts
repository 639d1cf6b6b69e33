// Schedule of one episode while it is being made: tasks with their sequence ids, and their history events.
import {
  eventSent,
  subCreated,
  taskScheduled,
  timerCreated,
  timestamp,
  type EventText,
} from './history-events';
import { requestText } from './entity-messages';
import type { Instance, Scheduled, SentOperation } from './instance';
import { NO_ORIGIN, type ActivityTask, type Call, type SubTask, type TimerTask } from './tasks';

export interface Plan {
  /** By sequence id: what the history scheduled, and what earlier tasks lead to. */
  readonly scheduled: (Scheduled | undefined)[];
  readonly events: EventText[];
  readonly activities: ActivityTask[];
  readonly subs: SubTask[];
  readonly timers: TimerTask[];
  readonly sent: SentOperation[];
  readonly cancelled: number[];
  readonly nowMs: number;
  /** The execution id, which begins the ids of sub-orchestrations. */
  readonly executionId: string;
  /** Takes the next sequence id for something that the code does not ask for. */
  next(): number;
}

/** Timers further away than this are waited for in stretches, as `maximumShortTimerDuration` of the trigger says. */
const MAX_TIMER_MS = 6 * 86_400_000;
const TIMER_STRETCH_MS = 3 * 86_400_000;

/** Nothing yet. The list of what is scheduled is the instance's own until something is added to it. */
export function emptyPlan({ scheduled, facts }: Instance, nowMs: number): Plan {
  const plan = {
    scheduled: scheduled as (Scheduled | undefined)[],
    events: [],
    activities: [],
    subs: [],
    timers: [],
    sent: [],
    cancelled: [],
    nowMs,
    executionId: facts.executionId,
    next(): number {
      if (plan.scheduled === scheduled) plan.scheduled = [...scheduled];
      return plan.scheduled.push({ kind: 'segment' }) - 1;
    },
  };
  return plan;
}

/** Adds a timer, or its first stretch. */
export function planTimer(
  plan: Plan,
  { id, dueMs, origin, ...then }: Pick<TimerTask, 'id' | 'origin' | 'then' | 'thenId'> & { dueMs: number },
): void {
  const { nowMs } = plan;
  const isLong = origin !== NO_ORIGIN && dueMs - nowMs > MAX_TIMER_MS;
  const fireAtMs = isLong ? nowMs + TIMER_STRETCH_MS : dueMs;
  const createdAt = timestamp(nowMs);
  plan.events.push(timerCreated(id, timestamp(fireAtMs), createdAt));
  plan.timers.push({ kind: 'timer', id, fireAtMs, finalMs: dueMs, origin, createdAt, ...then });
}

/** Adds a call of an activity or of a sub-orchestration. */
export function planCall(plan: Plan, call: Call, id: number): void {
  const at = timestamp(plan.nowMs);
  if (call.kind === 'activity') {
    plan.events.push(taskScheduled(id, call.name, at));
    plan.activities.push({ ...call, id });
    return;
  }
  const child = call.instanceId ?? `${plan.executionId}:${id}`;
  plan.events.push(subCreated(id, call.name, call.version, child, at));
  plan.subs.push({ ...call, id, child });
}

/** Adds an operation that is sent to an entity. */
export function planOperation(
  plan: Plan,
  { facts, lastSentMs }: Instance,
  action: { readonly isSignal: boolean; readonly to: string; readonly operation: string; input: unknown },
  id: number,
): void {
  const { nowMs } = plan;
  const { to, operation: op, isSignal } = action;
  const input = action.input === undefined ? undefined : { input: JSON.stringify(action.input) };
  const signal = isSignal ? ({ signal: true } as const) : undefined;
  const earlierMs = plan.sent.some((sent) => sent.to === to) ? nowMs : lastSentMs.get(to);
  const sender = { parent: facts.id, parentExecution: facts.executionId };
  const request = requestText({ op, ...signal, ...input, ...sender }, nowMs, earlierMs);
  plan.events.push(eventSent(id, to, request, timestamp(nowMs)));
  plan.sent.push({ id, to, atMs: nowMs, request });
}

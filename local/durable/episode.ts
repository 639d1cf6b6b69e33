// Decides what one replay of an orchestrator means: what to schedule, what to cancel, whether the instance has ended.
// Pure. Reproduces the walk of the extension's OutOfProcOrchestrationShim and DurableTask.Core's check of determinism.
//
// E1  Actions are walked in order; every occurrence of an activity or a timer takes the next sequence id, even when the
//     app passed one task object to a second Task.any (azure-functions-durable-js issue 574).
// E2  What the history scheduled under an id must be what the code asks for under that id: same kind, same name.
// E3  An instance ends only when nothing it scheduled is open: an uncancelled timer keeps it Running after isDone.
// E4  A suspended instance schedules nothing and does not end; what it answered is asked for again on resume.
// E5  Refusals (non-determinism, an unknown function, what is not simulated or not JSON) end the instance at once.
import { taskScheduled, timerCreated, timestamp, type EventText } from './history-events';
import type { ActivityTask, Instance, Message, RuntimeStatus, Scheduled, TimerTask, Work } from './instance';
import type { Action, OrchestratorAnswer } from './orchestrator-answer';
import * as refusals from './refusals';

/** The outcome of one episode. */
export interface Decision extends Work {
  /** What was scheduled, as history events. */
  readonly events: readonly EventText[];
  readonly customStatus: string | null;
  readonly end?: { readonly status: RuntimeStatus; readonly output: string | null };
}

/** Timers further away than this are waited for in stretches, as `maximumShortTimerDuration` of the trigger says. */
const MAX_TIMER_MS = 6 * 86_400_000;
const TIMER_STRETCH_MS = 3 * 86_400_000;

/** The custom status may take 16 KB in UTF-16. */
const MAX_CUSTOM_STATUS_BYTES = 16 * 1024;

interface Plan {
  /** By sequence id: what the history scheduled, and the timer stretches that follow those which ended. */
  readonly scheduled: readonly Scheduled[];
  readonly events: EventText[];
  readonly activities: ActivityTask[];
  readonly timers: TimerTask[];
  readonly cancelled: number[];
  readonly nowMs: number;
}

/** What an episode took from outside. */
export interface Consumed {
  readonly messages: readonly Message[];
  /** The tasks that the messages end. */
  readonly finished: readonly (ActivityTask | TimerTask)[];
}

/**
 * @param instance  as it was before the replay, except that what `consumed` finished is no longer in `open`
 * @param isActivity  whether the app has an activity of that name
 */
export function decide(
  instance: Instance,
  consumed: Consumed,
  answer: OrchestratorAnswer,
  nowMs: number,
  isActivity: (name: string) => boolean,
): Decision {
  const customStatus = answer.customStatus;
  const terminated = consumed.messages.find((message) => message.kind === 'terminate');
  if (terminated !== undefined) {
    const reason = terminated.reason ?? null;
    return ended('Terminated', reason === null ? null : JSON.stringify(reason), customStatus);
  }
  if (answer.refusal !== undefined) {
    return failed(refusals.orchestratorFailed(instance.facts.name, answer.refusal), null);
  }
  if (customStatus !== null && customStatus.length * 2 > MAX_CUSTOM_STATUS_BYTES) {
    return failed(refusals.customStatusTooBig(instance.facts.name, customStatus.length * 2), null);
  }
  const plan = planOf(instance, consumed, nowMs);
  if (instance.suspended) return { ...plan, customStatus };
  const refusal = walk(instance, answer.actions, plan, isActivity);
  if (refusal !== undefined) return failed(refusal, customStatus);
  const open = instance.open.size + plan.activities.length + plan.timers.length - plan.cancelled.length;
  if (open > 0) return { ...plan, customStatus };
  if (answer.error !== undefined) {
    return failed(refusals.orchestratorFailed(instance.facts.name, answer.error), customStatus, plan);
  }
  if (answer.isDone) return { ...ended('Completed', answer.output, customStatus), ...plan };
  return { ...plan, customStatus };
}

const NOTHING = { events: [], activities: [], timers: [], cancelled: [] };

const ended = (status: RuntimeStatus, output: string | null, customStatus: string | null): Decision => ({
  ...NOTHING,
  customStatus,
  end: { status, output },
});

const failed = (why: string, customStatus: string | null, plan?: Plan): Decision => ({
  ...ended('Failed', JSON.stringify(why), customStatus),
  ...plan,
});

function planOf(instance: Instance, consumed: Consumed, nowMs: number): Plan {
  const next = instance.scheduled.length;
  const stretches = consumed.finished
    .filter((task) => task.kind === 'timer')
    .filter((timer) => timer.finalMs > timer.fireAtMs)
    .map((timer, index) => timerTask(next + index, timer.origin, timer.finalMs, nowMs));
  const segments = stretches.map(() => ({ kind: 'segment' }) as const);
  const scheduled = stretches.length === 0 ? instance.scheduled : [...instance.scheduled, ...segments];
  const plan: Plan = { scheduled, events: [], activities: [], timers: [], cancelled: [], nowMs };
  for (const timer of stretches) addTimer(timer, plan);
  return plan;
}

/** E1, E2. Fills `plan`; returns why the instance must fail, if it must. */
function walk(
  instance: Instance,
  actions: readonly Action[],
  plan: Plan,
  isActivity: (name: string) => boolean,
): string | undefined {
  const { facts } = instance;
  const { scheduled } = plan;
  let id = skipSegments(scheduled, 0);
  for (const action of actions) {
    if (action.kind === 'unsupported') return refusals.notSimulated(facts.name, action.what, id);
    const earlier = scheduled[id];
    if (earlier !== undefined) {
      const differs =
        earlier.kind !== action.kind ||
        (earlier.kind === 'activity' && action.kind === 'activity' && earlier.name !== action.name);
      if (differs) return refusals.scheduledOtherwise(id, earlier, action);
      if (action.kind === 'timer' && action.cancelled) cancel(instance, id, plan);
    } else {
      const refusal = schedule(action, id, plan, facts.name, isActivity);
      if (refusal !== undefined) return refusal;
    }
    id = skipSegments(scheduled, id + 1);
  }
  const missing = scheduled[id];
  return missing === undefined ? undefined : refusals.notScheduled(id, missing);
}

function skipSegments(scheduled: readonly Scheduled[], from: number): number {
  let id = from;
  while (scheduled[id]?.kind === 'segment') id += 1;
  return id;
}

function schedule(
  action: Action & { kind: 'activity' | 'timer' },
  id: number,
  plan: Plan,
  orchestrator: string,
  isActivity: (name: string) => boolean,
): string | undefined {
  if (action.kind === 'timer') {
    addTimer(timerTask(id, id, action.fireAtMs, plan.nowMs), plan);
    if (action.cancelled) plan.cancelled.push(id);
    return undefined;
  }
  if (!isActivity(action.name)) return refusals.unknownActivity(orchestrator, action.name, id);
  let input: string | undefined;
  try {
    input = activityInput(action.input);
  } catch (error) {
    return refusals.inputNotJson(orchestrator, action.name, id, error);
  }
  plan.events.push(taskScheduled(id, action.name, timestamp(plan.nowMs)));
  plan.activities.push({
    kind: 'activity',
    id,
    name: action.name,
    ...(input === undefined ? undefined : { input }),
  });
  return undefined;
}

function addTimer(timer: TimerTask, plan: Plan): void {
  plan.events.push(timerCreated(timer.id, timestamp(timer.fireAtMs), timer.createdAt));
  plan.timers.push(timer);
}

function cancel(instance: Instance, origin: number, plan: Plan): void {
  for (const task of [...instance.open.values(), ...plan.timers]) {
    if (task.kind === 'timer' && task.origin === origin) plan.cancelled.push(task.id);
  }
}

/** A timer, or its next stretch, created at `nowMs` under sequence id `id`. */
function timerTask(id: number, origin: number, finalMs: number, nowMs: number): TimerTask {
  const fireAtMs = finalMs - nowMs > MAX_TIMER_MS ? nowMs + TIMER_STRETCH_MS : finalMs;
  return { kind: 'timer', id, fireAtMs, finalMs, origin, createdAt: timestamp(nowMs) };
}

/**
 * What the activity's trigger carries: a string goes as it is (the SDK has JSON-encoded it), anything else as JSON text,
 * booleans in .NET's spelling (recorded), null and undefined not at all.
 */
function activityInput(input: unknown): string | undefined {
  if (typeof input === 'string') return input;
  if (input === undefined || input === null) return undefined;
  if (typeof input === 'boolean') return input ? 'True' : 'False';
  const text = JSON.stringify(input);
  return text.startsWith('"') ? (JSON.parse(text) as string) : text;
}

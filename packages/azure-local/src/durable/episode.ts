// Evaluates one replay of an orchestrator: what to schedule, what to cancel, whether the instance has ended. Pure.
// Reproduces the walk of the extension's OutOfProcOrchestrationShim and DurableTask.Core's check of determinism.
//
// durable-episode.E1  Actions are walked in order; every occurrence of a call or a timer takes the next sequence id,
//   even when the app passed one task object to a second Task.any (azure-functions-durable-js issue 574). What earlier
//   tasks lead to takes its ids first (durable-tasks.T2).
// durable-episode.E2  What the history scheduled under an id must be what the code asks for under that id: same kind,
//   same name.
// durable-episode.E3  An instance ends only when nothing it scheduled is open: an uncancelled timer keeps it Running
//   after isDone.
// durable-episode.E4  A suspended instance schedules nothing and does not end; what it answered is asked for again on
//   resume.
// durable-episode.E5  Refusals (non-determinism, an unknown function, what is not simulated or cannot be written down)
//   end the instance at once.
import { entityOf, isEntityId } from './entity-messages';
import { timerCreated, timestamp, type EventText } from './history-events';
import type { Instance, Message, RuntimeStatus, Scheduled, Work } from './instance';
import { jsonText } from './json-text';
import type { Action, OrchestratorAnswer } from './orchestrator-answer';
import { notScheduled, scheduledOtherwise } from './non-determinism';
import * as refusals from './refusals';
import { emptyPlan, planCall, planOperation, planTimer, type Plan } from './plan';
import { NO_ORIGIN, type Call, type FollowUp, type Retry, type RetryPolicy } from './tasks';

/** How an instance ends. */
export interface End {
  readonly status: RuntimeStatus;
  /** JSON text. */
  readonly output: string | null;
  /** The failure as a waiting parent gets it. */
  readonly failure?: { readonly reason: string; readonly details: string };
}

/** The outcome of one episode. */
export interface Decision extends Work {
  /** What was scheduled, as history events. */
  readonly events: readonly EventText[];
  readonly customStatus: string | null;
  readonly end?: End;
  /** The instance goes on as a new execution with this input (JSON text). */
  readonly continuation?: { readonly input: string; readonly awaited: readonly string[] };
}

/** The custom status may take 16 KB in UTF-16. */
const MAX_CUSTOM_STATUS_BYTES = 16 * 1024;

/** What an episode took from outside. */
export interface Consumed {
  readonly messages: readonly Message[];
  /** What the tasks that the messages end lead to. */
  readonly followUps: readonly FollowUp[];
}

/** What an episode must know of the app. */
export interface AppFacts {
  isActivity(name: string): boolean;
  isOrchestrator(name: string): boolean;
  /** `name` in lower case. */
  isEntity(name: string): boolean;
  /** The version of a sub-orchestration that is called without one. */
  readonly defaultVersion: string | null;
}

/**
 * @param instance  as it was before the replay, except that what `consumed` finished is no longer in `open`
 */
export function decide(
  instance: Instance,
  consumed: Consumed,
  answer: OrchestratorAnswer,
  nowMs: number,
  app: AppFacts,
): Decision {
  try {
    return judge(instance, consumed, answer, nowMs, app);
  } catch (error) {
    // Unheard it would end the process, and the next one at the same place.
    return failed(refusals.notWritable(instance.facts.name, error), null);
  }
}

function judge(
  instance: Instance,
  consumed: Consumed,
  answer: OrchestratorAnswer,
  nowMs: number,
  app: AppFacts,
): Decision {
  const customStatus = answer.customStatus;
  const terminated = consumed.messages.find((message) => message.kind === 'terminate');
  if (terminated !== undefined) return terminatedBy(terminated.reason ?? null, customStatus);
  if (answer.refusal !== undefined) {
    return failed(refusals.orchestratorFailed(instance.facts.name, answer.refusal), null);
  }
  if (customStatus !== null && customStatus.length * 2 > MAX_CUSTOM_STATUS_BYTES) {
    return failed(refusals.customStatusTooBig(instance.facts.name, customStatus.length * 2), null);
  }
  const plan = emptyPlan(instance, nowMs);
  const refusal = goOn(instance, consumed.followUps, plan) ?? ask(instance, answer, plan, app);
  if (typeof refusal === 'string') return failed(refusal, customStatus);
  if (refusal !== undefined) return { ...failed(refusal.why, customStatus), events: refusal.events };
  const open = instance.open.size + plan.activities.length + plan.subs.length + plan.timers.length;
  if (instance.suspended || open > plan.cancelled.length) return { ...plan, customStatus };
  return { ...outcome(instance, answer), ...plan };
}

/** What the code wants when nothing is open. */
function outcome({ facts }: Instance, answer: OrchestratorAnswer): Decision {
  const { customStatus, error, errorDetails, continueAsNew } = answer;
  if (error !== undefined)
    return failed(
      refusals.orchestratorFailed(facts.name, error),
      customStatus,
      errorDetails ?? detailsOf(error),
    );
  if (!answer.isDone) return { ...NOTHING, customStatus };
  if (continueAsNew === undefined) {
    return { ...NOTHING, customStatus, end: { status: 'Completed', output: answer.output } };
  }
  const input = jsonText(continueAsNew.input) ?? 'null';
  return { ...NOTHING, customStatus, continuation: { input, awaited: answer.awaited } };
}

const NOTHING = { events: [], activities: [], timers: [], cancelled: [] };

function terminatedBy(reason: string | null, customStatus: string | null): Decision {
  const output = reason === null ? null : JSON.stringify(reason);
  const failure = { reason: reason ?? '', details: '' };
  return { ...NOTHING, customStatus, end: { status: 'Terminated', output, failure } };
}

/** What the code threw, as a parent gets it (recorded, but for the stack of .NET). */
const detailsOf = (error: string): string => `Message: ${error}, StackTrace: `;

function failed(why: string, customStatus: string | null, details = detailsOf(why)): Decision {
  const failure = { reason: why, details };
  return { ...NOTHING, customStatus, end: { status: 'Failed', output: JSON.stringify(why), failure } };
}

/** durable-tasks.T2: schedules what ended tasks lead to. */
function goOn(instance: Instance, followUps: readonly FollowUp[], plan: Plan): string | undefined {
  for (const next of followUps) {
    if (next.kind === 'timedOut') return refusals.retryTimeout(instance.facts.name, next.call);
    if (next.kind === 'call') {
      planCall(plan, next.call, next.id ?? plan.next());
      continue;
    }
    const id = plan.next();
    const then =
      next.then === undefined
        ? undefined
        : { then: next.then, ...(next.isReserving === true ? { thenId: plan.next() } : undefined) };
    planTimer(plan, { id, dueMs: next.dueMs, origin: next.origin, ...then });
  }
  return undefined;
}

/** The code has changed; `events` is what the history still tells of it. */
interface NonDeterminism {
  readonly why: string;
  readonly events: readonly EventText[];
}

/**
 * durable-episode.E1, durable-episode.E2, durable-episode.E4. Schedules what the code asks for and has not yet; returns
 * why the instance must fail, if it must.
 */
function ask(
  instance: Instance,
  answer: OrchestratorAnswer,
  plan: Plan,
  app: AppFacts,
): string | NonDeterminism | undefined {
  if (instance.suspended) return undefined;
  const { facts } = instance;
  const { scheduled } = plan;
  let id = skipSegments(scheduled, 0);
  for (const [index, action] of answer.actions.entries()) {
    if (action.kind === 'unsupported') return refusals.notSimulated(facts.name, action.what, id);
    const earlier = scheduled[id];
    if (earlier === undefined) {
      const refusal = schedule(instance, action, id, plan, app);
      if (refusal !== undefined) return refusal;
    } else if (earlier.kind !== 'segment' && !isSame(earlier, action)) {
      const events = timersOf(answer.actions.slice(index), id, plan);
      return { why: scheduledOtherwise(id, earlier, action), events };
    } else if (action.kind === 'timer' && action.cancelled) {
      cancel(instance, id, plan);
    }
    id = skipSegments(scheduled, id + 1);
  }
  const missing = scheduled[id];
  return missing === undefined || missing.kind === 'segment'
    ? undefined
    : { why: notScheduled(id, missing), events: [] };
}

/**
 * Recorded: the history of an instance that fails for its changed code holds what that code asked for from the first
 * difference on. Activities, sub-orchestrations and operations would run; here they do not, so only timers are in the message.
 */
function timersOf(actions: readonly Action[], firstId: number, { nowMs }: Plan): EventText[] {
  const at = timestamp(nowMs);
  return actions.flatMap((action, index) =>
    action.kind === 'timer' ? [timerCreated(firstId + index, timestamp(action.fireAtMs), at)] : [],
  );
}

function isSame(earlier: Scheduled, action: Action): boolean {
  if (earlier.kind !== action.kind) return false;
  return !('name' in earlier) || !('name' in action) || earlier.name === action.name;
}

function skipSegments(scheduled: readonly (Scheduled | undefined)[], from: number): number {
  let id = from;
  while (scheduled[id]?.kind === 'segment') id += 1;
  return id;
}

function schedule(
  instance: Instance,
  action: Exclude<Action, { kind: 'unsupported' }>,
  id: number,
  plan: Plan,
  app: AppFacts,
): string | undefined {
  const orchestrator = instance.facts.name;
  if (action.kind === 'timer') {
    planTimer(plan, { id, dueMs: action.fireAtMs, origin: id });
    if (action.cancelled) plan.cancelled.push(id);
    return undefined;
  }
  if (action.kind === 'entity') {
    const { name } = entityOf(action.to);
    if (!app.isEntity(name)) return refusals.unknownEntity(orchestrator, name, id);
    planOperation(plan, instance, action, id);
    return undefined;
  }
  const { kind, name } = action;
  if (kind === 'activity' && !app.isActivity(name)) return refusals.unknownActivity(orchestrator, name, id);
  if (kind === 'sub' && !app.isOrchestrator(name)) return refusals.unknownChild(orchestrator, name, id);
  if (kind === 'sub' && isEntityId(action.instanceId ?? ''))
    return refusals.reservedId(orchestrator, action.instanceId);
  if (action.retry !== undefined && !isFinitePolicy(action.retry))
    return refusals.retryNotFinite(orchestrator, name, id);
  let call: Call;
  try {
    call = callOf(action, plan.nowMs, app.defaultVersion);
  } catch (error) {
    return refusals.inputNotJson(orchestrator, action, id, error);
  }
  planCall(plan, call, id);
  return undefined;
}

function callOf(
  action: Action & { kind: 'activity' | 'sub' },
  nowMs: number,
  defaultVersion: string | null,
): Call {
  const { name, instanceId } = { instanceId: undefined, ...action };
  const retry = action.retry === undefined ? undefined : { retry: firstAttempt(action.retry, nowMs) };
  if (action.kind === 'activity') {
    const input = activityInput(action.input);
    return { kind: 'activity', name, ...(input === undefined ? undefined : { input }), ...retry };
  }
  const input = jsonText(action.input) ?? 'null';
  const given = instanceId === undefined ? undefined : { instanceId };
  return { kind: 'sub', name, input, version: action.version ?? defaultVersion, ...given, ...retry };
}

/** A worker's JSON would carry NaN and Infinity as null, which the extension takes for none of its numbers. */
const isFinitePolicy = (policy: RetryPolicy): boolean => Object.values(policy).every(Number.isFinite);

const firstAttempt = (policy: RetryPolicy, nowMs: number): Retry => ({
  ...policy,
  attempt: 1,
  firstAtMs: nowMs,
});

function cancel(instance: Instance, origin: number, plan: Plan): void {
  for (const task of [...instance.open.values(), ...plan.timers]) {
    if (task.kind === 'timer' && task.origin !== NO_ORIGIN && task.origin === origin) {
      plan.cancelled.push(task.id);
    }
  }
}

/**
 * What the activity's trigger carries: a string goes as it is (the SDK has JSON-encoded it), anything else as JSON text,
 * booleans in .NET's spelling (recorded), null and undefined not at all.
 */
function activityInput(input: unknown): string | undefined {
  if (typeof input === 'string') return input;
  if (typeof input === 'boolean') return input ? 'True' : 'False';
  const text = jsonText(input) ?? undefined;
  return text?.startsWith('"') ? (JSON.parse(text) as string) : text;
}

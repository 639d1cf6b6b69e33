// Open tasks of an orchestration, and the follow-up tasks that the host schedules itself: the next part of a long
// timer, the timer and the next attempt of retry options, polling after a 202. Pure; it knows no history.
//
// durable-tasks.T1  Retry options (DurableTask.Core's RetryInterceptor): a failed attempt is followed by a timer, the
//   last one too; the timer is followed by the same call under a new sequence id.
// durable-tasks.T2  The SDK counts sequence ids in the order of the events it replays. What a task leads to is
//   therefore scheduled before anything the code asks for in the same replay, and a message that leads to something is
//   never consumed behind one that does not (`takeInbox`).

/** Options of `callActivityWithRetry` and `callSubOrchestratorWithRetry`, with the extension's defaults filled in. */
export interface RetryPolicy {
  readonly firstIntervalMs: number;
  readonly maxAttempts: number;
  readonly backoff: number;
  /** Without it the interval is not bounded. */
  readonly maxIntervalMs?: number;
  /** Counted from the first attempt; without it there is no end but `maxAttempts`. */
  readonly timeoutMs?: number;
}

export interface Retry extends RetryPolicy {
  /** Of this call, from 1. */
  readonly attempt: number;
  readonly firstAtMs: number;
}

interface CallBase {
  readonly name: string;
  readonly retry?: Retry;
  /** Scheduled by the host, not by an action of the code. */
  readonly isFollowUp?: true;
}

export interface ActivityCall extends CallBase {
  readonly kind: 'activity';
  /** What the trigger carries; undefined for no input. */
  readonly input?: string;
}

export interface SubCall extends CallBase {
  readonly kind: 'sub';
  /** JSON text, or null for none. */
  readonly input: string | null;
  readonly version: string | null;
  /** The id that the code gave; without one it follows from the parent's execution and the sequence id. */
  readonly instanceId?: string;
}

export type Call = ActivityCall | SubCall;

export interface ActivityTask extends ActivityCall {
  readonly id: number;
}

export interface SubTask extends SubCall {
  readonly id: number;
  /** The instance id of the sub-orchestration. */
  readonly child: string;
}

export interface TimerTask {
  readonly kind: 'timer';
  readonly id: number;
  readonly fireAtMs: number;
  /** When the timer that the code asked for is due; later than `fireAtMs` while it is waited for in stretches. */
  readonly finalMs: number;
  /** The sequence id of the first stretch: the one the code can cancel. `NO_ORIGIN` for a timer of the host's own. */
  readonly origin: number;
  /** Text of the moment it was created. */
  readonly createdAt: string;
  /** The call to make when it fires, and its sequence id if that is given already. */
  readonly then?: Call;
  readonly thenId?: number;
}

export const NO_ORIGIN = -1;

export type Task = ActivityTask | SubTask | TimerTask;

/** What the host schedules because a task has ended. */
export type FollowUp =
  | {
      readonly kind: 'timer';
      readonly dueMs: number;
      readonly origin: number;
      readonly then?: Call;
      /** Whether the call takes its sequence id together with the timer. */
      readonly isReserving?: true;
    }
  | { readonly kind: 'call'; readonly call: Call; readonly id?: number }
  | { readonly kind: 'timedOut'; readonly why: 'retryTimeout'; readonly call: Call };

/** How a task ended, as far as the host goes on from it. */
export interface Ending {
  readonly hasFailed?: boolean;
  /** A 202 of durable HTTP: look again at `input` after `delayMs`. */
  readonly poll?: { readonly delayMs: number; readonly input: string };
}

/** What follows from the end of `task`; undefined when only the code is to know. */
export function followUp(task: Task, { hasFailed, poll }: Ending, nowMs: number): FollowUp | undefined {
  if (task.kind === 'timer') return afterTimer(task);
  if (poll !== undefined) {
    const look = { kind: 'activity', name: task.name, input: poll.input, isFollowUp: true } as const;
    return { kind: 'timer', dueMs: nowMs + poll.delayMs, origin: NO_ORIGIN, then: look, isReserving: true };
  }
  if (hasFailed !== true || task.retry === undefined) return undefined;
  const { retry } = task;
  const call: Call = {
    ...withoutId(task),
    isFollowUp: true,
    retry: { ...retry, attempt: retry.attempt + 1 },
  };
  if (retry.timeoutMs !== undefined && nowMs >= retry.firstAtMs + retry.timeoutMs) {
    return { kind: 'timedOut', why: 'retryTimeout', call };
  }
  const timer = { kind: 'timer', dueMs: nowMs + intervalMs(retry), origin: NO_ORIGIN } as const;
  return retry.attempt < retry.maxAttempts ? { ...timer, then: call } : timer;
}

function afterTimer(timer: TimerTask): FollowUp | undefined {
  if (timer.finalMs > timer.fireAtMs) return { kind: 'timer', dueMs: timer.finalMs, origin: timer.origin };
  if (timer.then === undefined) return undefined;
  return {
    kind: 'call',
    call: timer.then,
    ...(timer.thenId === undefined ? undefined : { id: timer.thenId }),
  };
}

/** So that a moment stays one that a Date can hold, however often the interval doubles. */
const LONGEST_INTERVAL_MS = 3650 * 86_400_000;

/** How long to wait after this attempt. */
function intervalMs({ firstIntervalMs, backoff, attempt, maxIntervalMs }: Retry): number {
  const grown = firstIntervalMs * backoff ** (attempt - 1);
  return Math.min(grown, maxIntervalMs ?? LONGEST_INTERVAL_MS, LONGEST_INTERVAL_MS);
}

function withoutId(task: ActivityTask | SubTask): Call {
  if (task.kind === 'activity') {
    const { id, ...call } = task;
    return call;
  }
  const { id, child, ...call } = task;
  return call;
}

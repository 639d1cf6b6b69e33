// State of one run of a saga, and its waits: for an activity, a timer, a signal. Called by interpreter.ts and
// step-call.ts. The durable context is an interface here, so tests replay the interpreter as the platform does.
//
// saga-run.U1  S13: only `race` calls `any`. A timer goes into one `any` at most: the Durable extension schedules a
//   task again for every `any` that holds it (azure-functions-durable-js #574). An activity goes into one at most, with
//   a cancel signal that was in none (saga-run.U2), and is awaited to its end all the same.
// saga-run.U2  `any` does not see a child that is already complete, so every race looks for one first, and the
//   cancel signal is looked at again after every call and every pause. The SDK completes only a signal that has stood
//   in a race (TaskOrchestrationExecutor.trackOpenTask), so the first activity after a signal was asked for is raced
//   with it.
// saga-run.U3  A timer that completes early is set again: the platform matches answers to tasks by number only (S22).
// saga-run.U4  Working time is what activities say they worked, plus planned pauses (S8, S28). Nothing is counted
//   while the platform delivers nothing, an operator has suspended the saga, or the saga waits for a person.
import type { Progress } from './decision';
import type { SagaDefinition, SagaTypes } from './definition';
import type { Interruption } from './step-failures';

/** A task of the durable context. `isCompleted` means success, `isFaulted` that it threw. */
export interface SagaTask {
  readonly isCompleted: boolean;
  readonly isFaulted: boolean;
  readonly result?: unknown;
}

export interface SagaTimer extends SagaTask {
  cancel(): void;
}

/** What the interpreter needs of the durable context. */
export interface SagaRuntime {
  nowMs(): number;
  activity(name: string, input: unknown): SagaTask;
  timer(dueMs: number): SagaTimer;
  signal(name: string): SagaTask;
  any(tasks: readonly SagaTask[]): SagaTask;
  setStatus(status: string): void;
}

export interface SagaInput<T extends SagaTypes> {
  readonly sagaId: string;
  readonly state: T['state'];
  readonly etag: string;
  readonly workingTimeMs: number;
  /** Whether an outage is waited for (S11, DownstreamOutagePolicy). */
  readonly waitForOutages: boolean;
}

/** The name of the external event that hints at a cancel request (S7). */
export const CANCEL_SIGNAL = 'cancel';

export interface Run<T extends SagaTypes> {
  readonly definition: SagaDefinition<T>;
  readonly runtime: SagaRuntime;
  readonly input: SagaInput<T>;
  cancel: SagaTask;
  /** Whether `cancel` has stood in a race, so that it completes when it is raised (saga-run.U2). */
  isHeard: boolean;
  /** The signals by name that steps wait for, and that no wait has seen come. */
  readonly signals: Map<string, SagaTask>;
  state: T['state'];
  etag: string;
  /** What is left of the working time (saga-run.U4). */
  remainingMs: number;
}

export type Steps<Result> = Generator<SagaTask, Result>;

/** A run that has done nothing yet. */
export function startRun<T extends SagaTypes>(
  definition: SagaDefinition<T>,
  runtime: SagaRuntime,
  input: SagaInput<T>,
): Run<T> {
  return {
    definition,
    runtime,
    input,
    cancel: runtime.signal(CANCEL_SIGNAL),
    isHeard: false,
    signals: new Map(),
    state: input.state,
    etag: input.etag,
    remainingMs: input.workingTimeMs,
  };
}

/** Whether a cancel or the end of the working time makes the saga go back (S9: not after the pivot). */
export const isInterruptible = <T extends SagaTypes>({ direction, pivotPassed }: Progress<T>): boolean =>
  direction === 'forward' && !pivotPassed;

/** Takes `ms` off the working time (saga-run.U4). */
export function spend<T extends SagaTypes>(run: Run<T>, ms: number): void {
  run.remainingMs = Math.max(0, run.remainingMs - ms);
}

/**
 * The platform's timers complete up to a second early; what comes before that is the answer of another timer
 * (saga-run.U3).
 */
const EARLY_MS = 1_000;

/**
 * The task of a signal, the same from wait to wait until it has come and a wait has seen it: between two waits the SDK hands what
 * is raised to the task that is there.
 */
export function signalNamed<T extends SagaTypes>({ signals, runtime }: Run<T>, name: string): SagaTask {
  const signal = signals.get(name) ?? runtime.signal(name);
  signals.set(name, signal);
  return signal;
}

/** Waits for a moment, a cancel, or `signal`, whichever comes first, and leaves no timer running. */
export function* raceTimer<T extends SagaTypes>(run: Run<T>, dueMs: number, signal?: SagaTask): Steps<void> {
  const others = signal === undefined ? [run.cancel] : [run.cancel, signal];
  while (!others.some(({ isCompleted }) => isCompleted)) {
    const timer = run.runtime.timer(dueMs);
    yield* race(run.runtime, [timer, ...others]);
    if (!timer.isCompleted) timer.cancel();
    const isEarly = timer.isCompleted && run.runtime.nowMs() < dueMs - EARLY_MS;
    if (!isEarly) return;
  }
}

/** Waits for a moment, whatever is signalled meanwhile. */
export function* sleep(runtime: SagaRuntime, dueMs: number): Steps<void> {
  for (;;) {
    yield runtime.timer(dueMs);
    if (runtime.nowMs() >= dueMs - EARLY_MS) return;
  }
}

/** Waits for an activity; what it threw is read from the task. */
export function* settle<T extends SagaTypes>(run: Run<T>, task: SagaTask): Steps<void> {
  try {
    if (!run.isHeard) yield* race(run.runtime, [task, run.cancel]);
    run.isHeard = true;
    if (!task.isCompleted && !task.isFaulted) yield task;
  } catch {
    // A thrown activity is read from the task itself.
  }
}

/** Waits until one of `tasks` is complete; does not wait when one already is (saga-run.U2). */
function* race(runtime: SagaRuntime, tasks: readonly SagaTask[]): Steps<void> {
  if (tasks.some((task) => task.isCompleted || task.isFaulted)) return;
  yield runtime.any(tasks);
}

/** What makes the saga go back now, or null. */
export function interruption<T extends SagaTypes>(run: Run<T>): Interruption | null {
  if (takeCancel(run)) return 'cancelled';
  return run.remainingMs <= 0 ? 'timedOut' : null;
}

/** As `cancelled`. A signal is a hint that the stream may not bear out, so after one the next is waited for (S22). */
export function takeCancel<T extends SagaTypes>(run: Run<T>): boolean {
  const isCancelled = cancelled(run);
  if (run.cancel.isCompleted) {
    run.cancel = run.runtime.signal(CANCEL_SIGNAL);
    run.isHeard = false;
  }
  return isCancelled;
}

/** Whether a cancel was signalled or has come in with an answer; a lost signal changes nothing (S7). */
export function cancelled<T extends SagaTypes>(run: Run<T>): boolean {
  return run.cancel.isCompleted || run.definition.cancelRequested(run.state);
}

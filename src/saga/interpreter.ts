// Runs a saga table on Durable Functions: calls, waits and races; what to do next is decided in progress.ts.
// It sees the durable context as an interface, so it is replayed by tests exactly as by the platform.
//
// I1  S13: only `race` calls `any`. A timer or activity goes into one `any` at most and is awaited bare afterwards:
//     the Durable extension schedules a task again for every `any` that holds it (azure-functions-durable-js #574).
// I2  `any` does not see a child that is already complete, so every race looks for one first, and cancel and saga
//     timer are looked at again after every call and every pause: neither can be lost.
// I3  A running activity is awaited to its end before the saga turns round; its own deadline bounds that (S2).
// I4  No saga timer outlives the run, not even one that throws: an instance with an open timer neither ends nor fails.
import type { SagaDefinition, StepInput, StepOutput } from './definition';
import { nextPosition } from './positions';
import { begin, decide, type Decision, type Observation, type Progress } from './progress';
import type { Interruption } from './verdicts';

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

export interface SagaInput<State> {
  readonly sagaId: string;
  readonly state: State;
  readonly etag: string;
  readonly workingTimeMs: number;
  /** Whether an outage is waited for (S11, DownstreamOutagePolicy). */
  readonly waitForOutages: boolean;
}

/** The name of the external event that tells a saga of a cancel request (S7). */
export const CANCEL_SIGNAL = 'cancel';

interface Run<State, Fact, Event, Result> {
  readonly definition: SagaDefinition<State, Fact, Event, Result>;
  readonly runtime: SagaRuntime;
  readonly input: SagaInput<State>;
  readonly cancel: SagaTask;
  state: State;
  etag: string;
  /** When the working time is over; null before the first step and while the saga waits for somebody (S8). */
  deadlineMs: number | null;
  /** The durable timer of this working stretch, while it runs; scheduled with the stretch's first activity (I1). */
  timer: SagaTimer | null;
  timerScheduled: boolean;
}

type Steps<T> = Generator<SagaTask, T>;

/** Runs one saga to its end and returns its result (S10). Throws only when the code or a definition is wrong. */
export function* runSaga<State, Fact, Event, Result>(
  definition: SagaDefinition<State, Fact, Event, Result>,
  runtime: SagaRuntime,
  input: SagaInput<State>,
): Steps<Result> {
  const run: Run<State, Fact, Event, Result> = {
    definition,
    runtime,
    input,
    cancel: runtime.signal(CANCEL_SIGNAL),
    state: input.state,
    etag: input.etag,
    deadlineMs: null,
    timer: null,
    timerScheduled: false,
  };
  try {
    return yield* steps(run);
  } finally {
    stopTimer(run);
  }
}

function* steps<State, Fact, Event, Result>(run: Run<State, Fact, Event, Result>): Steps<Result> {
  const { definition } = run;
  const held = yield* holdBack(run);
  let { progress, command }: Decision<Fact> = begin(definition, run.state, firstFacts(run), held);
  for (;;) {
    if (progress.direction !== 'forward' || progress.pivotPassed) stopTimer(run);
    let observation: Observation;
    switch (command.kind) {
      case 'finish':
        return definition.result(run.state, progress.failure);
      case 'call':
        observation = yield* call(run, progress);
        break;
      case 'pause':
        observation = yield* pause(run, progress, command.delayMs);
        break;
      case 'await':
        observation = yield* awaitSignal(run, command.signal, command.timeoutMs);
        break;
    }
    ({ progress, command } = decide(definition, run.state, progress, observation));
  }
}

/** Waits for the moment before which nothing may be done; a cancel ends the wait. */
function* holdBack<S, F, E, R>(run: Run<S, F, E, R>): Steps<Interruption | null> {
  const notBeforeMs = run.definition.notBeforeMs(run.state);
  if (notBeforeMs !== null && notBeforeMs > run.runtime.nowMs() && !cancelled(run)) {
    run.runtime.setStatus('NotBefore');
    yield* raceTimer(run, notBeforeMs);
  }
  return cancelled(run) ? 'cancelled' : null;
}

function firstFacts<S, F, E, R>({ definition, state }: Run<S, F, E, R>): readonly F[] {
  if (definition.isStarted(state)) return [];
  const first = definition.steps[nextPosition(definition, state, -1) ?? 0];
  return first === undefined ? [] : [definition.started(first.invoke.name)];
}

function* call<S, F, E, R>(run: Run<S, F, E, R>, progress: Progress<F>): Steps<Observation> {
  const { definition, runtime } = run;
  const interruptible = progress.direction === 'forward' && !progress.pivotPassed;
  if (interruptible && run.timer === null) startClock(run, run.input.workingTimeMs);
  const step = progress.direction === 'ending' ? undefined : definition.steps[progress.position];
  const activity = (progress.direction === 'backward' ? step?.compensate : step?.invoke) ?? definition.end;
  runtime.setStatus(activity.name);
  const task = runtime.activity(activity.name, stepInput(run, progress, activity, step));
  yield* settle(run, task);
  const output = task.isFaulted ? thrown<E>(task.result, run.etag) : (task.result as StepOutput<E>);
  run.state = output.events.reduce(definition.evolve, run.state);
  run.etag = output.etag;
  return {
    kind: 'called',
    outcome: output.outcome,
    recorded: output.recorded,
    interruption: interruptible ? interruption(run) : null,
    outagesWait: run.input.waitForOutages && !timedOut(run),
  };
}

function stepInput<S, F, E, R>(
  { definition, input, state, etag, deadlineMs }: Run<S, F, E, R>,
  progress: Progress<F>,
  activity: { name: string; payload: (state: S) => unknown },
  step: { invoke: { name: string }; timeoutMs: number } | undefined,
): StepInput<S, F> {
  const forward = progress.direction === 'forward';
  const next = forward ? nextPosition(definition, state, progress.position) : null;
  return {
    state,
    etag,
    step: activity.name,
    undoes: progress.direction === 'backward' ? (step?.invoke.name ?? null) : null,
    key: `${input.sagaId}:${activity.name}`,
    nextStep: next === null ? null : (definition.steps[next]?.invoke.name ?? null),
    attempt: progress.calls + 1,
    lastError: progress.lastError,
    timeoutMs: step?.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    deadlineMs: forward && !progress.pivotPassed ? deadlineMs : null,
    facts: progress.facts,
    failure: progress.failure,
    answer: progress.answer,
    payload: activity.payload(state),
  };
}

/** For the ending activity, which calls no service. */
const DEFAULT_TIMEOUT_MS = 30_000;

/** Waits before a call is made again, never past the saga's deadline and no longer than until a cancel (S11). */
function* pause<S, F, E, R>(
  run: Run<S, F, E, R>,
  progress: Progress<F>,
  delayMs: number,
): Steps<Observation> {
  const interruptible = progress.direction === 'forward' && !progress.pivotPassed;
  const dueMs = run.runtime.nowMs() + delayMs;
  if (!interruptible) {
    yield run.runtime.timer(dueMs);
    return { kind: 'paused', interruption: null };
  }
  if (!cancelled(run)) yield* raceTimer(run, Math.min(dueMs, run.deadlineMs ?? dueMs));
  return { kind: 'paused', interruption: interruption(run) };
}

/** Waits for a person or a callback; the saga's clock stands still meanwhile (S8). */
function* awaitSignal<S, F, E, R>(run: Run<S, F, E, R>, name: string, timeoutMs: number): Steps<Observation> {
  const { runtime } = run;
  const remainingMs = Math.max(0, (run.deadlineMs ?? runtime.nowMs()) - runtime.nowMs());
  stopTimer(run);
  run.deadlineMs = null;
  const signal = runtime.signal(name);
  yield* raceTimer(run, runtime.nowMs() + timeoutMs, signal);
  startClock(run, remainingMs);
  return {
    kind: 'answered',
    answer: signal.isCompleted ? { kind: 'signal', payload: signal.result ?? null } : { kind: 'nobody' },
    interruption: cancelled(run) ? 'cancelled' : null,
  };
}

/** Waits for a new timer, a cancel, or `signal`, whichever comes first, and leaves no timer running. */
function* raceTimer<S, F, E, R>(run: Run<S, F, E, R>, dueMs: number, signal?: SagaTask): Steps<void> {
  const timer = run.runtime.timer(dueMs);
  yield* race(run.runtime, signal === undefined ? [timer, run.cancel] : [timer, run.cancel, signal]);
  if (!timer.isCompleted) timer.cancel();
}

/** Waits for an activity. The first one of a working stretch takes the saga timer along, which schedules it (I1). */
function* settle<S, F, E, R>(run: Run<S, F, E, R>, task: SagaTask): Steps<void> {
  if (run.timer !== null && !run.timerScheduled) {
    run.timerScheduled = true;
    yield* race(run.runtime, [task, run.timer, run.cancel]);
  }
  if (task.isCompleted || task.isFaulted) return;
  try {
    yield task;
  } catch {
    // A thrown activity is read from the task itself, as after a race.
  }
}

/** Waits until one of `tasks` is complete; does not wait when one already is (I2). */
function* race(runtime: SagaRuntime, tasks: readonly SagaTask[]): Steps<void> {
  if (tasks.some((task) => task.isCompleted || task.isFaulted)) return;
  yield runtime.any(tasks);
}

function startClock<S, F, E, R>(run: Run<S, F, E, R>, workingTimeMs: number): void {
  run.deadlineMs = run.runtime.nowMs() + workingTimeMs;
  run.timer = run.runtime.timer(run.deadlineMs);
  run.timerScheduled = false;
}

/** Lets no saga timer outlive its stretch (I4). */
function stopTimer<S, F, E, R>(run: Run<S, F, E, R>): void {
  if (run.timer !== null && run.timerScheduled && !run.timer.isCompleted) run.timer.cancel();
  run.timer = null;
}

function interruption<S, F, E, R>(run: Run<S, F, E, R>): Interruption | null {
  if (cancelled(run)) return 'cancelled';
  return timedOut(run) ? 'timedOut' : null;
}

function cancelled<S, F, E, R>(run: Run<S, F, E, R>): boolean {
  return run.cancel.isCompleted || run.definition.cancelRequested(run.state);
}

function timedOut<S, F, E, R>({ deadlineMs, timer, runtime }: Run<S, F, E, R>): boolean {
  return timer?.isCompleted === true || (deadlineMs !== null && runtime.nowMs() >= deadlineMs);
}

/** An activity that threw: a bug or a host that could not run it. It counts as transient (S11). */
function thrown<E>(error: unknown, etag: string): StepOutput<E> {
  const message = error instanceof Error ? error.message : String(error);
  return {
    outcome: { kind: 'transient', outage: null, error: { code: 'ACTIVITY_THREW', message } },
    recorded: false,
    events: [],
    etag,
  };
}

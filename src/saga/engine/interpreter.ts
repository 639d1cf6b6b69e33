// Interpreter of a saga table: calls activities, waits and races; progress.ts decides what comes next. Called by the
// orchestrator on Durable Functions and, without an orchestration, by commands/finish-order.ts. The durable context is an
// interface here, so tests replay the interpreter as the platform does.
//
// interpreter.I1  S13: only `race` calls `any`. A timer goes into one `any` at most: the Durable extension schedules a
//   task again for every `any` that holds it (azure-functions-durable-js #574). An activity goes into one at most, with
//   a cancel signal that was in none (interpreter.I2), and is awaited to its end all the same.
// interpreter.I2  `any` does not see a child that is already complete, so every race looks for one first, and the
//   cancel signal is looked at again after every call and every pause. The SDK completes only a signal that has stood
//   in a race (TaskOrchestrationExecutor.trackOpenTask), so the first activity after a signal was asked for is raced
//   with it.
// interpreter.I3  A running activity is awaited to its end before the saga goes back; its own time-out bounds that
//   (S2).
// interpreter.I4  The platform matches answers to tasks by number only. What does not name the key of the call, or does
//   not follow on the state, is the answer of another call: the call is made again under its key (S22). A timer that
//   completes early is set again.
// interpreter.I5  Working time is what activities say they worked, plus planned pauses (S8, S28). Nothing is counted
//   while the platform delivers nothing, an operator has suspended the saga, or the saga waits for a person.
import type { SagaDefinition, SagaTypes, StepInput, StepOutput } from './definition';
import { nextPosition } from './positions';
import type { Decision, Observation, Progress } from './decision';
import { begin, decide } from './progress';
import { answerOf } from './step-answer';
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

interface Run<T extends SagaTypes> {
  readonly definition: SagaDefinition<T>;
  readonly runtime: SagaRuntime;
  readonly input: SagaInput<T>;
  cancel: SagaTask;
  /** Whether `cancel` has stood in a race, so that it completes when it is raised (interpreter.I2). */
  isHeard: boolean;
  state: T['state'];
  etag: string;
  /** What is left of the working time (interpreter.I5). */
  remainingMs: number;
}

type Steps<Result> = Generator<SagaTask, Result>;

/** Runs one saga to its end and returns its result (S10). Throws only when the code or a definition is wrong. */
export function* runSaga<T extends SagaTypes>(
  definition: SagaDefinition<T>,
  runtime: SagaRuntime,
  input: SagaInput<T>,
): Steps<T['result']> {
  const run: Run<T> = {
    definition,
    runtime,
    input,
    cancel: runtime.signal(CANCEL_SIGNAL),
    isHeard: false,
    state: input.state,
    etag: input.etag,
    remainingMs: input.workingTimeMs,
  };
  const held = yield* holdBack(run);
  let { progress, command }: Decision<T> = begin(definition, run.state, firstFacts(run), held);
  for (;;) {
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
function* holdBack<T extends SagaTypes>(run: Run<T>): Steps<Interruption | null> {
  const notBeforeMs = run.definition.notBeforeMs(run.state);
  if (notBeforeMs !== null && notBeforeMs > run.runtime.nowMs() && !run.cancel.isCompleted) {
    run.runtime.setStatus('NotBefore');
    yield* raceTimer(run, notBeforeMs);
  }
  return takeCancel(run) ? 'cancelled' : null;
}

function firstFacts<T extends SagaTypes>({ definition, state }: Run<T>): readonly T['fact'][] {
  if (definition.isStarted(state)) return [];
  const first = definition.steps[nextPosition(definition, state, -1) ?? 0];
  return first === undefined ? [] : [definition.started(first.invoke.name)];
}

const isInterruptible = <T extends SagaTypes>({ direction, pivotPassed }: Progress<T>): boolean =>
  direction === 'forward' && !pivotPassed;

function* call<T extends SagaTypes>(run: Run<T>, progress: Progress<T>): Steps<Observation> {
  const { definition, runtime, input } = run;
  const step = progress.direction === 'ending' ? undefined : definition.steps[progress.position];
  const activity = (progress.direction === 'backward' ? step?.compensate : step?.invoke) ?? definition.end;
  runtime.setStatus(activity.name);
  const asked = stepInput(run, progress, activity, step);
  const output = yield* answered<T>(run, activity.name, asked);
  run.state = output.events.reduce(definition.evolve, run.state);
  // Where the state misses what a newer release has written, the next write must begin with what is stored: an etag that is
  // behind makes it read that (S21).
  const isWhole = output.events.every(definition.knows);
  if (isWhole && output.version >= definition.versionOf(run.state)) run.etag = output.etag;
  spend(run, worked(output, asked));
  return {
    kind: 'called',
    outcome: output.outcome,
    recorded: isSame(output.recorded, progress.facts),
    interruption: isInterruptible(progress) ? interruption(run) : null,
    outagesWait: input.waitForOutages && run.remainingMs > 0,
  };
}

/** Facts cross the durable boundary as JSON. */
function isSame(facts: readonly unknown[], others: readonly unknown[]): boolean {
  return JSON.stringify(facts) === JSON.stringify(others);
}

/** How many answers to other calls are taken in a row before the call counts as one that the platform could not run. */
const MAX_FOREIGN_ANSWERS = 10;

/** Calls an activity until its own answer comes (interpreter.I4). An activity that threw could not be run. */
function* answered<T extends SagaTypes>(
  run: Run<T>,
  name: string,
  asked: StepInput<T>,
): Steps<StepOutput<T>> {
  const version = run.definition.versionOf(run.state);
  for (let foreign = 0; foreign < MAX_FOREIGN_ANSWERS; foreign++) {
    const task = run.runtime.activity(name, asked);
    yield* settle(run, task);
    if (task.isFaulted) return notRun(run, asked, errorText(task.result));
    const answer = answerOf<T>(task.result, asked.key, version);
    if (answer !== undefined) return answer;
  }
  return notRun(run, asked, `${MAX_FOREIGN_ANSWERS} answers in a row belonged to other calls`);
}

function stepInput<T extends SagaTypes>(
  { definition, input, state, etag, remainingMs }: Run<T>,
  progress: Progress<T>,
  activity: { name: string; payload: (state: T['state']) => unknown },
  step: { invoke: { name: string }; timeoutMs: number } | undefined,
): StepInput<T> {
  const next = progress.direction === 'forward' ? nextPosition(definition, state, progress.position) : null;
  const stepMs = step?.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  return {
    state,
    etag,
    step: activity.name,
    undoes: progress.direction === 'backward' ? (step?.invoke.name ?? null) : null,
    key: `${input.sagaId}:${activity.name}`,
    nextStep: next === null ? null : (definition.steps[next]?.invoke.name ?? null),
    attempt: progress.calls + 1,
    lastError: progress.lastError,
    timeoutMs: isInterruptible(progress) ? Math.min(stepMs, remainingMs) : stepMs,
    refusedForMs: progress.refusedForMs,
    facts: progress.facts,
    failure: progress.failure,
    answer: progress.answer,
    payload: activity.payload(state),
  };
}

/** For the ending activity, which calls no service. */
const DEFAULT_TIMEOUT_MS = 30_000;

/** Around its call an activity may look up and write; more than this is a clock that was set, not work. */
const AROUND_A_CALL_MS = 30_000;

/** The working time that a call used: a call that ran into its time-out has used all of it, whatever its clock says. */
function worked<T extends SagaTypes>(
  { outcome, spentMs }: StepOutput<T>,
  { timeoutMs }: StepInput<T>,
): number {
  const ranOut = outcome.kind === 'unknown' && outcome.cause === 'timeout';
  return Math.min(Math.max(spentMs, ranOut ? timeoutMs : 0), timeoutMs + AROUND_A_CALL_MS);
}

function spend<T extends SagaTypes>(run: Run<T>, ms: number): void {
  run.remainingMs = Math.max(0, run.remainingMs - ms);
}

/** Waits before a call is made again, no longer than there is working time, and until a cancel (S11). */
function* pause<T extends SagaTypes>(
  run: Run<T>,
  progress: Progress<T>,
  delayMs: number,
): Steps<Observation> {
  const startedMs = run.runtime.nowMs();
  if (!isInterruptible(progress)) {
    yield* sleep(run.runtime, startedMs + delayMs);
    spend(run, delayMs);
    return { kind: 'paused', interruption: null };
  }
  const plannedMs = Math.min(delayMs, run.remainingMs);
  if (!cancelled(run)) yield* raceTimer(run, startedMs + plannedMs);
  spend(run, Math.min(plannedMs, run.runtime.nowMs() - startedMs));
  return { kind: 'paused', interruption: interruption(run) };
}

/** Waits for a person or a callback; no working time passes meanwhile (S8). */
function* awaitSignal<T extends SagaTypes>(run: Run<T>, name: string, timeoutMs: number): Steps<Observation> {
  const { runtime } = run;
  const signal = runtime.signal(name);
  yield* raceTimer(run, runtime.nowMs() + timeoutMs, signal);
  return {
    kind: 'answered',
    answer: signal.isCompleted ? { kind: 'signal', payload: signal.result ?? null } : { kind: 'nobody' },
    interruption: takeCancel(run) ? 'cancelled' : null,
  };
}

/**
 * The platform's timers complete up to a second early; what comes before that is the answer of another timer
 * (interpreter.I4).
 */
const EARLY_MS = 1_000;

/** Waits for a moment, a cancel, or `signal`, whichever comes first, and leaves no timer running. */
function* raceTimer<T extends SagaTypes>(run: Run<T>, dueMs: number, signal?: SagaTask): Steps<void> {
  const others = signal === undefined ? [run.cancel] : [run.cancel, signal];
  for (;;) {
    const timer = run.runtime.timer(dueMs);
    yield* race(run.runtime, [timer, ...others]);
    if (!timer.isCompleted) timer.cancel();
    const isEarly = timer.isCompleted && run.runtime.nowMs() < dueMs - EARLY_MS;
    if (!isEarly || others.some(({ isCompleted }) => isCompleted)) return;
  }
}

function* sleep(runtime: SagaRuntime, dueMs: number): Steps<void> {
  for (;;) {
    yield runtime.timer(dueMs);
    if (runtime.nowMs() >= dueMs - EARLY_MS) return;
  }
}

/** Waits for an activity; what it threw is read from the task. */
function* settle<T extends SagaTypes>(run: Run<T>, task: SagaTask): Steps<void> {
  try {
    if (!run.isHeard) yield* race(run.runtime, [task, run.cancel]);
    run.isHeard = true;
    if (!task.isCompleted && !task.isFaulted) yield task;
  } catch {
    // A thrown activity is read from the task itself.
  }
}

/** Waits until one of `tasks` is complete; does not wait when one already is (interpreter.I2). */
function* race(runtime: SagaRuntime, tasks: readonly SagaTask[]): Steps<void> {
  if (tasks.some((task) => task.isCompleted || task.isFaulted)) return;
  yield runtime.any(tasks);
}

function interruption<T extends SagaTypes>(run: Run<T>): Interruption | null {
  if (takeCancel(run)) return 'cancelled';
  return run.remainingMs <= 0 ? 'timedOut' : null;
}

/** As `cancelled`. A signal is a hint that the stream may not bear out, so after one the next is waited for (S22). */
function takeCancel<T extends SagaTypes>(run: Run<T>): boolean {
  const isCancelled = cancelled(run);
  if (run.cancel.isCompleted) {
    run.cancel = run.runtime.signal(CANCEL_SIGNAL);
    run.isHeard = false;
  }
  return isCancelled;
}

/** Whether a cancel was signalled or has come in with an answer; a lost signal changes nothing (S7). */
function cancelled<T extends SagaTypes>(run: Run<T>): boolean {
  return run.cancel.isCompleted || run.definition.cancelRequested(run.state);
}

/** A call that the platform could not run: no activity throws by itself (S22). */
function notRun<T extends SagaTypes>(run: Run<T>, { key }: StepInput<T>, message: string): StepOutput<T> {
  return {
    key,
    outcome: { kind: 'transient', outage: 'platform', error: { code: 'ACTIVITY_NOT_RUN', message } },
    recorded: [],
    events: [],
    etag: run.etag,
    version: run.definition.versionOf(run.state),
    spentMs: 0,
  };
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

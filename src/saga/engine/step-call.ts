// Calls of a saga's activities: what an activity gets (StepInput), and what its answer (StepOutput) changes in the run. Called
// by interpreter.ts.
//
// step-call.A1  A running activity is awaited to its end before the saga goes back; its own time-out bounds that (S2).
// step-call.A2  The platform matches answers to tasks by number only. What does not name the key of the call, or does not
//   follow on the state, is the answer of another call: the call is made again under its key (S22).
import type { Observation, Progress } from './decision';
import type { SagaTypes, StepInput, StepOutput } from './definition';
import { callAt, entryAt, keyOfEntry, type EntryCall } from './entries';
import { nextPosition } from './positions';
import { interruption, isInterruptible, settle, spend, type Run, type Steps } from './saga-run';
import { answerOf } from './step-answer';

/** Calls the activity that `progress` has come to, and takes in what it answers. */
export function* call<T extends SagaTypes>(run: Run<T>, progress: Progress<T>): Steps<Observation> {
  const { definition, runtime, input } = run;
  const called = callAt(definition, run.state, progress);
  runtime.setStatus(called.name);
  const asked = stepInput(run, progress, called);
  const output = yield* answered<T>(run, called.activity.name, asked);
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

/** Calls an activity until its own answer comes (step-call.A2). An activity that threw could not be run. */
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
  { activity, name, entry }: EntryCall<T>,
): StepInput<T> {
  const next = progress.direction === 'forward' ? nextPosition(definition, state, progress.position) : null;
  const stepMs = entry?.step.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  return {
    state,
    etag,
    step: name,
    undoes: progress.direction === 'backward' ? (entry?.name ?? null) : null,
    key: keyOfEntry(input.sagaId, name),
    nextStep: next === null ? null : entryAt(definition, state, next).name,
    attempt: progress.calls + 1,
    lastError: progress.lastError,
    timeoutMs: isInterruptible(progress) ? Math.min(stepMs, remainingMs) : stepMs,
    refusedForMs: progress.refusedForMs,
    facts: progress.facts,
    failure: progress.failure,
    answer: progress.answer,
    payload: activity.payload(state, entry ?? { name, number: null }),
  };
}

/** For the ending activity, which calls no service. */
const DEFAULT_TIMEOUT_MS = 30_000;

/** Around its call an activity may look up and write; more than this is a clock that was set, not work. */
export const AROUND_A_CALL_MS = 30_000;

/** The working time that a call used: a call that ran into its time-out has used all of it, whatever its clock says. */
function worked<T extends SagaTypes>(
  { outcome, spentMs }: StepOutput<T>,
  { timeoutMs }: StepInput<T>,
): number {
  const ranOut = outcome.kind === 'unknown' && outcome.cause === 'timeout';
  return Math.min(Math.max(spentMs, ranOut ? timeoutMs : 0), timeoutMs + AROUND_A_CALL_MS);
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

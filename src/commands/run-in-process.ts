// Run of a saga in this process, without an orchestration: the same interpreter, activities and keys; the stream says where to
// go on. Called for orders and returns whose instance has ended or is lost and is never started again (S6).
//
// run-in-process.F2  Nothing is remembered here. What a run had no time for is done by the next one, on any host; several
//   at once are harmless, because keys make effects and etags make records happen once (S2, S5).
// run-in-process.F3  A run is short: it waits for no timer that is due after its budget, and calls nothing after it.
import type { StepError } from '../domain/outcome';
import type { Clock } from '../ports/clock';
import type { Log } from '../ports/log';
import type { SagaDefinition, SagaTypes, StepOutput } from '../saga/engine/definition';
import { runSaga } from '../saga/engine/interpreter';
import type { SagaInput, SagaRuntime, SagaTask, SagaTimer } from '../saga/engine/saga-run';

/** Runs an activity by its registered name, as the durable platform would. */
export type CallActivity = (name: string, input: unknown, log: Log) => Promise<unknown>;

export interface InProcessPorts {
  readonly callActivity: CallActivity;
  readonly clock: Clock;
  /** Resolves after `ms` milliseconds. */
  readonly wait: (ms: number) => Promise<void>;
  readonly log: Log;
}

/** `unfinished`: the time was up; `error` is the last that went wrong, and `outage` whether something was away. */
export type Finished =
  | { readonly kind: 'finished' }
  | { readonly kind: 'unfinished'; readonly error: StepError | null; readonly outage: boolean };

/** Runs a saga for `budgetMs`, or to its end. */
export async function runInProcess<T extends SagaTypes>(
  ports: InProcessPorts,
  definition: SagaDefinition<T>,
  input: SagaInput<T>,
  budgetMs: number,
): Promise<Finished> {
  const last: Seen = { outcome: null };
  const runtime = inProcess(ports, ports.clock.nowMs() + budgetMs, last);
  const saga = runSaga(definition, runtime, input);
  for (let next = saga.next(); next.done !== true; next = saga.next()) {
    if (!(await (next.value as InProcessTask).settle())) return unfinished(last);
  }
  return { kind: 'finished' };
}

/** What the last activity answered. */
interface Seen {
  outcome: StepOutput<SagaTypes>['outcome'] | null;
}

function unfinished({ outcome }: Seen): Finished {
  const error = outcome?.kind === 'transient' || outcome?.kind === 'unknown' ? outcome.error : null;
  const outage =
    outcome?.kind === 'transient' && (outcome.outage === 'service' || outcome.outage === 'store');
  return { kind: 'unfinished', error, outage };
}

export interface InProcessTask extends SagaTask {
  /** Works or waits until the task is complete; false when the budget does not last that long. */
  settle(): Promise<boolean>;
}

type InProcessTimer = InProcessTask & SagaTimer & { readonly dueMs: number };

export function inProcess(ports: InProcessPorts, untilMs: number, last: Seen): SagaRuntime {
  const nowMs = (): number => ports.clock.nowMs();
  return {
    nowMs,
    activity: (name, input) => activityTask(ports, last, { name, input, untilMs }),
    timer: (dueMs) => timerTask(ports, dueMs, untilMs),
    signal: () => neverTask(Infinity),
    any: (tasks) => {
      const timers = tasks.filter((task): task is InProcessTimer => 'dueMs' in task);
      const activity = tasks.find((task) => !('dueMs' in task));
      return activity ?? timers.sort((a, b) => a.dueMs - b.dueMs)[0] ?? neverTask(Infinity);
    },
    setStatus: () => undefined,
  };
}

function activityTask(
  { callActivity, clock, log }: InProcessPorts,
  last: Seen,
  { name, input, untilMs }: { readonly name: string; readonly input: unknown; readonly untilMs: number },
): InProcessTask {
  const task = {
    ...{ isCompleted: false, isFaulted: false, result: undefined as unknown },
    async settle(): Promise<boolean> {
      if (clock.nowMs() >= untilMs) return false;
      try {
        task.result = await callActivity(name, input, log);
        last.outcome = (task.result as StepOutput<SagaTypes>).outcome;
        task.isCompleted = true;
      } catch (error) {
        task.result = error;
        task.isFaulted = true;
      }
      return true;
    },
  };
  return task;
}

function timerTask({ clock, wait }: InProcessPorts, dueMs: number, untilMs: number): InProcessTimer {
  const task = {
    ...{ dueMs, isCompleted: false, isFaulted: false, cancel: () => undefined },
    async settle(): Promise<boolean> {
      if (dueMs > untilMs) return false;
      await wait(Math.max(0, dueMs - clock.nowMs()));
      task.isCompleted = true;
      return true;
    },
  };
  return task;
}

/** What does not come while a run lasts: nothing signals it, because the stream tells of a cancel (S7). */
function neverTask(dueMs: number): InProcessTimer {
  return {
    ...{ dueMs, isCompleted: false, isFaulted: false, cancel: () => undefined },
    settle: () => Promise.resolve(false),
  };
}

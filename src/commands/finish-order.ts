// Command that runs the saga of one order in this process, without an orchestration, for an order whose instance has ended
// or is lost and is never started again (S6). Called by the reconciler and by the operator's compensate command. The same interpreter, the same activities, the same keys; the stream says where to go on.
//
// finish-order.F1  It is called only where the direction is decided (S23): shipped, going back, or a cancel accepted; and for
//   a choreographed order, of which the stream is all that any run knows (S17).
// finish-order.F2  Nothing is remembered here. What a run had no time for is done by the next one, on any host; several
//   at once are harmless, because keys make effects and etags make records happen once (S2, S5).
// finish-order.F3  A run is short: it waits for no timer that is due after its budget, and calls nothing after it.
import type { OrderHead } from '../domain/order';
import type { StepError } from '../domain/outcome';
import type { Clock } from '../ports/clock';
import type { Log } from '../ports/log';
import type { StepOutput } from '../saga/engine/definition';
import { runSaga } from '../saga/engine/interpreter';
import type { SagaRuntime, SagaTask, SagaTimer } from '../saga/engine/saga-run';
import { orderSaga, sagaInput } from '../saga/order/order-saga-versions';
import type { OrderSagaTypes } from '../saga/order/order-saga';
import { CURRENT_VERSION } from '../saga/order/step-tables';

/** Runs an activity by its registered name, as the durable platform would. */
export type CallActivity = (name: string, input: unknown, log: Log) => Promise<unknown>;

export interface FinishPorts {
  readonly callActivity: CallActivity;
  readonly clock: Clock;
  /** Resolves after `ms` milliseconds. */
  readonly wait: (ms: number) => Promise<void>;
  readonly compensationMaxAttempts: number;
  readonly log: Log;
}

export interface Finish {
  readonly order: OrderHead;
  readonly etag: string;
  readonly budgetMs: number;
  /** Whether a service that is away is waited for; if not, it uses up attempts (S11). */
  readonly waitForOutages: boolean;
}

/** `unfinished`: the time was up; `error` is the last that went wrong, and `outage` whether something was away. */
export type Finished =
  | { readonly kind: 'finished' }
  | { readonly kind: 'unfinished'; readonly error: StepError | null; readonly outage: boolean };

/** Goes on with the saga of an order where its stream stands. Throws only for a version that this build does not have. */
export async function finishOrder(
  ports: FinishPorts,
  { order, etag, budgetMs, waitForOutages }: Finish,
): Promise<Finished> {
  const settings = { ...ports, sagaVersion: CURRENT_VERSION, workingTimeMs: Infinity, waitForOutages };
  const { definitionVersion, compensationMaxAttempts, ...input } = sagaInput(order, etag, settings);
  const untilMs = ports.clock.nowMs() + budgetMs;
  const last: Seen = { outcome: null };
  const runtime = inProcess(ports, untilMs, last);
  const saga = runSaga(orderSaga(definitionVersion, compensationMaxAttempts), runtime, input);
  for (let next = saga.next(); next.done !== true; next = saga.next()) {
    if (!(await (next.value as InProcessTask).settle())) return unfinished(last);
  }
  return { kind: 'finished' };
}

/** What the last activity answered. */
interface Seen {
  outcome: StepOutput<OrderSagaTypes>['outcome'] | null;
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

/** A runtime that calls activities in this process and begins nothing after `untilMs`. */
export function inProcess(ports: FinishPorts, untilMs: number, last: Seen): SagaRuntime {
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
  { callActivity, clock, log }: FinishPorts,
  last: Seen,
  { name, input, untilMs }: { readonly name: string; readonly input: unknown; readonly untilMs: number },
): InProcessTask {
  const task = {
    ...{ isCompleted: false, isFaulted: false, result: undefined as unknown },
    async settle(): Promise<boolean> {
      if (clock.nowMs() >= untilMs) return false;
      try {
        task.result = await callActivity(name, input, log);
        last.outcome = (task.result as StepOutput<OrderSagaTypes>).outcome;
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

function timerTask({ clock, wait }: FinishPorts, dueMs: number, untilMs: number): InProcessTimer {
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

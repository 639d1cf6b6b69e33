// Interpreter of a saga table: calls activities and waits; progress.ts decides what comes next. Called by the orchestrator
// on Durable Functions and, without an orchestration, by commands/finish-order.ts.
import type { Decision, Observation, Progress } from './decision';
import type { SagaDefinition, SagaTypes } from './definition';
import { firstEntry } from './positions';
import { begin, decide } from './progress';
import {
  cancelled,
  interruption,
  isInterruptible,
  raceTimer,
  signalNamed,
  sleep,
  spend,
  startRun,
  takeCancel,
  type Run,
  type SagaInput,
  type SagaRuntime,
  type Steps,
} from './saga-run';
import { call } from './step-call';
import type { Interruption } from './step-failures';

/** Runs one saga to its end and returns its result (S10). Throws only when the code or a definition is wrong. */
export function* runSaga<T extends SagaTypes>(
  definition: SagaDefinition<T>,
  runtime: SagaRuntime,
  input: SagaInput<T>,
): Steps<T['result']> {
  const run = startRun(definition, runtime, input);
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
        observation = yield* awaitSignal(run, command.signal, command.untilMs);
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

/** What is recorded before the first step, unless the stream has it. */
export function firstFacts<T extends SagaTypes>({ definition, state }: Run<T>): readonly T['fact'][] {
  if (definition.isStarted(state)) return [];
  const first = firstEntry(definition, state);
  return first === undefined ? [] : [definition.started(first)];
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
function* awaitSignal<T extends SagaTypes>(run: Run<T>, name: string, untilMs: number): Steps<Observation> {
  const signal = signalNamed(run, name);
  if (!cancelled(run)) yield* raceTimer(run, untilMs, signal);
  if (signal.isCompleted) run.signals.delete(name);
  return {
    kind: 'answered',
    answer: signal.isCompleted ? { kind: 'signal', payload: signal.result ?? null } : { kind: 'nobody' },
    interruption: takeCancel(run) ? 'cancelled' : null,
  };
}

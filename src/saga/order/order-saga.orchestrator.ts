// Orchestrator of the order saga: adapts the durable context to the interpreter's interface and runs the interpreter.
import type { OrchestrationContext, OrchestrationHandler, Task } from 'durable-functions';
import { runSaga } from '../engine/interpreter';
import type { SagaRuntime } from '../engine/saga-run';
import { orderSaga, type OrderSagaInput } from './order-saga-versions';

/** Runs one order to its end; its output is an OrderResult (S10). Deterministic: it only reads its input and history. */
export const orderSagaOrchestrator: OrchestrationHandler = function* (context) {
  const input = context.df.getInput<OrderSagaInput>();
  const { definitionVersion, compensationMaxAttempts, stepPolicy } = input;
  const definition = orderSaga(definitionVersion, compensationMaxAttempts, stepPolicy);
  return yield* runSaga(definition, runtimeOf(context.df), input) as Generator<Task, unknown>;
};

/** The durable context as the interpreter sees it. */
export function runtimeOf(df: OrchestrationContext['df']): SagaRuntime {
  return {
    nowMs: () => df.currentUtcDateTime.getTime(),
    activity: (name, input) => df.callActivity(name, input),
    timer: (dueMs) => df.createTimer(new Date(dueMs)),
    signal: (name) => df.waitForExternalEvent(name),
    any: (tasks) => df.Task.any(tasks as Task[]),
    setStatus: (status) => df.setCustomStatus(status),
  };
}

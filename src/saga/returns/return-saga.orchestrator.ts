// Orchestrator of the return saga: the same interpreter as for orders, with the table of returns.
import type { OrchestrationHandler, Task } from 'durable-functions';
import { runSaga } from '../engine/interpreter';
import { runtimeOf } from '../order/order-saga.orchestrator';
import { returnSaga, type ReturnSagaInput } from './return-saga';

/** Runs one return to its end; its output is a ReturnResult (S10). Deterministic: it only reads its input and history. */
export const returnSagaOrchestrator: OrchestrationHandler = function* (context) {
  const input = context.df.getInput<ReturnSagaInput>();
  const definition = returnSaga(input.definitionVersion, input.returnNumber);
  return yield* runSaga(definition, runtimeOf(context.df), input) as Generator<Task, unknown>;
};

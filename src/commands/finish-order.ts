// Command that runs the saga of one order in this process, for an order whose instance has ended or is lost and is never
// started again (S6). Called by the reconciler and by the operator's compensate command.
//
// finish-order.F1  It is called only where the direction is decided (S23): shipped, going back, or a cancel accepted; and for
//   a choreographed order, of which the stream is all that any run knows (S17).
import type { OrderHead } from '../domain/order';
import { orderSaga, sagaInput } from '../saga/order/order-saga-versions';
import type { StepPolicy } from '../saga/order/step-policy';
import { CURRENT_VERSION } from '../saga/order/step-tables';
import { runInProcess, type Finished, type InProcessPorts } from './run-in-process';

export interface FinishPorts extends InProcessPorts {
  readonly compensationMaxAttempts: number;
  /** Left out, calls are made as the step table has them. */
  readonly stepPolicy?: StepPolicy | undefined;
}

export interface Finish {
  readonly order: OrderHead;
  readonly etag: string;
  readonly budgetMs: number;
  /** Whether a service that is away is waited for; if not, it uses up attempts (S11). */
  readonly waitForOutages: boolean;
}

/** Goes on with the saga of an order where its stream stands. Throws only for a version that this build does not have. */
export function finishOrder(
  ports: FinishPorts,
  { order, etag, budgetMs, waitForOutages }: Finish,
): Promise<Finished> {
  const settings = { ...ports, sagaVersion: CURRENT_VERSION, workingTimeMs: Infinity, waitForOutages };
  const { definitionVersion, compensationMaxAttempts, stepPolicy, ...input } = sagaInput(
    order,
    etag,
    settings,
  );
  const saga = orderSaga(definitionVersion, compensationMaxAttempts, stepPolicy);
  return runInProcess(ports, saga, input, budgetMs);
}

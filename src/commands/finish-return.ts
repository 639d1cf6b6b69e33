// Command that runs the saga of one return in this process, for a return whose instance has ended or is lost. What waits for
// a parcel or an inspection goes on only when its fact is in the stream. Called by the reconciler and by retry-return.ts.
import type { OrderHead } from '../domain/order';
import type { OrderStore, Stored } from '../ports/order-store';
import type { ReturnSagas } from '../ports/return-sagas';
import { returnSaga, returnSagaInput } from '../saga/returns/return-saga';
import { runInProcess, type Finished, type InProcessPorts } from './run-in-process';

export interface FinishReturnPorts extends InProcessPorts {
  readonly orders: OrderStore;
}

export interface RepairReturnPorts extends FinishReturnPorts {
  readonly returnSagas: ReturnSagas;
}

/** How long one return may be worked on in one run. */
const FINISH_BUDGET_MS = 20_000;

/** Goes on with a return where its stream stands. Throws only for a version that this build does not have. */
export function finishReturn(
  ports: FinishReturnPorts,
  { order, etag }: Stored<OrderHead>,
  returnNumber: number,
): Promise<Finished> {
  const { definitionVersion, ...input } = returnSagaInput(order, etag, returnNumber);
  return runInProcess(ports, returnSaga(definitionVersion, returnNumber), input, FINISH_BUDGET_MS);
}

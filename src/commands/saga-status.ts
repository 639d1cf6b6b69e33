// Predicates on the status of an order and its orchestration, by which commands decide.
import { isGoingBack } from '../domain/order-status';
import type { OrderHead } from '../domain/order';
import type { SagaControl, SagaInstance } from '../ports/saga-control';
import type { SagaMessage } from '../ports/saga-messages';

/** Whether the instance may still go on by itself, or once it is resumed. */
export function isLive({ runtimeStatus }: Pick<SagaInstance, 'runtimeStatus'>): boolean {
  return runtimeStatus === 'running' || runtimeStatus === 'pending' || runtimeStatus === 'suspended';
}

/** Whether no step has been recorded: only then may a saga begin at the beginning (S6). */
export function isUntouched({ status, saga }: OrderHead): boolean {
  return (status === 'pending' || status === 'processing') && saga.failedStep === null;
}

/** Whether something still carries the order on: its instance, or the reconciler, which starts one that was never there. */
export function isCarriedOn(order: OrderHead, instance: SagaInstance | undefined): boolean {
  return instance === undefined ? isUntouched(order) : isLive(instance);
}

/** Whether the stream says by itself where the order goes (S23): on, because it is shipped, or back. */
export function isDecided({ status, trackingId, cancelRequestedAt }: OrderHead): boolean {
  return trackingId !== null || isGoingBack(status) || cancelRequestedAt !== null;
}

/** Whether events and messages carry the order on, and no orchestration does (S17). An order ends in the mode it began in. */
export function isChoreographed({ sagaMode }: Pick<OrderHead, 'sagaMode'>): boolean {
  return sagaMode === 'choreography';
}

/** The instance behind an order. In choreography there is none, and what would be one is in the stream. */
export async function findSaga(sagas: SagaControl, order: OrderHead): Promise<SagaInstance | undefined> {
  if (!isChoreographed(order)) return sagas.find(order.orderId);
  const runtimeStatus = order.ended ? 'completed' : order.saga.needsIntervention ? 'failed' : 'running';
  return { runtimeStatus, customStatus: order.saga.currentStep, output: null };
}

/** A message that lets the saga of an order go on where its stream stands. */
export function wakeOf({ orderId, tenantId }: OrderHead, nowMs: number): SagaMessage {
  return { orderId, tenantId, eventId: `${orderId}:wake:${nowMs}` };
}

// Predicates on the status of an order and its orchestration, by which commands decide.
import { isGoingBack } from '../domain/order-status';
import { APPROVAL_STEP } from '../domain/approval';
import { isPastPivot, type OrderHead } from '../domain/order';
import { TransientError } from '../errors';
import { aboutOrder, type Log } from '../ports/log';
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

/** Whether the stream says by itself where the order goes (S23): on, because it is past its pivot, or back. */
export function isDecided(order: OrderHead): boolean {
  return isPastPivot(order) || isGoingBack(order.status) || order.cancelRequestedAt !== null;
}

/** The instance of the order; `unasked` where the task hub is away and cannot say. */
export async function seenSaga(
  { sagas, log }: { readonly sagas: SagaControl; readonly log: Log },
  order: OrderHead,
): Promise<SagaInstance | undefined | 'unasked'> {
  try {
    return await findSaga(sagas, order);
  } catch (error) {
    if (!(error instanceof TransientError)) throw error;
    log.warn('saga not found out', { ...aboutOrder(order), error: error.message });
    return 'unasked';
  }
}

/** Whether the instance still waits for an answer that the stream has: its signal was lost (S15). */
export function hasNotHeard(
  { saga }: OrderHead,
  { customStatus }: Pick<SagaInstance, 'customStatus'>,
): boolean {
  return customStatus === APPROVAL_STEP && saga.approval !== undefined && saga.approval.answer !== null;
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

// Predicates on the status of an order and its orchestration, by which commands decide.
import { isGoingBack } from '../domain/order-status';
import { isPastPivot, type OrderHead } from '../domain/order';
import type { SagaInstance } from '../ports/saga-control';

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

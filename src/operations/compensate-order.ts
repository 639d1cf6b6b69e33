// Command of an operator that compensates an order which no saga carries on any more (its saga was terminated, failed or is
// lost), or has compensations that failed tried again. What this run has no time for, the reconciler goes on with.
import { aboutOrder } from '../ports/log';
import { finishOrder, type FinishPorts } from '../commands/finish-order';
import { notToUndo, orderRefusal } from '../commands/order-actions';
import { findSaga } from '../commands/saga-status';
import type { OrderHead } from '../domain/order';
import { stepsNotUndone } from '../domain/order-rules';
import type { Failure } from '../domain/order-events';
import { isGoingBack } from '../domain/order-status';
import type { Scope } from '../domain/scope';
import { openStream } from '../events/order-stream';
import type { OrderStore } from '../ports/order-store';
import type { SagaControl } from '../ports/saga-control';

export interface CompensatePorts extends FinishPorts {
  readonly orders: OrderStore;
  readonly sagas: SagaControl;
}

export interface CompensateRequest {
  readonly scope: Scope;
  readonly orderId: string;
  readonly operator: string;
  readonly reason: string;
}

export type Compensated =
  | { readonly kind: 'notFound' }
  /** Nothing was changed; `why` is for the operator. */
  | { readonly kind: 'refused'; readonly why: string }
  /** The order goes back, or has gone back. `notUndone`: steps whose compensation has not worked so far. */
  | { readonly kind: 'accepted'; readonly order: OrderHead; readonly notUndone: readonly string[] };

/** Well within the time that an HTTP caller waits. */
const BUDGET_MS = 10_000;

/** Asking again changes nothing but that what could not be undone is tried once more. */
export async function compensateOrder(
  ports: CompensatePorts,
  request: CompensateRequest,
): Promise<Compensated> {
  const { scope, orderId, operator, reason } = request;
  const { orders, sagas, log } = ports;
  const stored = await orders.read(scope, orderId);
  if (stored === undefined) return { kind: 'notFound' };
  const refused = orderRefusal('compensate', stored.order, await findSaga(sagas, stored.order));
  if (refused !== undefined) return { kind: 'refused', why: refused.why };
  const stream = openStream(ports, stored);
  const result = await stream.append({
    actor: operator,
    key: `${orderId}:compensate`,
    facts: (order) =>
      isGoingBack(order.status) || notToUndo(order) !== undefined
        ? []
        : [{ type: 'CompensationStarted', data: failureOf(order, request) }],
  });
  const overtaken = notToUndo(stream.order());
  if (overtaken !== undefined) return { kind: 'refused', why: overtaken };
  const { status } = stored.order;
  const told = { ...aboutOrder(stored.order), operator, reason, status };
  log.warn(result === 'appended' ? 'compensated by operator' : 'compensations tried again by operator', told);
  const run = { order: stream.order(), etag: stream.etag(), budgetMs: BUDGET_MS, waitForOutages: true };
  await finishOrder(ports, run);
  const order = (await orders.read(scope, orderId))?.order ?? stored.order;
  return { kind: 'accepted', order, notUndone: notUndone(order) };
}

/** A cancel that was accepted is kept: the order ends cancelled (S7). */
function failureOf({ cancelRequestedAt }: OrderHead, { operator, reason }: CompensateRequest): Failure {
  const text = `undone by ${operator}: ${reason}`;
  return cancelRequestedAt === null
    ? { kind: 'failed', code: 'SAGA_LOST', detailCode: 'COMPENSATED_BY_OPERATOR', reason: text }
    : { kind: 'cancelled', code: 'ORDER_CANCELLED', detailCode: 'CANCEL_REQUESTED', reason: text };
}

function notUndone({ saga }: OrderHead): readonly string[] {
  const failed = saga.compensations.filter(({ outcome }) => outcome === 'failed').map(({ undoes }) => undoes);
  const open = [...stepsNotUndone(saga), ...failed].filter((step) => !saga.compensatedSteps.includes(step));
  return [...new Set(open)];
}

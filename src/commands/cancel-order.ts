// Command that cancels an order: appends CancelRequested to the order's stream, then signals the order's saga (S7). Called
// by POST /api/orders/{id}/cancel.
import { isPastPivot, type OrderHead } from '../domain/order';
import type { Scope } from '../domain/scope';
import { TransientError } from '../errors';
import { openStream } from '../events/order-stream';
import type { Clock } from '../ports/clock';
import { aboutOrder, type Log } from '../ports/log';
import type { OrderStore } from '../ports/order-store';
import type { SagaControl } from '../ports/saga-control';
import { orderRefusal } from './order-actions';
import { isChoreographed, isDecided, seenSaga } from './saga-status';

export interface CancelOrderPorts {
  readonly orders: OrderStore;
  readonly sagas: SagaControl;
  readonly clock: Clock;
  readonly log: Log;
}

export interface CancelRequest {
  readonly scope: Scope;
  readonly orderId: string;
  readonly requestedBy: string;
  readonly reason: string | null;
}

/**
 * `tooLate`: past its pivot (S7), or ended otherwise. `sagaGone`: its saga was terminated, failed or is lost, so that an operator decides
 * about the order. A cancel that was once accepted is accepted again.
 */
export type Cancelled =
  | { readonly kind: 'accepted'; readonly order: OrderHead }
  | { readonly kind: 'tooLate'; readonly order: OrderHead }
  | { readonly kind: 'sagaGone'; readonly order: OrderHead }
  | { readonly kind: 'notFound' };

/** Appends CancelRequested unless the order is past its pivot, then tells the saga. A lost signal is raised again. */
export async function cancelOrder(
  ports: CancelOrderPorts,
  { scope, orderId, requestedBy, reason }: CancelRequest,
): Promise<Cancelled> {
  let stored = await ports.orders.read(scope, orderId);
  if (stored !== undefined && isFirstCancel(stored.order) && (await isGone(ports, stored.order))) {
    // What ended or went on meanwhile had a saga a moment ago.
    const { version } = stored.order;
    stored = await ports.orders.read(scope, orderId);
    if (stored?.order.version === version) return { kind: 'sagaGone', order: stored.order };
  }
  if (stored === undefined) return { kind: 'notFound' };
  const stream = openStream(ports, stored);
  await stream.append({
    actor: requestedBy,
    key: null,
    facts: (order) =>
      order.cancelRequestedAt !== null || isPastPivot(order) || order.ended
        ? []
        : [{ type: 'CancelRequested', data: { requestedBy, reason } }],
  });
  const order = stream.order();
  if (order.cancelRequestedAt === null) return { kind: 'tooLate', order };
  if (!order.ended && !isChoreographed(order)) await signal(ports, order);
  return { kind: 'accepted', order };
}

/** Whether the request would be the first, for an order that nothing has decided about. */
function isFirstCancel(order: OrderHead): boolean {
  return !order.ended && !isDecided(order);
}

async function isGone(ports: CancelOrderPorts, order: OrderHead): Promise<boolean> {
  return orderRefusal('cancel', order, await seenSaga(ports, order))?.code === 'SAGA_GONE';
}

async function signal({ sagas, log }: CancelOrderPorts, order: OrderHead): Promise<void> {
  try {
    await sagas.signalCancel(order.orderId);
  } catch (error) {
    if (!(error instanceof TransientError)) throw error;
    log.warn('cancel not signalled', { ...aboutOrder(order), error: error.message });
  }
}

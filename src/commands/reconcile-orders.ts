// Brings orders and orchestrations together again where a crash took one of them away (S6, S7).
//
// R1  Only an order that has not ended and has no instance is started; an ended or purged id never is.
// R2  Starting twice is harmless: every effect and every record of the second run is found by its key (S2, S5).
import type { Order, OrderHead } from '../domain/order';
import type { OrderFact } from '../domain/order-events';
import { TransientError } from '../errors';
import { toIso, type Clock } from '../ports/clock';
import type { Log } from '../ports/log';
import type { OrderStore, Stored } from '../ports/order-store';
import type { SagaControl, SagaInstance } from '../ports/saga-control';
import { openStream } from './order-stream';

export interface ReconcilePorts {
  readonly orders: OrderStore;
  readonly sagas: SagaControl;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Reconciled {
  readonly looked: number;
  readonly started: number;
  readonly signalled: number;
  readonly repaired: number;
}

type Repair = 'started' | 'signalled' | 'repaired' | 'nothing';

/** One run looks at no more orders than this; what is left comes next time, oldest first. */
const BATCH = 500;

/** Looks once at every order that has not ended and has not changed for `quietMs`, and mends what it finds. */
export async function reconcileOrders(ports: ReconcilePorts, quietMs: number): Promise<Reconciled> {
  const unfinished = await ports.orders.unfinished(toIso(ports.clock.nowMs() - quietMs), BATCH);
  const counts = { looked: unfinished.length, started: 0, signalled: 0, repaired: 0, nothing: 0 };
  for (const stored of unfinished) {
    try {
      counts[await reconcile(ports, stored)] += 1;
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      ports.log.warn('order not reconciled', { orderId: stored.order.orderId, error: error.message });
    }
  }
  return counts;
}

async function reconcile(ports: ReconcilePorts, stored: Stored<Order>): Promise<Repair> {
  const { order, etag } = stored;
  const instance = await ports.sagas.find(order.orderId);
  const told = { orderId: order.orderId, correlationId: order.correlationId };
  if (instance === undefined) {
    if (order.saga.needsIntervention) return 'nothing';
    const { lines, ...head } = order;
    await ports.sagas.start(head, etag);
    ports.log.warn('saga started by reconciler', { ...told, lines: lines.length });
    return 'started';
  }
  if (isLive(instance)) {
    if (order.cancelRequestedAt === null || order.status === 'compensating') return 'nothing';
    await ports.sagas.signalCancel(order.orderId);
    ports.log.warn('cancel signalled again by reconciler', told);
    return 'signalled';
  }
  const result = await openStream(ports, stored).append({
    actor: 'reconciler',
    key: `${order.orderId}:reconcile`,
    facts: (now) => missingEnd(now, instance),
  });
  if (result !== 'appended') return 'nothing';
  ports.log.error('manual intervention required', { ...told, reason: `instance ${instance.runtimeStatus}` });
  return 'repaired';
}

function isLive({ runtimeStatus }: SagaInstance): boolean {
  return runtimeStatus === 'running' || runtimeStatus === 'pending' || runtimeStatus === 'suspended';
}

/** What the stream lacks when the instance is over and the order is not: somebody has to look. */
function missingEnd(order: OrderHead, { runtimeStatus }: SagaInstance): readonly OrderFact[] {
  if (order.ended || order.saga.needsIntervention) return [];
  const reason = `the orchestration is ${runtimeStatus} and the order is still ${order.status}; nothing was compensated`;
  return [
    {
      type: 'InterventionOpened',
      data: {
        step: order.saga.currentStep ?? order.saga.failedStep ?? 'saga',
        attempts: 0,
        lastError: null,
        code: 'SAGA_LOST',
        detailCode: runtimeStatus.toUpperCase(),
        reason,
      },
    },
  ];
}

// Repair of the returns of an order that should have gone on and did not: one whose saga was never started is started, one
// whose saga is alive is woken, and one whose saga has ended or is lost is finished here. Called by reconcile-orders.ts.
import { aboutOrder } from '../ports/log';
import type { OrderHead } from '../domain/order';
import { isOverdue, returnOf, returnsOf, type ReturnState } from '../domain/return-state';
import { tenantOf } from '../domain/scope';
import { openStream } from '../events/order-stream';
import { toIso } from '../ports/clock';
import type { Stored } from '../ports/order-store';
import { finishReturn, type RepairReturnPorts } from './finish-return';
import { PATIENCE_MS, type RepairResult } from './repair-order';
import { isLive } from './saga-status';

/** Looks after the returns of one order. Throws what the store and the task hub throw. */
export async function repairReturns(
  ports: RepairReturnPorts,
  stored: Stored<OrderHead>,
  quietMs: number,
): Promise<RepairResult> {
  const nowIso = toIso(ports.clock.nowMs());
  let result: RepairResult = 'nothing';
  for (const one of returnsOf(stored.order).filter((each) => isOverdue(each, nowIso))) {
    const repaired = await repairReturn(ports, stored, one, quietMs);
    if (repaired !== 'nothing') result = repaired;
  }
  return result;
}

async function repairReturn(
  ports: RepairReturnPorts,
  stored: Stored<OrderHead>,
  { number, status, saga }: ReturnState,
  quietMs: number,
): Promise<RepairResult> {
  const { returnSagas, log } = ports;
  const { orderId } = stored.order;
  const told = { ...aboutOrder(stored.order), returnNumber: number, status };
  const instance = await returnSagas.find(orderId, number);
  if (instance === undefined && saga.completedSteps.length === 0) {
    await returnSagas.start(stored.order, stored.etag, number);
    log.warn('return saga started by reconciler', told);
    return 'started';
  }
  if (instance !== undefined && isLive(instance)) {
    await returnSagas.wake(orderId, number);
    log.warn('return saga woken by reconciler', told);
    return 'signalled';
  }
  const result = await finishReturn(ports, stored, number);
  const after = await ports.orders.read(tenantOf(stored.order), orderId);
  if (after !== undefined && after.order.version !== stored.order.version) {
    log.warn('return carried on by reconciler', told);
    return 'repaired';
  }
  if (result.kind === 'finished' || result.outage || quietMs < PATIENCE_MS) return 'nothing';
  return (await askOperator(ports, stored, number, result.error?.message)) ? 'repaired' : 'nothing';
}

/** What keeps failing though nothing is away. */
async function askOperator(
  { orders, clock, log }: RepairReturnPorts,
  stored: Stored<OrderHead>,
  returnNumber: number,
  why = 'nothing says why',
): Promise<boolean> {
  const reason = `the orchestration of return ${returnNumber} is gone and it could not be finished: ${why}`;
  const record = { step: 'CloseReturn', attempts: 0, lastError: null };
  const data = { ...record, code: 'SAGA_LOST', detailCode: 'NOT_FINISHED', reason, returnNumber };
  const stream = openStream({ orders, clock }, stored);
  const result = await stream.append({
    actor: 'reconciler',
    key: null,
    facts: (order) =>
      returnOf(order, returnNumber)?.saga.needsIntervention === false
        ? [{ type: 'InterventionOpened', data }]
        : [],
  });
  if (result === 'appended')
    log.error('manual intervention required', { ...aboutOrder(stored.order), returnNumber, reason });
  return result === 'appended';
}

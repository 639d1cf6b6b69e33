// Acts of a bulk operation on one order. Each may be done again after a crash: what was done is not done twice.
import { cancelOrder, type CancelOrderPorts } from '../commands/cancel-order';
import { findSaga } from '../commands/saga-status';
import type { BulkOperation, BulkOutcome } from '../domain/bulk';
import type { OrderHead } from '../domain/order';
import { TransientError } from '../errors';
import type { Audit } from '../ports/audit';
import type { SagaRestarts } from '../ports/bulk-store';
import { toIso } from '../ports/clock';
import { compensateOrder, type CompensatePorts } from './compensate-order';
import { archiveHistory, type PurgePorts } from './purge-histories';

export interface BulkActPorts
  extends CancelOrderPorts, CompensatePorts, Pick<PurgePorts, 'histories' | 'archive'> {
  readonly audit: Audit;
  readonly restarts: SagaRestarts;
}

const DONE: BulkOutcome = { kind: 'done' };
const refused = (why: string): BulkOutcome => ({ kind: 'refused', why });

/** Acts on one order. Throws a TransientError when the store or the task hub is away. */
export async function actOn(
  ports: BulkActPorts,
  operation: BulkOperation,
  orderId: string,
): Promise<BulkOutcome> {
  try {
    return await ACTS[operation.act](ports, operation, orderId);
  } catch (error) {
    if (error instanceof TransientError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    ports.log.error('bulk act failed', { bulkId: operation.id, orderId, error: why });
    return { kind: 'failed', why };
  }
}

type Act = (ports: BulkActPorts, operation: BulkOperation, orderId: string) => Promise<BulkOutcome>;

const NO_ORDER = refused('there is no such order');

const cancel: Act = async (ports, { tenantId, operator, reason }, orderId) => {
  const result = await cancelOrder(ports, { scope: { tenantId }, orderId, requestedBy: operator, reason });
  switch (result.kind) {
    case 'accepted':
      return DONE;
    case 'tooLate':
      return refused(`the order is ${result.order.status}`);
    case 'sagaGone':
      return refused('its saga is gone: compensate it instead');
    case 'notFound':
      return NO_ORDER;
  }
};

const compensate: Act = async (ports, { tenantId, operator, reason }, orderId) => {
  const result = await compensateOrder(ports, { scope: { tenantId }, orderId, operator, reason });
  switch (result.kind) {
    case 'accepted':
      return result.notUndone.length === 0
        ? DONE
        : { kind: 'failed', why: `not undone so far: ${result.notUndone.join(', ')}` };
    case 'refused':
      return refused(result.why);
    case 'notFound':
      return NO_ORDER;
  }
};

const restart: Act = async (ports, operation, orderId) => {
  const order = await read(ports, operation, orderId);
  if (order === undefined) return NO_ORDER;
  if (order.ended) return refused(`the order is ${order.status}`);
  const status = (await findSaga(ports.sagas, order))?.runtimeStatus ?? 'none';
  if (status !== 'failed' && status !== 'terminated') return refused(`its saga is ${status}`);
  await onRecord(ports, operation, orderId, status);
  await ports.restarts.restart(orderId);
  return DONE;
};

const purge: Act = async (ports, operation, orderId) => {
  const order = await read(ports, operation, orderId);
  if (order === undefined) return NO_ORDER;
  if (!order.ended || order.saga.needsIntervention || (order.openReturns ?? 0) > 0)
    return refused('the order has not ended with all its returns, or needs an operator');
  await onRecord(ports, operation, orderId, order.status);
  const result = await archiveHistory(ports, { orderId, returns: order.returns?.length ?? 0 });
  return result.kind === 'kept' ? refused(result.why) : DONE;
};

const ACTS: Readonly<Record<BulkOperation['act'], Act>> = { cancel, compensate, restart, purge };

async function read(
  { orders }: BulkActPorts,
  { tenantId }: BulkOperation,
  orderId: string,
): Promise<OrderHead | undefined> {
  return (await orders.read({ tenantId }, orderId))?.order;
}

/** Acts that leave nothing in the stream of the order are in the audit, before they are done (operations.L1). */
function onRecord(
  { audit, clock }: BulkActPorts,
  { id, tenantId, act, operator, reason }: BulkOperation,
  orderId: string,
  before: string,
): Promise<void> {
  return audit.record(
    { tenantId },
    {
      ...{ id: `${id}:${orderId}`, subject: `bulk:${id}`, at: toIso(clock.nowMs()), actor: operator },
      ...{ action: `${act} ${orderId}`, reason, before, after: null },
    },
  );
}

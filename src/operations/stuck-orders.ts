// Orders that make no progress, each with the reason that can be seen, and the repair of one. Waiting for an approval, for its own
// time or for an operator is no lack of progress.
import { orderRefusal } from '../commands/order-actions';
import { repairOrder, type RepairPorts, type RepairResult } from '../commands/repair-order';
import { hasNotHeard, isChoreographed, isLive, isUntouched, seenSaga } from '../commands/saga-status';
import type { OrderHead } from '../domain/order';
import type { TenantScope } from '../domain/scope';
import { openStream } from '../events/order-stream';
import { toIso } from '../ports/clock';
import type { OrderQueues, QueuePage } from '../ports/order-queues';
import type { SagaInstance } from '../ports/saga-control';

export const STUCK_REASONS = [
  'notStarted',
  'instanceMissing',
  'instanceEnded',
  'suspended',
  'cancelNotHeard',
  'answerNotHeard',
  'stepUnderWay',
  'choreographed',
  'hubAway',
] as const;
export type StuckReason = (typeof STUCK_REASONS)[number];

export interface StuckOrder {
  readonly order: OrderHead;
  readonly saga: SagaInstance | undefined | 'unasked';
  readonly reason: StuckReason;
  readonly detail: string;
}

export interface StuckPorts extends Pick<RepairPorts, 'sagas' | 'log' | 'clock'> {
  readonly queues: OrderQueues;
  readonly stuckMs: number;
}

/** A page of the orders of the tenant that nothing has happened to for `stuckMs`. */
export async function listStuckOrders(
  ports: StuckPorts,
  scope: TenantScope,
  page: QueuePage,
): Promise<readonly StuckOrder[]> {
  const before = toIso(ports.clock.nowMs() - ports.stuckMs);
  const orders = await ports.queues.withoutProgress(scope, before, page);
  return Promise.all(
    orders.map(async (order) => {
      const saga = await seenSaga(ports, order);
      return { order, saga, ...stuckReason(order, saga) };
    }),
  );
}

/** Why an order may make no progress, from its stream and its instance. Pure. */
export function stuckReason(
  order: OrderHead,
  saga: SagaInstance | undefined | 'unasked',
): Pick<StuckOrder, 'reason' | 'detail'> {
  if (isChoreographed(order))
    return { reason: 'choreographed', detail: 'no message has carried it on: see the queue saga-timers' };
  if (saga === 'unasked') return { reason: 'hubAway', detail: 'the task hub does not answer' };
  if (saga === undefined)
    return isUntouched(order)
      ? { reason: 'notStarted', detail: 'no instance was started: the reconciler starts it' }
      : { reason: 'instanceMissing', detail: 'the task hub has no instance of it' };
  if (!isLive(saga)) return { reason: 'instanceEnded', detail: `its instance is ${saga.runtimeStatus}` };
  if (saga.runtimeStatus === 'suspended')
    return { reason: 'suspended', detail: 'an operator has suspended it' };
  if (hasNotHeard(order, saga))
    return { reason: 'answerNotHeard', detail: 'it was answered, and its saga still waits' };
  if (order.cancelRequestedAt !== null && order.status !== 'compensating')
    return { reason: 'cancelNotHeard', detail: 'a cancel was accepted, and its saga has not turned back' };
  const step =
    typeof saga.customStatus === 'string' ? saga.customStatus : (order.saga.currentStep ?? 'a step');
  return {
    reason: 'stepUnderWay',
    detail: `${step} is called, or waits for its next attempt: its service is slow or away`,
  };
}

export interface RepairRequest {
  readonly scope: TenantScope;
  readonly orderId: string;
  readonly operator: string;
  readonly reason: string;
}

export type Repaired =
  | { readonly kind: 'notFound' }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'done'; readonly result: RepairResult; readonly order: OrderHead };

/** What the reconciler would do for the order, at once and on record: starts it, signals it again, or brings it to its end. */
export async function repairNow(
  ports: RepairPorts,
  { scope, orderId, operator, reason }: RepairRequest,
): Promise<Repaired> {
  const stored = await ports.orders.read(scope, orderId);
  if (stored === undefined) return { kind: 'notFound' };
  const refusal = orderRefusal('repair', stored.order, 'unasked');
  if (refusal !== undefined) return { kind: 'refused', why: refusal.why };
  const quietMs = ports.clock.nowMs() - Date.parse(stored.order.updatedAt);
  const stream = openStream(ports, stored);
  const { status } = stored.order;
  const acted = { action: 'repair', intervention: null, by: operator, reason, before: status } as const;
  await stream.append({
    actor: operator,
    key: null,
    facts: (order) =>
      orderRefusal('repair', order, 'unasked') === undefined
        ? [{ type: 'OperatorActed', data: { ...acted, after: null } }]
        : [],
  });
  const seen = { order: stream.order(), etag: stream.etag() };
  const overtaken = orderRefusal('repair', seen.order, 'unasked');
  if (overtaken !== undefined) return { kind: 'refused', why: overtaken.why };
  const result = await repairOrder(ports, seen, { quietMs, isStuck: false });
  const order = (await ports.orders.read(scope, orderId))?.order ?? seen.order;
  return { kind: 'done', result, order };
}

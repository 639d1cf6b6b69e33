// Commands of an operator on one saga: suspend, resume, terminate. Terminating compensates nothing, so an intervention is
// opened right after it; should the process die in between, the reconciler opens it.
import { offerOf } from '../commands/repair-order';
import { orderRefusal, type Refusal } from '../commands/order-actions';
import { findSaga } from '../commands/saga-status';
import type { OrderHead } from '../domain/order';
import { recordOf, type SagaState } from '../domain/saga-state';
import type { Scope } from '../domain/scope';
import { openStream } from '../events/order-stream';
import type { Clock } from '../ports/clock';
import { aboutOrder, type Log } from '../ports/log';
import type { OrderStore } from '../ports/order-store';
import type { SagaControl, SagaRuntimeStatus } from '../ports/saga-control';

export const SAGA_ACTIONS = ['suspend', 'resume', 'terminate'] as const;
export type SagaAction = (typeof SAGA_ACTIONS)[number];

export interface ControlPorts {
  readonly orders: OrderStore;
  readonly sagas: SagaControl;
  readonly clock: Clock;
  readonly log: Log;
}

export interface ControlRequest {
  readonly scope: Scope;
  readonly orderId: string;
  readonly action: SagaAction;
  readonly operator: string;
  readonly reason: string;
}

export type Controlled =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'notFound' }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** What an accepted act makes of the instance. */
const AFTER: Readonly<Record<SagaAction, SagaRuntimeStatus>> = {
  suspend: 'suspended',
  resume: 'running',
  terminate: 'terminated',
};

/** Accepted means that the task hub has it on record; the saga takes it up a moment later. */
export async function controlSaga(ports: ControlPorts, request: ControlRequest): Promise<Controlled> {
  const { scope, orderId, action, operator, reason } = request;
  const stored = await ports.orders.read(scope, orderId);
  if (stored === undefined) return { kind: 'notFound' };
  const saga = await findSaga(ports.sagas, stored.order);
  const refusal = orderRefusal(action, stored.order, saga);
  if (refusal !== undefined) return { kind: 'refused', refusal };
  const stream = openStream(ports, stored);
  // On record first: a crash leaves an act too many, never one too few. A termination is told by its intervention.
  if (action !== 'terminate') {
    const states = { before: saga?.runtimeStatus ?? null, after: AFTER[action] };
    const data = { action, intervention: null, by: operator, reason, ...states };
    const facts = ({ ended }: OrderHead) => (ended ? [] : [{ type: 'OperatorActed' as const, data }]);
    await stream.append({ actor: operator, key: null, facts });
  }
  await ports.sagas[action](orderId, reason);
  if (action === 'terminate') {
    const told = await stream.append({
      actor: operator,
      key: `${orderId}:terminate`,
      facts: ({ ended, status, saga }) => (ended ? [] : [terminated(saga, status, request)]),
    });
    if (told === 'appended') {
      const why = `terminated: ${reason}`;
      ports.log.error('manual intervention required', { ...aboutOrder(stored.order), operator, reason: why });
    }
  }
  return { kind: 'accepted' };
}

function terminated(saga: SagaState, status: string, { orderId, operator, reason }: ControlRequest) {
  return {
    type: 'InterventionOpened' as const,
    data: {
      ...recordOf(saga, saga.currentStep ?? 'saga'),
      code: 'SAGA_LOST',
      detailCode: 'TERMINATED',
      reason: `terminated by ${operator} (${reason}) while the order was ${status}; nothing was compensated; ${offerOf({ orderId })}`,
    },
  };
}

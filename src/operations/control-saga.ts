// Commands of an operator on one saga: suspend, resume, terminate. Terminating compensates nothing, so an intervention is
// opened right after it; should the process die in between, the reconciler opens it.
import { offerOf } from '../commands/repair-order';
import { isChoreographed } from '../commands/saga-status';
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
  /** There is no instance that could be suspended, resumed or terminated. */
  | { readonly kind: 'choreographed' }
  /** The saga is in a status in which the action makes no sense; `none`: the task hub has no such instance. */
  | { readonly kind: 'wrongStatus'; readonly runtimeStatus: SagaRuntimeStatus | 'none' };

const ALLOWED: Readonly<Record<SagaAction, readonly (SagaRuntimeStatus | 'none')[]>> = {
  suspend: ['running', 'pending'],
  resume: ['suspended'],
  terminate: ['running', 'pending', 'suspended'],
};

/** Accepted means that the task hub has it on record; the saga takes it up a moment later. */
export async function controlSaga(ports: ControlPorts, request: ControlRequest): Promise<Controlled> {
  const { scope, orderId, action, operator, reason } = request;
  const stored = await ports.orders.read(scope, orderId);
  if (stored === undefined) return { kind: 'notFound' };
  if (isChoreographed(stored.order)) return { kind: 'choreographed' };
  const runtimeStatus = (await ports.sagas.find(orderId))?.runtimeStatus ?? 'none';
  if (stored.order.ended || !ALLOWED[action].includes(runtimeStatus))
    return { kind: 'wrongStatus', runtimeStatus };
  await ports.sagas[action](orderId, reason);
  if (action === 'terminate') {
    const stream = openStream(ports, stored);
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

// The orchestrations behind the orders, by way of the task hub. The instance id is the order id (S6).
import { TransientError } from '../errors';
import type { SagaControl, SagaInstance, SagaRuntimeStatus } from '../ports/saga-control';
import { CANCEL_SIGNAL } from '../saga/engine/saga-run';
import { APPROVAL_SIGNAL } from '../saga/order/order-saga';
import { instanceVersion, sagaInput, type SagaSettings } from '../saga/order/order-saga-versions';
import type { InstanceStatus, TaskHub } from './task-hub';

export const ORCHESTRATOR_NAME = 'OrderSagaOrchestrator';

const RUNTIME_STATUS: Readonly<Record<string, SagaRuntimeStatus>> = {
  Running: 'running',
  Pending: 'pending',
  Suspended: 'suspended',
  ContinuedAsNew: 'running',
  Completed: 'completed',
  Failed: 'failed',
  Canceled: 'terminated',
  Terminated: 'terminated',
};

/** Control over the sagas of the task hub. */
export function createDurableSagaControl(hub: TaskHub, settings: SagaSettings): SagaControl {
  return {
    async start(order, etag, traceparent) {
      const input = sagaInput(order, etag, settings);
      try {
        await hub.start(ORCHESTRATOR_NAME, {
          ...{ instanceId: order.orderId, input, traceparent },
          // That of its table and not of this release, so that an older release runs what it knows (S21).
          version: instanceVersion(input.definitionVersion),
        });
      } catch (error) {
        // Somebody else may have started it between the write of the order and now.
        if ((await statusOf(hub, order.orderId)) === undefined) throw hubAway(error);
      }
    },

    find: (orderId) => findInstance(hub, orderId),

    async signalCancel(orderId) {
      const found = await findInstance(hub, orderId);
      if (found === undefined) return;
      await asked(async () => {
        await hub.raise(orderId, CANCEL_SIGNAL, {});
        if (found.runtimeStatus === 'suspended') await hub.tell(orderId, 'resume', 'cancel requested');
      });
    },

    async signalApproval(orderId, sequence) {
      if ((await findInstance(hub, orderId)) === undefined) return;
      await asked(() => hub.raise(orderId, APPROVAL_SIGNAL, { sequence }));
    },

    suspend: (orderId, reason) => asked(() => hub.tell(orderId, 'suspend', reason)),
    resume: (orderId, reason) => asked(() => hub.tell(orderId, 'resume', reason)),
    terminate: (orderId, reason) => asked(() => hub.tell(orderId, 'terminate', reason)),

    async ping() {
      await statusOf(hub, 'ping');
    },
  };
}

/** The instance with this id; undefined when there is none. */
export async function findInstance(hub: TaskHub, id: string): Promise<SagaInstance | undefined> {
  const found = await statusOf(hub, id);
  return found === undefined ? undefined : toInstance(found);
}

const statusOf = (hub: TaskHub, id: string): Promise<InstanceStatus | undefined> =>
  asked(() => hub.status(id));

/** Asks the task hub; what goes wrong is thrown as `hubAway` has it. */
export async function asked<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw hubAway(error);
  }
}

/** Whether the instance may still go on. */
export function isLive({ runtimeStatus }: { readonly runtimeStatus: string }): boolean {
  return ['running', 'pending', 'suspended'].includes(runtimeStatusOf(runtimeStatus));
}

function runtimeStatusOf(runtimeStatus: string): SagaRuntimeStatus {
  return RUNTIME_STATUS[runtimeStatus] ?? 'running';
}

function toInstance({ runtimeStatus, customStatus, output }: InstanceStatus): SagaInstance {
  return {
    runtimeStatus: runtimeStatusOf(runtimeStatus),
    customStatus: customStatus ?? null,
    output: output ?? null,
  };
}

/** What a failed call of the task hub is thrown as. */
export function hubAway(cause: unknown): TransientError {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new TransientError('TASK_HUB_UNAVAILABLE', `the task hub does not answer: ${message}`, {
    outage: true,
    cause,
  });
}

// The orchestrations behind the orders, by way of the durable client. The instance id is the order id (S6).
import type { DurableClient, DurableOrchestrationStatus } from 'durable-functions';
import { TransientError } from '../errors';
import type { SagaControl, SagaInstance, SagaRuntimeStatus } from '../ports/saga-control';
import { CANCEL_SIGNAL } from '../saga/engine/saga-run';
import { APPROVAL_SIGNAL } from '../saga/order/order-saga';
import { instanceVersion, sagaInput, type SagaSettings } from '../saga/order/order-saga-versions';

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

/** Control over the sagas of the task hub that `client` speaks to. */
export function createDurableSagaControl(client: DurableClient, settings: SagaSettings): SagaControl {
  return {
    async start(order, etag) {
      const input = sagaInput(order, etag, settings);
      try {
        await client.startNew(ORCHESTRATOR_NAME, {
          instanceId: order.orderId,
          input,
          // That of its table and not of this release, so that an older release runs what it knows (S21).
          version: instanceVersion(input.definitionVersion),
        });
      } catch (error) {
        // Somebody else may have started it between the write of the order and now.
        if ((await statusOf(client, order.orderId)) === undefined) throw hubAway(error);
      }
    },

    find: (orderId) => findInstance(client, orderId),

    async signalCancel(orderId) {
      const found = await findInstance(client, orderId);
      if (found === undefined) return;
      await asked(async () => {
        await client.raiseEvent(orderId, CANCEL_SIGNAL, {});
        if (found.runtimeStatus === 'suspended') await client.resume(orderId, 'cancel requested');
      });
    },

    async signalApproval(orderId, sequence) {
      if ((await findInstance(client, orderId)) === undefined) return;
      await asked(() => client.raiseEvent(orderId, APPROVAL_SIGNAL, { sequence }));
    },

    // The client puts a reason into its URL as it is.
    suspend: (orderId, reason) => asked(() => client.suspend(orderId, encodeURIComponent(reason))),
    resume: (orderId, reason) => asked(() => client.resume(orderId, encodeURIComponent(reason))),
    terminate: (orderId, reason) => asked(() => client.terminate(orderId, encodeURIComponent(reason))),

    async ping() {
      await statusOf(client, 'ping');
    },
  };
}

/** The instance with this id; undefined when there is none. */
export async function findInstance(client: DurableClient, id: string): Promise<SagaInstance | undefined> {
  const found = await statusOf(client, id);
  return found === undefined ? undefined : toInstance(found);
}

async function statusOf(client: DurableClient, id: string): Promise<DurableOrchestrationStatus | undefined> {
  // The client has no other sign of "no such instance" than this text.
  try {
    return await client.getStatus(id);
  } catch (error) {
    if (error instanceof Error && error.message.includes('HTTP 404')) return undefined;
    throw hubAway(error);
  }
}

/** Asks the task hub; what goes wrong is thrown as `hubAway` has it. */
export async function asked(call: () => Promise<void>): Promise<void> {
  try {
    await call();
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

function toInstance({ runtimeStatus, customStatus, output }: DurableOrchestrationStatus): SagaInstance {
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

// The orchestrations behind the returns of orders, by way of the task hub.
import type { ReturnSagas } from '../ports/return-sagas';
import { instanceVersion } from '../saga/order/order-saga-versions';
import { returnInstanceId, returnSagaInput } from '../saga/returns/return-saga';
import { RETURN_SIGNAL } from '../saga/returns/return-steps';
import { asked, findInstance, hubAway } from './durable-saga-control';
import type { TaskHub } from './task-hub';

export const RETURN_ORCHESTRATOR_NAME = 'ReturnSagaOrchestrator';

/** The sagas of returns in the task hub. */
export function createDurableReturnSagas(hub: TaskHub): ReturnSagas {
  return {
    async start(order, etag, returnNumber, traceparent) {
      const instanceId = returnInstanceId(order.orderId, returnNumber);
      const input = returnSagaInput(order, etag, returnNumber);
      const version = instanceVersion(input.definitionVersion);
      try {
        await hub.start(RETURN_ORCHESTRATOR_NAME, { instanceId, input, version, traceparent });
      } catch (error) {
        // Another process may have started it between the write of the request and now.
        if ((await findInstance(hub, instanceId)) === undefined) throw hubAway(error);
      }
    },
    find: (orderId, returnNumber) => findInstance(hub, returnInstanceId(orderId, returnNumber)),
    async wake(orderId, returnNumber) {
      const instanceId = returnInstanceId(orderId, returnNumber);
      if ((await findInstance(hub, instanceId)) === undefined) return;
      await asked(() => hub.raise(instanceId, RETURN_SIGNAL, {}));
    },
  };
}

// The orchestrations behind the returns of orders, by way of the durable client.
import type { DurableClient } from 'durable-functions';
import type { ReturnSagas } from '../ports/return-sagas';
import { instanceVersion } from '../saga/order/order-saga-versions';
import { returnInstanceId, returnSagaInput } from '../saga/returns/return-saga';
import { RETURN_SIGNAL } from '../saga/returns/return-steps';
import { asked, findInstance, hubAway } from './durable-saga-control';

export const RETURN_ORCHESTRATOR_NAME = 'ReturnSagaOrchestrator';

/** The sagas of returns in the task hub that `client` speaks to. */
export function createDurableReturnSagas(client: DurableClient): ReturnSagas {
  return {
    async start(order, etag, returnNumber) {
      const instanceId = returnInstanceId(order.orderId, returnNumber);
      const input = returnSagaInput(order, etag, returnNumber);
      const version = instanceVersion(input.definitionVersion);
      try {
        await client.startNew(RETURN_ORCHESTRATOR_NAME, { instanceId, input, version });
      } catch (error) {
        // Another process may have started it between the write of the request and now.
        if ((await findInstance(client, instanceId)) === undefined) throw hubAway(error);
      }
    },
    find: (orderId, returnNumber) => findInstance(client, returnInstanceId(orderId, returnNumber)),
    async wake(orderId, returnNumber) {
      const instanceId = returnInstanceId(orderId, returnNumber);
      if ((await findInstance(client, instanceId)) === undefined) return;
      await asked(() => client.raiseEvent(instanceId, RETURN_SIGNAL, {}));
    },
  };
}

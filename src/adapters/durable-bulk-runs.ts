// The orchestrations of bulk operations, and sagas that begin again, by way of the task hub.
import type { BulkInput } from '../domain/bulk';
import type { BulkRuns, SagaRestarts } from '../ports/bulk-store';
import type { SagaRuntimeStatus } from '../ports/saga-control';
import { instanceVersion } from '../saga/order/order-saga-versions';
import { asked, findInstance, hubAway } from './durable-saga-control';
import type { TaskHub } from './task-hub';

export const BULK_ORCHESTRATOR_NAME = 'BulkOrchestrator';
const VERSION = 1;
const LIVE: readonly SagaRuntimeStatus[] = ['running', 'pending', 'suspended'];

export function createDurableBulkRuns(hub: TaskHub): BulkRuns {
  return {
    async start(order) {
      const instanceId = `bulk:${order.id}`;
      if (await runs(hub, instanceId)) return;
      const input: BulkInput = { order };
      try {
        await hub.start(BULK_ORCHESTRATOR_NAME, { instanceId, input, version: instanceVersion(VERSION) });
      } catch (error) {
        // Another call may have started it since.
        if (!(await runs(hub, instanceId))) throw hubAway(error);
      }
    },
  };
}

async function runs(hub: TaskHub, instanceId: string): Promise<boolean> {
  const found = await findInstance(hub, instanceId);
  return found !== undefined && LIVE.includes(found.runtimeStatus);
}

export function createDurableSagaRestarts(hub: TaskHub): SagaRestarts {
  return { restart: (orderId) => asked(() => hub.restart(orderId)) };
}

// The orchestrations of bulk operations, and sagas that begin again, by way of the durable client.
import type { DurableClient } from 'durable-functions';
import type { BulkInput } from '../domain/bulk';
import type { BulkRuns, SagaRestarts } from '../ports/bulk-store';
import type { SagaRuntimeStatus } from '../ports/saga-control';
import { instanceVersion } from '../saga/order/order-saga-versions';
import { asked, findInstance, hubAway } from './durable-saga-control';

export const BULK_ORCHESTRATOR_NAME = 'BulkOrchestrator';
const VERSION = 1;
const LIVE: readonly SagaRuntimeStatus[] = ['running', 'pending', 'suspended'];
const RESTART_TIMEOUT_MS = 30_000;

export function createDurableBulkRuns(client: DurableClient): BulkRuns {
  return {
    async start(order) {
      const instanceId = `bulk:${order.id}`;
      if (await runs(client, instanceId)) return;
      const input: BulkInput = { order };
      try {
        await client.startNew(BULK_ORCHESTRATOR_NAME, {
          ...{ instanceId, input, version: instanceVersion(VERSION) },
        });
      } catch (error) {
        // Another call may have started it since.
        if (!(await runs(client, instanceId))) throw hubAway(error);
      }
    },
  };
}

async function runs(client: DurableClient, instanceId: string): Promise<boolean> {
  const found = await findInstance(client, instanceId);
  return found !== undefined && LIVE.includes(found.runtimeStatus);
}

/** The client of durable-functions 3.5.0 has no restart; the management API does. */
export function createDurableSagaRestarts(client: DurableClient): SagaRestarts {
  return {
    restart: (orderId) =>
      asked(async () => {
        const url = new URL(client.createHttpManagementPayload(orderId).statusQueryGetUri);
        url.pathname += '/restart';
        url.searchParams.set('restartWithNewInstanceId', 'false');
        const signal = AbortSignal.timeout(RESTART_TIMEOUT_MS);
        const response = await fetch(url, { method: 'POST', signal });
        if (!response.ok) throw new Error(`HTTP ${response.status}`);
      }),
  };
}

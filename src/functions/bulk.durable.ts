// Registers the bulk operations: their orchestrator, and the activity that runs one page of one.
import type { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { BULK_ORCHESTRATOR_NAME } from '../adapters/durable-bulk-runs';
import type { BulkInput } from '../domain/bulk';
import { runBulkPage, type BulkPorts } from '../operations/bulk';
import type { BulkActPorts } from '../operations/bulk-acts';
import { bulkOrchestrator } from '../saga/bulk/bulk.orchestrator';
import { invocationLog } from '../telemetry/invocation-log';
import { taskHubInput } from './task-hub.durable';

/** What one invocation works with: the durable client comes with it. */
export type BulkPagePorts = (context: InvocationContext) => Omit<BulkPorts & BulkActPorts, 'log'>;

export function registerBulkRuns(portsOf: BulkPagePorts): void {
  df.app.orchestration(BULK_ORCHESTRATOR_NAME, bulkOrchestrator);
  df.app.activity('RunBulkPage', {
    extraInputs: [taskHubInput()],
    handler: (input: BulkInput, context) =>
      runBulkPage({ ...portsOf(context), log: invocationLog(context) }, input),
  });
}

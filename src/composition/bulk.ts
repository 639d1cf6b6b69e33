// Composition of bulk operations: their routes, their orchestrations, and what these act with.
import { createCosmosAudit } from '../adapters/cosmos-audit';
import { createCosmosBulkStore } from '../adapters/cosmos-bulk-store';
import { createCosmosSagaArchive } from '../adapters/cosmos-saga-archive';
import { createDurableBulkRuns, createDurableSagaRestarts } from '../adapters/durable-bulk-runs';
import { createDurableSagaHistories } from '../adapters/durable-saga-histories';
import { registerBulkRuns } from '../functions/bulk.durable';
import { registerBulk } from '../functions/bulk.http';
import type { ControlAppPorts } from '../functions/control-saga.http';
import { taskHub } from '../functions/task-hub.durable';
import type { CustomerOrderReads } from '../projections/read-model-stores';
import type { Parts } from './parts';

export function registerBulkOperations(
  { clock, database, encryption, registerRoute }: Parts,
  customerOrders: CustomerOrderReads,
  control: ControlAppPorts,
): void {
  const operations = database.container('operations');
  const ports = {
    bulks: createCosmosBulkStore(operations),
    audit: createCosmosAudit(operations, encryption.cipher),
    ...{ customerOrders, clock },
  };
  registerBulk({ ...ports, runs: (context) => createDurableBulkRuns(taskHub(context)) }, registerRoute);
  const archive = createCosmosSagaArchive(database.container('saga-archive'), clock);
  registerBulkRuns((context) => ({
    ...control,
    ...ports,
    archive,
    sagas: control.sagas(context),
    histories: createDurableSagaHistories(taskHub(context)),
    restarts: createDurableSagaRestarts(taskHub(context)),
  }));
}

// Old orders on the Cosmos DB look-alike, and the export of them into files of a folder.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Cosmos } from 'azure-local/testing/cosmos-fixture';
import { createCosmosExportSources } from '../../src/adapters/cosmos-exports';
import { createCosmosMarks } from '../../src/adapters/cosmos-marks';
import { createCosmosOrderStore } from '../../src/adapters/cosmos-order-store';
import { createCosmosEndedOrders, createCosmosSagaArchive } from '../../src/adapters/cosmos-saga-archive';
import { createExportFiles } from '../../src/adapters/export-files';
import { createFolderFiles } from '../../src/adapters/folder-files';
import type { EventEnvelope } from '../../src/domain/event-envelope';
import { headOf, type OrderHead } from '../../src/domain/order';
import type { OrderFact } from '../../src/domain/order-events';
import { exportOld, type ExportPorts } from '../../src/operations/export-old';
import type { SagaRecord } from '../../src/ports/saga-histories';
import { openAppDatabase } from '../support/app-database';
import { AT, created, orderAfter, SCOPE, streamOf } from '../support/orders';
import { envelope } from './order-store-fixture';

export const DAY_MS = 86_400_000;
/** The day on which every order here changed last. */
export const DAY = AT.slice(0, 10);

let databases = 0;

export const idOf = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

/** A database and a folder of their own, with what ninety days keep. */
export function openExport(cosmos: Cosmos, folder: string) {
  const name = `export-${++databases}`;
  const database = openAppDatabase(cosmos.url, { name });
  const files = path.join(folder, name);
  let nowMs = Date.parse(AT) + 91 * DAY_MS;
  const clock = { nowMs: () => nowMs };
  const archive = createCosmosSagaArchive(database.container('saga-archive'), clock);
  // As another process sees it: nothing is remembered.
  const store = () => createCosmosOrderStore(database.orders, createExportFiles(createFolderFiles(files)));
  const ports = (): ExportPorts => ({
    endedOrders: createCosmosEndedOrders(database.orders),
    archive,
    sources: createCosmosExportSources(database.orders, database.container('saga-archive')),
    files: createExportFiles(createFolderFiles(files)),
    marks: createCosmosMarks(database.container('saga-archive')),
    clock,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  const place = async (number: number, ...more: readonly OrderFact[]): Promise<readonly EventEnvelope[]> => {
    const order = { ...headOf(orderAfter(...more)), orderId: idOf(number) } as OrderHead;
    const events = streamOf(created, ...more).map((fact) => envelope(order, fact, fact.sequence));
    await store().create(SCOPE, order, events);
    await archive.keep(recordOf(order.orderId));
    await purged(order.updatedAt);
    return events;
  };
  /** The purge of histories has seen orders up to this moment. */
  const purged = async (seenUntil: string): Promise<void> => {
    const { etag } = await archive.readProgress();
    await archive.writeProgress({ seenUntil, kept: [] }, etag);
  };
  const stored = async (kind: string): Promise<number> => {
    const { items } = await database.orders();
    const query = `SELECT * FROM c WHERE c.kind = '${kind}'`;
    return (await items.query(query).fetchAll()).resources.length;
  };
  const lines = async (what: 'events' | 'histories'): Promise<Record<string, unknown>[]> => {
    const of = path.join(files, what, DAY);
    const texts = await Promise.all(
      (await readdir(of)).map(async (file) => gunzipSync(await readFile(path.join(of, file))).toString()),
    );
    return texts.flatMap((text) =>
      text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    );
  };
  const run = (given = ports(), afterMs = 90 * DAY_MS) => exportOld(given, { afterMs, budgetMs: 60_000 });
  return {
    store,
    ports,
    place,
    purged,
    stored,
    lines,
    run,
    archive,
    pass: (ms: number) => (nowMs += ms),
    database,
  };
}

export const recordOf = (orderId: string): SagaRecord => ({
  ...{
    orderId,
    orchestrator: 'OrderSagaOrchestrator',
    runtimeStatus: 'Completed',
    createdAt: AT,
    endedAt: AT,
  },
  ...{ input: null, output: null, customStatus: null, history: [{ EventType: 'ExecutionStarted' }] },
});

// Composition of the export: where its files are, and the job that fills them.
import { fileURLToPath } from 'node:url';
import { createBlobFiles } from '../adapters/blob-files';
import { createCosmosExportSources } from '../adapters/cosmos-exports';
import { createCosmosEndedOrders, createCosmosSagaArchive } from '../adapters/cosmos-saga-archive';
import { createExportFiles } from '../adapters/export-files';
import { createFolderFiles } from '../adapters/folder-files';
import { registerExport } from '../functions/export-old.timer';
import type { ExportFiles } from '../ports/exports';
import type { Marks } from '../ports/marks';
import type { Parts } from './parts';

/** The files at `url`; undefined where the setting is empty. */
export function openExport(url: string): ExportFiles | undefined {
  if (url === '') return undefined;
  return createExportFiles(
    url.startsWith('file:') ? createFolderFiles(fileURLToPath(url)) : createBlobFiles(url),
  );
}

export function registerExportOfOld(
  { config, clock, database }: Parts,
  files: ExportFiles | undefined,
  marks: Marks,
): void {
  if (files === undefined) return;
  const archived = database.container('saga-archive');
  const sources = createCosmosExportSources(database.orders, archived);
  const archive = createCosmosSagaArchive(archived, clock);
  const endedOrders = createCosmosEndedOrders(database.orders);
  registerExport(
    { endedOrders, archive, sources, files, marks, clock },
    config.exportAfterDays,
    config.exportSchedule,
  );
}

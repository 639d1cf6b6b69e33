// Options of the engine in azure-engine.ts.
import type { SharedFile } from '../../storage/shared-file';
import type { DurableEngineOptions } from '../engine-options';
import type { EndsAt } from './moments';

/** `extensions.durableTask.storageProvider` of host.json, as far as it is obeyed. */
export interface StorageProvider {
  /** How many control queues a new hub gets. */
  readonly partitionCount?: number;
  readonly controlQueueVisibilityTimeoutMs?: number;
  readonly workItemQueueVisibilityTimeoutMs?: number;
  readonly maxQueuePollingIntervalMs?: number;
}

export interface AzureEngineOptions extends Omit<DurableEngineOptions, 'journal'> {
  readonly file: SharedFile;
  readonly provider?: StorageProvider;
  /**
   * The name of this host among those that share the file: it then reads only the control queues that it has a lease of,
   * and looks for what other processes wrote. Without it the engine is alone and reads all.
   */
  readonly hostId?: string;
  /** For tests: where this host ends. */
  readonly endsAt?: EndsAt;
}

export const DEFAULT_PARTITIONS = 4;
/** AzureStorageOrchestrationServiceSettings.cs. */
export const DEFAULT_VISIBILITY_MS = 5 * 60_000;
export const LEAST_VISIBILITY_MS = 60_000;

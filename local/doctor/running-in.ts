// Finds out whether a system runs in a data folder without creating the folder or its lock.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { lockFile } from 'azure-local/supervisor/locks';
import { findRunning, type RunFile } from 'azure-local/supervisor/run-file';

/** See `findRunning`. */
export const runningIn = (dataDir: string): RunFile | undefined =>
  existsSync(path.join(dataDir, lockFile('supervisor'))) ? findRunning(dataDir) : undefined;

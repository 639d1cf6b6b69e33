// Writer and reader of run.json in the data folder: the process ids and URLs of the system that runs there. It is
// information only: whether a system runs is decided by the supervisor's lock, so a file that a SIGKILL left behind is
// ignored.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { takeLock, type Lock } from './locks';
import { StartError, type HostName, type HostUrls, type PlatformUrls, type ProcessName } from './processes';

export const RUN_FILE = 'run.json';

export interface RunFile {
  readonly pids: Readonly<Record<ProcessName, number>>;
  /** With several hosts `api` is the balancer's, and each host has one of its own under its name. */
  readonly urls: HostUrls & PlatformUrls & Readonly<Partial<Record<HostName, string>>>;
}

/** What `run.json` says, whether or not that system still runs; undefined when it is missing or not one. */
export function readRunFile(dataDir: string): RunFile | undefined {
  try {
    const parsed: unknown = JSON.parse(readFileSync(path.join(dataDir, RUN_FILE), 'utf8'));
    return isRunFile(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** Replaces `run.json` in one step: a reader sees the old one or the new one, never half of it. */
export function writeRunFile(dataDir: string, run: RunFile): void {
  const file = path.join(dataDir, RUN_FILE);
  writeFileSync(`${file}.new`, `${JSON.stringify(run, undefined, 2)}\n`);
  renameSync(`${file}.new`, file);
}

/** Idempotent. */
export function removeRunFile(dataDir: string): void {
  rmSync(path.join(dataDir, RUN_FILE), { force: true });
}

/** The system that runs in `dataDir` and takes orders; undefined when none does, or while it starts or stops. */
export function findRunning(dataDir: string): RunFile | undefined {
  const lock = takeLock(dataDir, 'supervisor');
  lock?.release();
  return lock === undefined ? readRunFile(dataDir) : undefined;
}

/**
 * Makes the caller the only one that may use `dataDir`, until it ends or releases the lock.
 * @throws StartError naming the system that uses it now.
 */
export function claimDataFolder(dataDir: string): Lock {
  const lock = takeLock(dataDir, 'supervisor');
  if (lock !== undefined) return lock;
  const run = readRunFile(dataDir);
  throw new StartError(
    run === undefined
      ? `Another process is starting, stopping or clearing the system in ${dataDir}; try again in a moment.`
      : `It already runs with the data in ${dataDir}: ${run.urls.api} (process ${run.pids.supervisor}). ` +
          `Stop that one first (Ctrl-C, or \`kill ${run.pids.supervisor}\`), or choose another folder with --data.`,
  );
}

function isRunFile(value: unknown): value is RunFile {
  const { pids, urls } = (value ?? {}) as { pids?: Record<string, unknown>; urls?: Record<string, unknown> };
  return (
    ['supervisor', 'platform', 'host'].every((name) => Number.isInteger(pids?.[name])) &&
    ['api', 'services', 'cosmos', 'servicebus', 'eventgrid', 'telemetry'].every(
      (name) => typeof urls?.[name] === 'string',
    )
  );
}

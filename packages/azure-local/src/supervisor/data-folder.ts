// Files of the data folder, and how it is cleared: known files only, and only if no process runs there.
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { KEYS_FILE } from './access-keys';
import { SIGN_IN_KEY_FILE } from './sign-in-key';
import { lockFile, takeLock, type Lock } from './locks';
import { hostName, StartError, type ChildName } from './processes';
import { claimDataFolder, RUN_FILE } from './run-file';

/** More hosts than this are refused: it bounds what the folder may hold. */
export const HOSTS_AT_MOST = 8;

export const CHILDREN: readonly ChildName[] = [
  ...Array.from({ length: HOSTS_AT_MOST }, (_, index) => hostName(index + 1)),
  'platform',
];

/** The task hub of the storage mode `azure`, and how often a test has had a host killed on it. */
const HUB = 'hub.db';
const KILLS = 'hub.kills';

/** Where an app keeps the key that its data here is encrypted with, if it has one. */
export const APP_KEY_FILE = 'app.key';

const CLEARED: ReadonlySet<string> = new Set([
  ...['', '-wal', '-shm', '-journal'].map((suffix) => `${HUB}${suffix}`),
  KILLS,
  ...CHILDREN.flatMap((name) => ['', '-wal', '-shm', '-journal'].map((suffix) => `${name}.db${suffix}`)),
  RUN_FILE,
  `${RUN_FILE}.new`,
  KEYS_FILE,
  SIGN_IN_KEY_FILE,
  APP_KEY_FILE,
]);

/** Locks stay where they are: a file that another process may be about to lock must not be unlinked. */
const KEPT: ReadonlySet<string> = new Set(['supervisor.lock', ...CHILDREN.map(lockFile)]);

/** The database of a child process. */
export const databaseFile = (dataDir: string, name: ChildName): string => path.join(dataDir, `${name}.db`);

/** The task hub that the hosts of one folder share. */
export const hubFile = (dataDir: string): string => path.join(dataDir, HUB);

/** See kill-at.ts of the durable engine. */
export const killsFile = (dataDir: string): string => path.join(dataDir, KILLS);

/**
 * Makes `dataDir` and the folders above it where they are missing.
 * @throws StartError when it cannot be had, or is no folder.
 */
export function makeDataFolder(dataDir: string): void {
  const missing: string[] = [];
  for (let folder = path.resolve(dataDir); !existsSync(folder); folder = path.dirname(folder))
    missing.unshift(folder);
  try {
    // Not `recursive`: where a file system has no room for folders, as /proc, Node.js 20 would try for ever.
    for (const folder of missing) mkdirSync(folder);
  } catch (error) {
    // Another process may have made one of them meanwhile.
    if (!existsSync(dataDir))
      throw new StartError(
        `The data folder ${dataDir} cannot be made (${(error as Error).message}). Choose another with --data.`,
      );
  }
  if (!statSync(dataDir).isDirectory())
    throw new StartError(`The data folder ${dataDir} is a file. Choose another with --data.`);
}

/**
 * Removes what the system keeps in `dataDir` and returns the names of the files removed; a missing folder has none.
 * A child that a SIGKILL orphaned a moment ago has `endingWaitMs` to be gone.
 * @throws StartError, with nothing removed, when something runs there or when it holds anything that is not ours.
 */
export function clearDataFolder(dataDir: string, endingWaitMs = 3_000): string[] {
  if (!existsSync(dataDir)) return [];
  refuseForeign(dataDir);
  const locks = [claimDataFolder(dataDir)];
  try {
    for (const name of CHILDREN.filter((child) => mayRun(dataDir, child)))
      locks.push(waitForChild(dataDir, name, endingWaitMs));
    const files = readdirSync(dataDir).filter((file) => CLEARED.has(file));
    for (const file of files) rmSync(path.join(dataDir, file));
    return files;
  } finally {
    for (const lock of locks) lock.release();
  }
}

/** The names of what lies in `dataDir` and is not ours. */
export function foreignFiles(dataDir: string): string[] {
  return readdirSync(dataDir, { withFileTypes: true })
    .filter((entry) => !entry.isFile() || !(CLEARED.has(entry.name) || KEPT.has(entry.name)))
    .map((entry) => entry.name);
}

function refuseForeign(dataDir: string): void {
  const foreign = foreignFiles(dataDir);
  if (foreign.length === 0) return;
  const names = foreign.slice(0, 3).join(', ') + (foreign.length > 3 ? ', …' : '');
  throw new StartError(
    `${dataDir} does not look like the data folder of this app: it holds ${names}. Nothing was removed; ` +
      'move those away if it is, or name the right folder with --data.',
  );
}

/** Of the further hosts only those that have run here have a lock. */
function mayRun(dataDir: string, name: ChildName): boolean {
  return name === 'host' || name === 'platform' || existsSync(path.join(dataDir, lockFile(name)));
}

function waitForChild(dataDir: string, name: ChildName, waitMs: number): Lock {
  const lock = takeLock(dataDir, name, waitMs);
  if (lock !== undefined) return lock;
  throw new StartError(`A ${name} process still uses ${dataDir}. Nothing was removed; end it first.`);
}

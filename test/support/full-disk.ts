// Full disks: a limit on the size of files, which any process may be given, and a small file system in memory, which
// needs the right to mount.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isAlive } from 'azure-local/supervisor/process-life';

/** Undefined, or why `limitFileSize` cannot be used here. */
export const whyNoLimits = (): string | undefined => whyNot('prlimit', ['--version']);

/**
 * Lets these processes, and those that they start, write no file beyond `bytes`; undefined lifts the limit. One that has
 * ended is left at that.
 */
export function limitFileSize(pids: readonly number[], bytes: number | undefined): void {
  const limit = `${bytes ?? 'unlimited'}:unlimited`;
  for (const pid of pids.filter(isAlive)) whyNot('prlimit', ['--pid', String(pid), `--fsize=${limit}`]);
}

export interface SmallDisk {
  readonly folder: string;
  remove(): void;
}

/** Mounts a file system of that size, or says why that cannot be done here. */
export function mountSmallDisk(megabytes: number): SmallDisk | { readonly refused: string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'order-saga-small-'));
  const refused = whyNot('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]);
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  if (refused !== undefined) {
    remove();
    return { refused };
  }
  return {
    folder,
    remove() {
      execFileSync('umount', ['--lazy', folder]);
      remove();
    },
  };
}

function whyNot(command: string, args: readonly string[]): string | undefined {
  try {
    execFileSync(command, args, { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return (error as Error).message.trim();
  }
}

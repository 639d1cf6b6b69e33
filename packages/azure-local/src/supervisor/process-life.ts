// Questions about a process that is not a child of the asking one: whether it runs, and how it is killed. For tests,
// demos, and a child that its supervisor has left.
import { readFileSync } from 'node:fs';

/** Whether the process still runs; one that has ended but was not yet collected by its parent (Linux) does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return true;
  }
}

/** SIGKILL; a process that has already ended is left at that. */
export function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

// Watch over the processes of the system: whether they are those that were started, and their memory (Linux).
import { existsSync, readFileSync } from 'node:fs';
import { isAlive } from 'azure-local/supervisor/process-life';
import type { RunningSystem } from 'azure-local/supervisor/running-system';

export interface Memory {
  readonly host: number;
  readonly platform: number;
}

export interface ProcessWatch {
  /** A sentence for every process that has ended or been replaced since the watch began. */
  losses(): readonly string[];
  /** Resident memory in MB; undefined where there is no /proc. */
  memory(): Memory | undefined;
}

export function watchProcesses(system: RunningSystem): ProcessWatch {
  const first = { ...system.pids };
  return {
    losses: () =>
      Object.entries(first)
        .filter(([name, pid]) => !isAlive(pid) || system.pids[name as keyof typeof first] !== pid)
        .map(([name, pid]) => `The ${name} process (${pid}) has ended.`),
    memory: () =>
      existsSync('/proc/self/status')
        ? { host: residentMb(first.host), platform: residentMb(first.platform) }
        : undefined,
  };
}

function residentMb(pid: number): number {
  const status = existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, 'utf8') : '';
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1_024);
}

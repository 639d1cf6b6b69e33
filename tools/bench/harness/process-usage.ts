// Reader of CPU time and memory of other processes, from Linux's /proc; NaN elsewhere, and then the table says so.
import { readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

/** The CPU time that a process has used, in ms, in steps of 10. */
export function cpuMs(pid: number): number {
  const fields = readProc(pid, 'stat').split(') ')[1]?.split(' ') ?? [];
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS_PER_SECOND;
}

/** What a process has in memory now, in MB. */
export function rssMb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readProc(pid, 'status'))?.[1]) / 1_024;
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

/** A value for every process by its name. */
export function byProcess(
  pids: Readonly<Record<string, number>>,
  measure: (pid: number) => number,
): Record<string, number> {
  return Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, measure(pid)]));
}

// CPU time and memory of a process with all that it started, ended ones included: PostgreSQL has a process for each
// connection. Memory that several share counts once.
import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

/** Of one process, from its line in /proc/<pid>/stat. */
export interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** In ms, of the process and of those of its children that have ended. */
  readonly cpuMs: number;
}

/** Reads such a line; the name of the program may have blanks and brackets in it. */
export function statOf(line: string): ProcessStat {
  const after = line.slice(line.lastIndexOf(') ') + 2).split(' ');
  const ticks = after.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return {
    pid: Number.parseInt(line, 10),
    parent: Number(after[1]),
    cpuMs: (ticks * 1_000) / TICKS_PER_SECOND,
  };
}

/** A process and all below it. */
export function treeOf(root: number, all: readonly ProcessStat[]): ProcessStat[] {
  const below = all.filter(({ parent }) => parent === root).flatMap(({ pid }) => treeOf(pid, all));
  return [...all.filter(({ pid }) => pid === root), ...below];
}

export function treeCpuMs(root: number): number {
  return treeOf(root, processes()).reduce((sum, { cpuMs }) => sum + cpuMs, 0);
}

export function treeMb(root: number): number {
  return treeOf(root, processes()).reduce((sum, { pid }) => sum + shareMb(pid), 0);
}

function processes(): ProcessStat[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => textOf(`/proc/${pid}/stat`))
    .filter((line) => line !== '')
    .map(statOf);
}

/** Its memory, and its share of what it has in common with others. */
function shareMb(pid: number): number {
  return Number(/^Pss:\s+(\d+)/m.exec(textOf(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) / 1_024;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // It has ended meanwhile.
    return '';
  }
}

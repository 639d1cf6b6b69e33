// Changes of a stopped system's databases, each in a process of its own: libsql holds a file open until the statements
// of a closed connection are collected, and a file that is held open keeps its log.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import type { CopyRange, SampleOrder } from './store-fill';

/** What is done: see the functions of store-fill.ts. */
export type StoppedChange =
  | { readonly change: 'lift' | 'check'; readonly dataDir: string }
  | {
      readonly change: 'fill';
      readonly dataDir: string;
      readonly sample: SampleOrder;
      readonly range: CopyRange;
    };

const PROGRAM = path.resolve('dist/bench/curve-fill.js');

/** Done when it returns; it says on the terminal how far it is. @throws Error when the process fails. */
export function changeStopped(change: StoppedChange): void {
  execFileSync(process.execPath, [PROGRAM, JSON.stringify(change)], { stdio: 'inherit' });
}

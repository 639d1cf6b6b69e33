// Builds of variants of the app (test/support/app-variants), and what `npm run test:histories` reports of a build.
import { execFile, execFileSync } from 'node:child_process';
import path from 'node:path';

export type Variant =
  | 'inserted-step'
  | 'swapped-steps'
  | 'step-in-between'
  | 'broken-payload'
  /** Knows version 2, a step, an activity and an event type more, and begins orders with version 1. */
  | 'learns-screening'
  /** The release after it: begins orders with version 2. */
  | 'speaks-screening';

/** Builds the variant into `folder`, so that `--app <folder>` runs it. */
export function buildVariant(variant: Variant, folder: string): void {
  execFileSync(process.execPath, [path.join(__dirname, 'app-variants/build.mjs'), variant, folder]);
}

export interface Check {
  readonly exitCode: number;
  readonly output: string;
}

/** Runs the program of `npm run test:histories`, which the build has made. */
export function checkHistories(...flags: readonly string[]): Promise<Check> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['dist/local/check-histories.js', ...flags], (error, stdout, stderr) => {
      resolve({ exitCode: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
}

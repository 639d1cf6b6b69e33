// Check of the doctor: which settings the app reads while it is loaded, and whether it accepts them. The built app is
// loaded in a process of its own, so that this check needs no copy of its table of settings.
import { spawnSync } from 'node:child_process';

/** From local/cli/load-app.ts, as one line of JSON. */
export interface AppLoad {
  /** Names that were asked for, as they were written. */
  readonly read: readonly string[];
  /** Why it did not load; absent when it did. */
  readonly refused?: string;
}

const WITHIN_MS = 30_000;

/** Loads the app in `appRoot` with nothing but `settings` and what a program needs to run. */
export function loadAppWith(
  program: string,
  appRoot: string,
  settings: Readonly<Record<string, string | undefined>>,
): AppLoad {
  const { PATH, HOME } = process.env;
  const { stdout, stderr, error } = spawnSync(process.execPath, [program, appRoot], {
    env: { PATH, HOME, ...settings },
    encoding: 'utf8',
    timeout: WITHIN_MS,
  });
  const line = stdout.trimEnd().split('\n').at(-1) ?? '';
  try {
    return JSON.parse(line) as AppLoad;
  } catch {
    return { read: [], refused: error?.message ?? (stderr.trim() || 'It ended without a word.') };
  }
}

// Restart policy: when a child that ended unasked is started again. Pure.

const WINDOW_MS = 60_000;
const MAX_CRASHES = 10;
const FIRST_DELAY_MS = 100;
export const MAX_DELAY_MS = 5_000;

/**
 * How long to wait before the next start, given when it crashed (the last crash included): 100 ms, doubled for every
 * other crash in the last minute, at most 5 s. Undefined at the tenth crash within a minute: give up.
 */
export function restartDelayMs(crashedAtMs: readonly number[], nowMs: number): number | undefined {
  const recent = crashedAtMs.filter((atMs) => atMs > nowMs - WINDOW_MS).length;
  if (recent >= MAX_CRASHES) return undefined;
  return Math.min(FIRST_DELAY_MS * 2 ** Math.max(0, recent - 1), MAX_DELAY_MS);
}

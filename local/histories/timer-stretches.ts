// Stretches of long timers: what is further away than six days is waited for by the platform in stretches of three, each with
// a timer of its own in the history, of which the orchestrator's code knows one only.

const LONGEST_MS = 6 * 86_400_000;
const STRETCH_MS = 3 * 86_400_000;

/** When the timer fires by which the platform waits from `fromMs` for `finalMs`. */
export function firesAtMs(fromMs: number, finalMs: number): number {
  return finalMs - fromMs > LONGEST_MS ? fromMs + STRETCH_MS : finalMs;
}

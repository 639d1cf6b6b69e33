// Waits for a condition instead of for a time.

const EVERY_MS = 10;
/** Only what hangs takes so long, also on a machine that has much more to do than it can. */
const WITHIN_MS = 120_000;

/** Resolves with the first result of `condition` that is neither undefined nor false; fails naming `what` after `withinMs`. */
export async function until<T>(
  what: string,
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs = WITHIN_MS,
): Promise<T> {
  const deadlineMs = performance.now() + withinMs;
  for (;;) {
    const result = await condition();
    if (result !== undefined && result !== false) return result;
    if (performance.now() > deadlineMs) throw new Error(`Not within ${withinMs / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}

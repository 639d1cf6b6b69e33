// Handler of Ctrl-C and SIGTERM: the first stops in order, the second ends at once.

/** npm hands on the SIGINT that the terminal has already sent to everyone: within this time both are one Ctrl-C. */
const SAME_KEYSTROKE_MS = 500;

export interface StopHandlers {
  stop(): void;
  kill(): void;
}

/** Calls `stop` at the first of `signals` and `kill` at a later one. */
export function onStopSignals(signals: readonly NodeJS.Signals[], handlers: StopHandlers): void {
  let stoppedAtMs: number | undefined;
  const handle = (): void => {
    if (stoppedAtMs === undefined) {
      stoppedAtMs = performance.now();
      handlers.stop();
    } else if (performance.now() - stoppedAtMs > SAME_KEYSTROKE_MS) {
      handlers.kill();
    }
  };
  for (const signal of signals) process.on(signal, handle);
}

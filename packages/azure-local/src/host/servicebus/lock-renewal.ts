// Renews the lock of one message while its function runs. The SDK's own renewal knows messages by their id, of which
// there may be two alike, and goes on after a function has left its message unsettled.
import type { Alarm, Clock } from '../../kit/clock';

export interface RenewedLock {
  readonly lockedUntilUtc?: Date;
}

/** Before the end of a lock, or half of what is left of a short one. */
const MARGIN_MS = 10_000;

/**
 * Renews until the returned function is called, at most for `maxMs`; `renew` moves `lockedUntilUtc`. A renewal that fails
 * is reported once and is the last.
 */
export function keepLocked(
  lock: RenewedLock,
  renew: () => Promise<void>,
  clock: Clock,
  maxMs: number,
  onFailure: (error: unknown) => void,
): () => void {
  const endMs = clock.now() + maxMs;
  let alarm: Alarm | undefined;
  let isStopped = false;
  const arm = (): void => {
    const untilMs = lock.lockedUntilUtc?.getTime();
    if (isStopped || untilMs === undefined) return;
    const remainingMs = Math.max(0, untilMs - clock.now());
    const dueMs = untilMs - Math.min(MARGIN_MS, remainingMs / 2);
    if (dueMs >= endMs) return;
    alarm = clock.alarm(dueMs, () => {
      renew().then(arm, (error: unknown) => {
        if (!isStopped) onFailure(error);
      });
    });
  };
  arm();
  return () => {
    isStopped = true;
    alarm?.cancel();
  };
}

// Sleep that ends early when its abort signal fires.
import type { Clock } from '../kit/clock';

/** Resolves with true after `ms`, or with false as soon as `signal` is aborted; it never rejects. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve(false);
      return;
    }
    const end = (): void => {
      alarm.cancel();
      signal.removeEventListener('abort', end);
      resolve(!signal.aborted);
    };
    const alarm = clock.alarm(clock.now() + ms, end);
    signal.addEventListener('abort', end);
  });
}

// Clock of one process among several: it shows the common time, and its alarms wait while its process is frozen.
import type { Clock } from '../src/kit/clock';

export interface FreezableClock {
  readonly clock: Clock;
  /** The process is stopped, or killed where it never goes on. */
  freeze(): void;
  /** It goes on: what was due meanwhile comes now. */
  thaw(): void;
}

/** `time` is asked at each call, so that the time of all may be replaced. */
export function freezableClock(time: () => Clock): FreezableClock {
  let isFrozen = false;
  let late: (() => void)[] = [];
  return {
    clock: {
      now: () => time().now(),
      alarm: (dueMs, onDue) => {
        let isCancelled = false;
        const fire = (): void => {
          if (isFrozen) late.push(fire);
          else if (!isCancelled) onDue();
        };
        const alarm = time().alarm(dueMs, fire);
        return {
          cancel() {
            isCancelled = true;
            alarm.cancel();
          },
        };
      },
    },
    freeze: () => void (isFrozen = true),
    thaw() {
      isFrozen = false;
      const due = late;
      late = [];
      for (const fire of due) fire();
    },
  };
}

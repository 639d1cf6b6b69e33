// Clock for every time-dependent part of the platform: the wall clock in `npm start`, a manual one in tests.

/** Milliseconds since the epoch, and one-shot alarms measured by the same clock. */
export interface Clock {
  now(): number;
  /**
   * Calls `onDue` once when `now() >= dueMs`, or when as much time has passed though the clock was put back; a moment already
   * past is due at once, but never synchronously.
   */
  alarm(dueMs: number, onDue: () => void): Alarm;
}

export interface Alarm {
  /** Idempotent; after it returns `onDue` will not be called. */
  cancel(): void;
}

/** So often an alarm looks at the clock: Node's timers stand still while a laptop sleeps, and hear of no clock that is set. */
const LOOK_AGAIN_MS = 30_000;

/**
 * The wall clock. Its alarms keep the process alive only as long as something else does. A clock that is put forward
 * brings them sooner; one that is put back does not keep them waiting longer.
 */
export function wallClock(): Clock {
  return {
    now: () => Date.now(),
    alarm(dueMs, onDue) {
      let timeout: NodeJS.Timeout;
      const latestMs = performance.now() + dueMs - Date.now();
      const remainingMs = (): number => Math.min(dueMs - Date.now(), latestMs - performance.now());
      const wait = (ms: number): void => {
        timeout = setTimeout(look, Math.min(LOOK_AGAIN_MS, Math.max(0, ms)));
        timeout.unref();
      };
      // A timer of Node may end a millisecond early: who then reads what is due by the clock would find nothing.
      const look = (): void => {
        const leftMs = remainingMs();
        if (leftMs > 0) wait(leftMs);
        else onDue();
      };
      wait(remainingMs());
      return { cancel: () => clearTimeout(timeout) };
    },
  };
}

/** A clock that moves only on `advance`: five minutes pass in a microsecond. */
export class ManualClock implements Clock {
  private readonly pending = new Set<{ dueMs: number; onDue: () => void }>();

  constructor(private nowMs: number = Date.UTC(2026, 0, 1)) {}

  now(): number {
    return this.nowMs;
  }

  alarm(dueMs: number, onDue: () => void): Alarm {
    const entry = { dueMs, onDue };
    this.pending.add(entry);
    if (dueMs <= this.nowMs) setImmediate(() => this.fire(entry));
    return { cancel: () => this.pending.delete(entry) };
  }

  /** When the next alarm is due, or undefined when none is set. */
  nextDueMs(): number | undefined {
    return this.pending.size === 0 ? undefined : Math.min(...[...this.pending].map((entry) => entry.dueMs));
  }

  /** Moves time forward and fires what falls due, earliest first. */
  advance(byMs: number): void {
    const untilMs = this.nowMs + byMs;
    for (;;) {
      const next = [...this.pending].sort((a, b) => a.dueMs - b.dueMs)[0];
      if (next === undefined || next.dueMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, next.dueMs);
      this.fire(next);
    }
    this.nowMs = untilMs;
  }

  private fire(entry: { dueMs: number; onDue: () => void }): void {
    if (this.pending.delete(entry)) entry.onDue();
  }
}

// Alarm for the earliest of many due times that are on disk.
import type { Alarm, Clock } from '../kit/clock';

export class DueTimes {
  private alarm: Alarm | undefined;
  private dueMs = Infinity;
  private closed = false;

  constructor(
    private readonly clock: Clock,
    private readonly earliestMs: () => number | undefined,
    private readonly onDue: () => void,
  ) {}

  /** Sets the alarm for the earliest moment on disk. */
  look(): void {
    const earliestMs = this.earliestMs();
    if (earliestMs !== undefined) this.mayBe(earliestMs);
  }

  /** There is now such a moment; it may be the earliest. */
  mayBe(atMs: number): void {
    if (this.closed || atMs >= this.dueMs) return;
    this.alarm?.cancel();
    this.dueMs = atMs;
    this.alarm = this.clock.alarm(atMs, () => {
      this.dueMs = Infinity;
      this.onDue();
    });
  }

  close(): void {
    this.closed = true;
    this.alarm?.cancel();
  }
}

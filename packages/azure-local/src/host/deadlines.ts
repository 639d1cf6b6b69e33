// Deadlines of what is under way and has the same time each: what began first is due first, so that one alarm serves all.
import type { Alarm, Clock } from '../kit/clock';

interface Deadline {
  readonly dueMs: number;
  readonly onDue: () => void;
}

export class Deadlines {
  /** In the order in which they are due. */
  private readonly open = new Set<Deadline>();
  private alarm: Alarm | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly afterMs: number,
  ) {}

  /** Calls `onDue` once when the time from now is over, unless what it returns is called before. */
  begin(onDue: () => void): () => void {
    const deadline = { dueMs: this.clock.now() + this.afterMs, onDue };
    this.open.add(deadline);
    this.alarm ??= this.clock.alarm(deadline.dueMs, () => this.look());
    return () => {
      if (!this.open.delete(deadline) || this.open.size > 0) return;
      this.alarm?.cancel();
      this.alarm = undefined;
    };
  }

  /** The one that the alarm was set for may be over; those after it are due later. */
  private look(): void {
    this.alarm = undefined;
    for (const deadline of this.open) {
      if (deadline.dueMs > this.clock.now()) {
        this.alarm = this.clock.alarm(deadline.dueMs, () => this.look());
        return;
      }
      this.open.delete(deadline);
      deadline.onDue();
    }
  }
}

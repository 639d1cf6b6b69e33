// Sequence of the changes of one container: the LSN that the next change takes, and its time.
import { randomInt } from 'node:crypto';

/** Of the first LSN after a restart: wide beside what one lost log can hold, small beside the 2^53 that there are. */
const GAP = 2 ** 20;

/**
 * After a restart the numbers go on behind a random gap: a process whose log lost its end would otherwise give an LSN, and
 * the etag made of it, to other content than before.
 */
export class ChangeSequence {
  private step: number;

  /** `newest` and `lastSeconds` are those of the newest change that is stored; 0 where there is none. */
  constructor(
    private newest: number,
    private lastSeconds: number,
  ) {
    this.step = newest === 0 ? 1 : randomInt(1, GAP);
  }

  get last(): number {
    return this.newest;
  }

  take(): number {
    this.newest += this.step;
    this.step = 1;
    return this.newest;
  }

  /** The time of a change: never before that of the change ahead of it (document-table.T4). */
  stamp(seconds: number): number {
    this.lastSeconds = Math.max(this.lastSeconds, seconds);
    return this.lastSeconds;
  }
}

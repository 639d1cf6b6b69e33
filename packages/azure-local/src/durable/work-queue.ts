// Queue of jobs with bounded concurrency, in order of arrival; it counts the jobs that have not ended.

/** How many begun jobs the list keeps before it lets them go. */
const COMPACT_AT = 1024;

/**
 * How many jobs begin in one turn of the event loop. Jobs that each lead to the next one, such as an orchestration that
 * continues as new without waiting, would otherwise keep all other work waiting, the disk too.
 */
const JOBS_PER_TURN = 100;

/** Runs each job once, at most `limit` at a time. `run` must not reject. */
export class WorkQueue<Job> {
  private waiting: Job[] = [];
  private next = 0;
  private running = 0;
  private begunInTurn = 0;
  private open = true;

  constructor(
    private readonly limit: number,
    private readonly run: (job: Job) => Promise<void>,
    private readonly outstanding: Outstanding,
  ) {}

  push(job: Job): void {
    if (!this.open) return;
    this.outstanding.begin();
    if (this.running < this.limit) this.start(job);
    else this.waiting.push(job);
  }

  /** Forgets what has not begun; later jobs are not taken. */
  close(): void {
    this.open = false;
    for (let left = this.waiting.length - this.next; left > 0; left -= 1) this.outstanding.end();
    this.waiting = [];
    this.next = 0;
  }

  private start(job: Job): void {
    this.running += 1;
    void this.begin(job).then(() => {
      this.running -= 1;
      const following = this.waiting[this.next];
      if (following === undefined) {
        this.waiting = [];
        this.next = 0;
      } else {
        this.next += 1;
        if (this.next === COMPACT_AT) {
          this.waiting = this.waiting.slice(COMPACT_AT);
          this.next = 0;
        }
        this.start(following);
      }
      this.outstanding.end();
    });
  }

  private async begin(job: Job): Promise<void> {
    if (this.begunInTurn === 0) setImmediate(() => (this.begunInTurn = 0));
    this.begunInTurn += 1;
    if (this.begunInTurn > JOBS_PER_TURN) {
      await new Promise(setImmediate);
      if (!this.open) return;
    }
    await this.run(job);
  }
}

/** Counts what has begun and not ended. */
export class Outstanding {
  private count = 0;
  private waiters: (() => void)[] = [];

  begin(): void {
    this.count += 1;
  }

  end(): void {
    this.count -= 1;
    if (this.count > 0) return;
    const waiters = this.waiters;
    this.waiters = [];
    for (const resolve of waiters) resolve();
  }

  /** Resolves when nothing is going on. */
  async none(): Promise<void> {
    while (this.count > 0) await new Promise<void>((resolve) => this.waiters.push(resolve));
  }
}

// Trigger `timerTrigger`: runs a function on schedule, on startup, and once past due when an occurrence was missed.
//
// timer-trigger.T1  A function never runs twice at a time; occurrences that pass while it runs are skipped.
// timer-trigger.T2  The status is on disk before the next occurrence is waited for, so a restart repeats none that
//   ended.
// timer-trigger.T3  A changed schedule is not past due: its next occurrence is computed anew.
// timer-trigger.T4  A run under a retry policy goes on until its retries end; one that closing cuts off counts as
//   missed (past due).
// timer-trigger.T5  A clock that is put back does not silence a timer: a moment that lies ahead of it counts as now.
// timer-trigger.T6  Of several hosts one runs a timer, the one that holds its lease (singleton-listener.ts); it goes on
//   from the status that the host before it left. By hand it runs on the host that is asked.
import type { Alarm, Clock } from '../kit/clock';
import { HostStartError } from './errors';
import type { HostedFunction } from './hosted-function';
import type { Invoke, TriggerEvent } from './invocation';
import type { HostLogger } from '../kit/log';
import { RetriesCutOff, retrying } from './retrying';
import { parseSchedule, type Schedule } from './timer-schedule';
import { SingletonListener } from './singleton-listener';
import type { ScheduleStatus, TimerStorage, TimerStore } from './timer-store';
import type { HostListener, TriggerKind } from './trigger-kind';

export interface TimerDependencies {
  readonly timers: TimerStorage;
  readonly clock: Clock;
  readonly log: HostLogger;
  /** The setting WEBSITE_TIME_ZONE; undefined: UTC. */
  readonly timeZone: string | undefined;
  /** How often a host without the lease of a timer looks at it. */
  readonly leaseRecoveryMs: number;
}

/** .NET's default date: a timer that has not run yet. */
const NEVER = '0001-01-01T00:00:00+00:00';
const CATEGORY = 'Host.Triggers.Timer';
/** A wall-clock alarm may come early, though never so early. */
const EARLY_AT_MOST_MS = 60_000;

export function timerTrigger(dependencies: TimerDependencies): TriggerKind {
  return {
    type: 'timerTrigger',
    takesRetryPolicy: true,
    // The first schedule of a process loads its locale.
    prepare: () => void parseSchedule('0 0 0 * * *', ''),
    listen(functions, invoke) {
      const timers = new Map(functions.map((fn) => [fn.name, hostTimer(fn, dependencies, invoke)]));
      return {
        async start() {
          for (const timer of timers.values()) await timer.start();
        },
        async close() {
          await Promise.all(Array.from(timers.values(), (timer) => timer.close()));
        },
        runNow: (functionName) => timers.get(functionName)?.runNow(),
      };
    },
  };
}

/** A timer of a host that is alone, or of one of several (timer-trigger.T6). */
function hostTimer(
  fn: HostedFunction,
  { timers, clock, log, timeZone, leaseRecoveryMs: recoveryMs }: TimerDependencies,
  invoke: Invoke,
): HostListener & Pick<Timer, 'runNow'> {
  const options = readOptions(fn, timeZone);
  const services = { store: timers.status, clock, log, invoke };
  const { leases } = timers;
  if (leases === undefined) return new Timer(fn, options, services);
  const byHand = new Timer(fn, options, services);
  const scheduled = new SingletonListener({
    name: fn.name,
    lease: leases.lease(`${fn.name}.Listener`),
    periodMs: leases.periodMs,
    recoveryMs,
    clock,
    log,
    begin: (isOurs) => new Timer(fn, options, services, isOurs),
  });
  return {
    start: () => scheduled.start(),
    async close() {
      await Promise.all([byHand.close(), scheduled.close()]);
    },
    runNow: () => byHand.runNow(),
  };
}

interface TimerOptions {
  readonly schedule: Schedule;
  readonly runOnStartup: boolean;
  readonly isMonitored: boolean;
}

interface Services {
  readonly store: TimerStore;
  readonly clock: Clock;
  readonly log: HostLogger;
  readonly invoke: Invoke;
}

class Timer {
  private readonly store: TimerStore | undefined;
  private status: ScheduleStatus | undefined;
  private alarm: Alarm | undefined;
  private running: Promise<void> = Promise.resolve();
  private readonly closing = new AbortController();
  private readonly call: Invoke;

  constructor(
    private readonly fn: HostedFunction,
    private readonly options: TimerOptions,
    private readonly services: Services,
    /** timer-trigger.T6. Asked before each run on schedule. */
    private readonly isOurs = (): Promise<boolean> => Promise.resolve(true),
  ) {
    this.store = options.isMonitored ? services.store : undefined;
    const { clock, log, invoke } = services;
    this.call = retrying(invoke, { clock, log, signal: this.closing.signal });
  }

  async start(): Promise<void> {
    const { schedule, runOnStartup } = this.options;
    const nowMs = this.services.clock.now();
    const stored = await this.store?.load(this.fn.name);
    const isUnchanged =
      stored !== undefined &&
      schedule.next(stored.lastUpdatedMs) === stored.nextMs &&
      !isAhead(stored.lastUpdatedMs, nowMs);
    const isPastDue = isUnchanged && stored.nextMs < nowMs;
    this.status = isUnchanged
      ? stored
      : { lastMs: stored?.lastMs, nextMs: schedule.next(nowMs), lastUpdatedMs: nowMs };
    if (isPastDue) {
      this.services.log.write(
        'information',
        CATEGORY,
        `Function '${this.fn.name}' is past due on startup. Executing now.`,
      );
      this.fire(nowMs, true);
    } else if (runOnStartup) {
      this.fire(nowMs, false);
    } else {
      if (!isUnchanged) await this.store?.save(this.fn.name, this.status);
      this.arm();
    }
  }

  /** Runs it after what is running now; the schedule stays as it is. */
  runNow(): void {
    if (this.closing.signal.aborted) return;
    this.running = this.running.then(async () => {
      await this.invoke(this.services.clock.now(), false);
    });
  }

  async close(): Promise<void> {
    this.closing.abort();
    this.alarm?.cancel();
    await this.running;
  }

  private arm(): void {
    if (this.closing.signal.aborted || this.status === undefined) return;
    const { nextMs } = this.status;
    // A wall-clock alarm may come a moment early: the occurrence counts at its own time, or it would come twice.
    this.alarm = this.services.clock.alarm(nextMs, () =>
      this.fire(Math.max(nextMs, this.services.clock.now()), false),
    );
  }

  private fire(atMs: number, isPastDue: boolean): void {
    this.running = this.running.then(async () => {
      if (!(await this.isOurs())) return;
      if (await this.invoke(atMs, isPastDue)) await this.completed(atMs);
      this.arm();
    });
  }

  /** Whether the run has ended, well or not; false when closing cut its retries off. */
  private async invoke(atMs: number, isPastDue: boolean): Promise<boolean> {
    const { fn, options, status } = this;
    const event: TriggerEvent = {
      data: { json: JSON.stringify(toTimerInfo(options.schedule, status, isPastDue)) },
      reason: `Timer fired at ${toDateText(atMs)}`,
    };
    try {
      await this.call(fn, event);
    } catch (error) {
      // A failure is in the log; a timer has no caller to report to.
      return !(error instanceof RetriesCutOff);
    }
    return true;
  }

  private async completed(atMs: number): Promise<void> {
    const { schedule } = this.options;
    const nowMs = this.services.clock.now();
    const lastUpdatedMs = isAhead(atMs, nowMs) ? nowMs : Math.max(atMs, nowMs);
    // `lastUpdatedMs` is the time that `nextMs` follows from: a restart tells a changed schedule by it.
    this.status = { lastMs: atMs, nextMs: schedule.next(lastUpdatedMs), lastUpdatedMs };
    try {
      await this.store?.save(this.fn.name, this.status);
    } catch (error) {
      this.services.log.write('error', CATEGORY, `The status of timer ${this.fn.name} was not kept.`, error);
    }
  }
}

/** timer-trigger.T5. Whether this moment was written before the clock was put back. */
const isAhead = (ms: number, nowMs: number): boolean => ms - nowMs > EARLY_AT_MOST_MS;

function readOptions({ name, trigger }: HostedFunction, timeZone: string | undefined): TimerOptions {
  const { schedule, runOnStartup, useMonitor } = trigger;
  if (typeof schedule !== 'string') {
    throw new HostStartError(
      `Function ${name} is a timer without a schedule: give it one, such as "0 */5 * * * *".`,
    );
  }
  const parsed = parseSchedule(schedule, name, timeZone);
  return {
    schedule: parsed,
    runOnStartup: runOnStartup === true,
    isMonitored: parsed.isMonitored && useMonitor !== false,
  };
}

function toTimerInfo(schedule: Schedule, status: ScheduleStatus | undefined, isPastDue: boolean): object {
  return {
    Schedule: { AdjustForDST: schedule.adjustForDST },
    ScheduleStatus:
      status === undefined
        ? null
        : {
            Last: status.lastMs === undefined ? NEVER : toDateText(status.lastMs),
            Next: toDateText(status.nextMs),
            LastUpdated: toDateText(status.lastUpdatedMs),
          },
    IsPastDue: isPastDue,
  };
}

function toDateText(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '+00:00');
}

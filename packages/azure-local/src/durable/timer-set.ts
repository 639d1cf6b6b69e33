// Set of the alarms of open timers.
import type { Alarm, Clock } from '../kit/clock';
import type { Instance } from './instance';
import type { TimerTask } from './tasks';
import type { Outstanding } from './work-queue';

/** One alarm per open timer. A timer that is already due counts as work going on until it fires. */
export class TimerSet {
  private readonly alarms = new Map<Instance, Map<number, Alarm>>();
  private open = true;

  constructor(
    private readonly clock: Clock,
    private readonly outstanding: Outstanding,
  ) {}

  /** Calls `onDue` once when the timer is due, never synchronously, unless it is silenced first. */
  arm(instance: Instance, timer: TimerTask, onDue: () => void): void {
    if (!this.open) return;
    const isDue = timer.fireAtMs <= this.clock.now();
    if (isDue) this.outstanding.begin();
    const settle = (): void => {
      if (isDue) this.outstanding.end();
    };
    const alarm = this.clock.alarm(timer.fireAtMs, () => {
      this.take(instance, timer.id);
      onDue();
      settle();
    });
    const ofInstance = this.alarms.get(instance) ?? new Map<number, Alarm>();
    this.alarms.set(instance, ofInstance);
    ofInstance.set(timer.id, {
      cancel: () => {
        alarm.cancel();
        settle();
      },
    });
  }

  /** After it returns the timer will not be heard. Nothing happens when it is not set. */
  silence(instance: Instance, id: number): void {
    this.take(instance, id)?.cancel();
  }

  /** Silences all, for good. */
  close(): void {
    this.open = false;
    for (const ofInstance of this.alarms.values()) for (const alarm of ofInstance.values()) alarm.cancel();
    this.alarms.clear();
  }

  private take(instance: Instance, id: number): Alarm | undefined {
    const ofInstance = this.alarms.get(instance);
    const alarm = ofInstance?.get(id);
    if (ofInstance?.delete(id) === true && ofInstance.size === 0) this.alarms.delete(instance);
    return alarm;
  }
}

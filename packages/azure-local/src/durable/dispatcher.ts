// Dispatcher of scheduled tasks in the mode `atomic`: runs activities, arms timers, starts sub-orchestrations. Q… are
// invariants at the head of engine.ts.
import { callActivity } from './activity';
import type { Clock } from '../kit/clock';
import type { DurableFunctionInvoker } from './contract';
import { timerFired, timestamp } from './history-events';
import { HTTP_ACTIVITY, type callHttp } from './http-activity';
import { isOpen, type Instance, type Message } from './instance';
import type { ActivityTask, Task } from './tasks';
import { TimerSet } from './timer-set';
import { WorkQueue, type Outstanding } from './work-queue';

export interface DispatcherOptions {
  readonly clock: Clock;
  readonly functions: DurableFunctionInvoker;
  readonly maxConcurrentActivities: number;
  readonly outstanding: Outstanding;
  readonly callHttp: typeof callHttp;
  /** Takes the end of a task. */
  deliver(instance: Instance, message: Message): void;
}

interface ActivityRun {
  readonly instance: Instance;
  readonly task: ActivityTask;
}

/** Made by the engine; it knows no history and writes nothing. */
export class Dispatcher {
  private readonly timers: TimerSet;
  private readonly activities: WorkQueue<ActivityRun>;
  private readonly abandoned = new AbortController();

  constructor(private readonly options: DispatcherOptions) {
    const { clock, outstanding, maxConcurrentActivities } = options;
    this.timers = new TimerSet(clock, outstanding);
    this.activities = new WorkQueue(maxConcurrentActivities, (run) => this.runActivity(run), outstanding);
  }

  /** durable-engine.Q2. To be called when what scheduled the task is on disk. */
  dispatch(instance: Instance, task: Task): void {
    if (task.kind === 'sub' || !isOpen(instance, task)) return;
    if (task.kind === 'activity') {
      this.activities.push({ instance, task });
      return;
    }
    this.timers.arm(instance, task, () => {
      const event = timerFired(task.id, timestamp(task.fireAtMs), task.createdAt);
      this.options.deliver(instance, { kind: 'task', event, taskId: task.id });
    });
  }

  /** After it returns a timer with this id will not be heard. */
  silence(instance: Instance, id: number): void {
    this.timers.silence(instance, id);
  }

  /** Lets nothing more begin or fire; what runs, runs on. */
  close(): void {
    this.activities.close();
    this.timers.close();
  }

  /** Gives up what still runs over the network. */
  abandon(): void {
    this.abandoned.abort();
  }

  private async runActivity({ instance, task }: ActivityRun): Promise<void> {
    if (!isOpen(instance, task)) return;
    const { functions, clock } = this.options;
    const end =
      task.name === HTTP_ACTIVITY
        ? await this.options.callHttp(task.id, task.input ?? '', clock, this.abandoned.signal)
        : await callActivity(functions, clock, instance.facts.id, task);
    if (!isOpen(instance, task)) return;
    this.options.deliver(instance, { kind: 'task', taskId: task.id, ...end });
  }
}

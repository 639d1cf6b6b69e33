// Worker that runs activities from the work-item queue. Follows DurableTask.AzureStorage
// (CompleteTaskActivityWorkItemAsync): the answer is in the control queue before the work item is deleted, so an
// activity whose host dies before the deletion runs again and is answered again.
import { callActivity, type ActivityEnd } from '../activity';
import type { Clock } from '../../kit/clock';
import type { DurableFunctionInvoker } from '../contract';
import { taskFailed, timestamp } from '../history-events';
import { HTTP_ACTIVITY, type callHttp } from '../http-activity';
import type { ActivityTask } from '../tasks';
import type { Outstanding } from '../work-queue';
import { HeldMessages } from './held-messages';
import type { HubStorage } from './hub-storage';
import type { WorkItem } from './messages';

export interface ActivityWorkerOptions {
  readonly storage: HubStorage;
  readonly clock: Clock;
  readonly functions: DurableFunctionInvoker;
  readonly callHttp: typeof callHttp;
  readonly outstanding: Outstanding;
  readonly limit: number;
  readonly visibilityMs: number;
  readonly queueOf: (instanceId: string) => string;
  /** Called with the error of a storage operation that failed. */
  readonly fail: (error: unknown) => void;
  /** Called when there is room for another one. */
  readonly onRoom: () => void;
}

/** Made by the engine. */
export class ActivityWorker {
  private readonly running = new Map<
    number,
    { readonly item: WorkItem; readonly held: HeldMessages<WorkItem> }
  >();
  private readonly abandoned = new AbortController();

  constructor(private readonly options: ActivityWorkerOptions) {}

  get room(): number {
    return this.options.limit - this.running.size;
  }

  /** Begins with an item that was taken from the queue. */
  begin(item: WorkItem): void {
    const { outstanding, storage, clock, visibilityMs, fail, onRoom } = this.options;
    const held = new HeldMessages(storage, clock, visibilityMs, [item]);
    // One that is already running here is not run a second time by the same host (activeActivitySessions).
    if (this.running.has(item.id)) {
      held.letGo();
      return;
    }
    this.running.set(item.id, { item, held });
    outstanding.begin();
    this.run(item, held)
      .catch(fail)
      .finally(() => {
        held.letGo();
        this.running.delete(item.id);
        outstanding.end();
        onRoom();
      });
  }

  /** Makes what still runs visible again: what a host does that stops. A later answer of it is ignored. */
  async release(): Promise<void> {
    for (const { item, held } of [...this.running.values()]) {
      held.letGo();
      await held.abandon([item], 'activityReleased');
    }
  }

  /** Gives up what still runs over the network. */
  abandon(): void {
    for (const { held } of this.running.values()) held.letGo();
    this.abandoned.abort();
  }

  private async run(item: WorkItem, held: HeldMessages<WorkItem>): Promise<void> {
    const { storage, clock, queueOf } = this.options;
    const { instanceId, executionId, body } = item;
    const { event, hasFailed, poll } = await this.call(instanceId, body.task);
    const answer = {
      kind: 'task' as const,
      event,
      taskId: body.task.id,
      ...(hasFailed === undefined ? undefined : { hasFailed }),
      ...(poll === undefined ? undefined : { poll }),
    };
    await storage.commit({ name: 'answerSent', instanceId, what: body.task.name }, ({ messages }) =>
      messages.add({ queue: queueOf(instanceId), instanceId, executionId, body: answer }, clock.now()),
    );
    await held.delete([item], 'activityDeleted');
  }

  private async call(instanceId: string, task: ActivityTask): Promise<ActivityEnd> {
    const { functions, clock } = this.options;
    if (task.name === HTTP_ACTIVITY)
      return this.options.callHttp(task.id, task.input ?? '', clock, this.abandoned.signal);
    if (functions.kindOf(task.name) === 'activity') return callActivity(functions, clock, instanceId, task);
    // Recorded: a host of another release, which does not know the activity, answers so at once.
    const why = `Activity function '${task.name}' does not exist`;
    return { event: taskFailed(task.id, why, '', timestamp(clock.now())), hasFailed: true };
  }
}

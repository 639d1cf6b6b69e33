// Reader of this host's queues: dequeues messages as they become visible. Follows DurableTask.AzureStorage,
// Messaging/ControlQueue.cs and WorkItemQueue.cs: up to 32 control messages at a time, in the order in which they were
// enqueued.
//
// queue-reader.G1  Within the process a commit wakes the reader; what other processes write is found by looking every
//   now and then.
import type { Alarm, Clock } from '../../kit/clock';
import type { Outstanding } from '../work-queue';
import type { ActivityWorker } from './activity-worker';
import type { HubStorage } from './hub-storage';
import { WORK_ITEMS, type ControlMessage, type WorkItem } from './messages';
import type { MomentName } from './moments';
import type { OrchestrationWorker } from './orchestration-worker';

/** ControlQueueBatchSize, ControlQueueBufferThreshold. */
const AT_A_TIME = 32;
const BUFFERED_AT_MOST = 256;

export interface QueueReaderOptions {
  readonly storage: HubStorage;
  readonly clock: Clock;
  readonly outstanding: Outstanding;
  /** How often to look for what other processes wrote; never when undefined. */
  readonly pollMs: number | undefined;
  readonly controlVisibilityMs: number;
  readonly workItemVisibilityMs: number;
  readonly activities: ActivityWorker;
  readonly orchestrations: OrchestrationWorker;
  /** The control queues that this host may read. */
  readonly queues: () => readonly string[];
  /** Takes out starts that are not to be heard. */
  readonly screen: (messages: readonly ControlMessage[]) => Promise<readonly ControlMessage[]>;
  readonly fail: (error: unknown) => void;
  /** Called when other processes may have written. */
  readonly onPoll: () => void;
}

/** Made by the engine. */
export class QueueReader {
  private alarm: Alarm | undefined;
  private poll: Alarm | undefined;
  private isOpen = false;
  private isReading = false;
  private isWoken = false;

  constructor(private readonly options: QueueReaderOptions) {}

  start(): void {
    this.isOpen = true;
    this.wake();
    this.armPoll();
  }

  close(): void {
    this.isOpen = false;
    this.alarm?.cancel();
    this.poll?.cancel();
  }

  /** Something may have become visible, or there is room for it. */
  wake(): void {
    this.isWoken = true;
    if (!this.isOpen || this.isReading) return;
    this.isReading = true;
    const { outstanding, fail } = this.options;
    outstanding.begin();
    this.read()
      .catch(fail)
      .finally(() => {
        this.isReading = false;
        this.armAlarm();
        outstanding.end();
      });
  }

  private async read(): Promise<void> {
    while (this.isWoken && this.isOpen) {
      this.isWoken = false;
      for (const queue of this.options.queues()) await this.readControl(queue);
      await this.readWorkItems();
    }
  }

  private async readControl(queue: string): Promise<void> {
    const { controlVisibilityMs, orchestrations, screen } = this.options;
    while (this.isOpen && orchestrations.pending.size < BUFFERED_AT_MOST) {
      const taken = await this.take<ControlMessage>(
        'controlMessagesTaken',
        queue,
        AT_A_TIME,
        controlVisibilityMs,
      );
      if (taken.length === 0) return;
      // MessageOrderingComparer: within one batch by the time of insertion.
      const ordered = [...taken].sort((a, b) => a.insertedMs - b.insertedMs || a.id - b.id);
      orchestrations.accept(await screen(ordered));
    }
  }

  private async readWorkItems(): Promise<void> {
    const { activities, workItemVisibilityMs } = this.options;
    while (this.isOpen && activities.room > 0) {
      const [item] = await this.take<WorkItem>('activityTaken', WORK_ITEMS, 1, workItemVisibilityMs);
      if (item === undefined) return;
      activities.begin(item);
    }
  }

  private async take<M>(
    name: MomentName,
    queue: string,
    limit: number,
    hiddenMs: number,
  ): Promise<readonly M[]> {
    const { storage, clock } = this.options;
    const dueMs = storage.hub.messages.nextVisibleMs(queue);
    if (dueMs === undefined || dueMs > clock.now()) return [];
    const moment = { name, instanceId: '', what: queue };
    return storage.commit(moment, (hub) => hub.messages.take(queue, limit, clock.now(), hiddenMs) as M[]);
  }

  private armAlarm(): void {
    this.alarm?.cancel();
    if (!this.isOpen) return;
    const { storage, clock, queues, activities } = this.options;
    const readable = [...queues(), ...(activities.room > 0 ? [WORK_ITEMS] : [])];
    const dueMs = Math.min(
      ...readable.map((queue) => storage.hub.messages.nextVisibleMs(queue) ?? Number.POSITIVE_INFINITY),
    );
    if (dueMs !== Number.POSITIVE_INFINITY) this.alarm = clock.alarm(dueMs, () => this.wake());
  }

  private armPoll(): void {
    const { pollMs, clock } = this.options;
    if (pollMs === undefined || !this.isOpen) return;
    this.poll = clock.alarm(clock.now() + pollMs, () => {
      this.options.onPoll();
      this.armPoll();
    });
  }
}

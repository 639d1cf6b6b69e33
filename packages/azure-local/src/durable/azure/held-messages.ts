// Messages that a host is working on: kept invisible by renewal, then deleted, or abandoned. Follows DurableTask.Core
// (RenewUntil of the dispatchers) and DurableTask.AzureStorage, Messaging/TaskHubQueue.cs.
import type { Alarm, Clock } from '../../kit/clock';
import type { HubStorage } from './hub-storage';
import type { QueueMessage } from './messages';
import type { MomentName } from './moments';

/** Renewed so long before the visibility ends, at least this often, and in any case when half of it is over. */
const RENEW_MARGIN_MS = 30_000;
const RENEW_AT_LEAST_MS = 30_000;
const RENEW_AT_MOST_MS = 5_000;

/** TaskHubQueue.AbandonMessageAsync: 2, 4, 8… seconds, at most 600. */
const ABANDONED_AT_MOST_S = 600;

export const abandonedMs = (dequeueCount: number): number =>
  Math.min(2 ** dequeueCount, ABANDONED_AT_MOST_S) * 1000;

/** The messages of one episode, or the one of an activity. */
export class HeldMessages<M extends QueueMessage> {
  private readonly held = new Map<number, M>();
  private alarm: Alarm | undefined;
  private isLetGo = false;

  constructor(
    private readonly storage: HubStorage,
    private readonly clock: Clock,
    private readonly visibilityMs: number,
    messages: readonly M[],
  ) {
    for (const message of messages) this.held.set(message.id, message);
    this.armRenewal();
  }

  /** Ends the renewal; what is left stays hidden until its visibility ends. */
  letGo(): void {
    this.isLetGo = true;
    this.alarm?.cancel();
  }

  /** The message with its latest receipt. */
  current = (message: M): M => this.held.get(message.id) ?? message;

  /** A receipt that is no longer the latest deletes nothing: another host has the message, which comes again there. */
  async delete(messages: readonly M[], name: MomentName): Promise<void> {
    for (const message of messages) {
      const moment = { name, instanceId: message.instanceId, what: message.body.kind };
      await this.storage.commit(moment, ({ messages: queue }) => queue.delete(this.current(message)));
      this.held.delete(message.id);
    }
  }

  /** Makes them visible again, the later the more often they were taken. */
  async abandon(messages: readonly M[], name: MomentName): Promise<void> {
    for (const message of messages) {
      const moment = { name, instanceId: message.instanceId, what: message.body.kind };
      const untilMs = this.clock.now() + abandonedMs(message.dequeueCount);
      await this.storage.commit(moment, ({ messages: queue }) =>
        queue.hideUntil(this.current(message), untilMs),
      );
      this.held.delete(message.id);
    }
  }

  private armRenewal(): void {
    const delayMs = Math.min(
      Math.max(this.visibilityMs - RENEW_MARGIN_MS, RENEW_AT_MOST_MS),
      RENEW_AT_LEAST_MS,
      this.visibilityMs / 2,
    );
    this.alarm = this.clock.alarm(this.clock.now() + delayMs, () => {
      if (this.isLetGo || this.storage.isOver()) return;
      void this.renew();
      this.armRenewal();
    });
  }

  private async renew(): Promise<void> {
    const untilMs = this.clock.now() + this.visibilityMs;
    for (const message of [...this.held.values()]) {
      const moment = {
        name: 'messageRenewed',
        instanceId: message.instanceId,
        what: message.body.kind,
      } as const;
      await this.storage.commit(moment, ({ messages: queue }) => {
        const renewed = this.held.has(message.id)
          ? queue.hideUntil(this.current(message), untilMs)
          : undefined;
        if (renewed !== undefined) this.held.set(message.id, renewed);
      });
    }
  }
}

// Control messages that a host has dequeued and no episode has begun with, gathered per execution. Follows
// DurableTask.AzureStorage, OrchestrationSessionManager.cs (AddMessageToPendingOrchestration, GetNextSessionAsync).
import type { ControlMessage } from './messages';

export interface Batch {
  readonly instanceId: string;
  /** Null as long as every message is for any execution. */
  executionId: string | null;
  readonly messages: ControlMessage[];
}

/** In the order in which their first message came. */
export class PendingBatches {
  private batches: Batch[] = [];

  /** A start begins a batch of its own; anything else joins the latest batch of its execution. */
  add(message: ControlMessage): void {
    const { instanceId, executionId, body } = message;
    const batch = body.kind === 'start' ? undefined : this.joinable(instanceId, executionId);
    if (batch === undefined) {
      this.batches.push({ instanceId, executionId, messages: [message] });
      return;
    }
    batch.executionId ??= executionId;
    // Taken a second time, because its visibility ended while it waited here: the later receipt counts.
    const at = batch.messages.findIndex(({ id }) => id === message.id);
    if (at < 0) batch.messages.push(message);
    else batch.messages[at] = message;
  }

  /** The first batch whose instance has no episode going on. */
  takeNext(isActive: (instanceId: string) => boolean): Batch | undefined {
    const at = this.batches.findIndex(({ instanceId }) => !isActive(instanceId));
    return at < 0 ? undefined : this.batches.splice(at, 1)[0];
  }

  /** How many messages wait. */
  get size(): number {
    return this.batches.reduce((sum, { messages }) => sum + messages.length, 0);
  }

  has = (instanceId: string): boolean => this.batches.some((batch) => batch.instanceId === instanceId);

  clear(): void {
    this.batches = [];
  }

  private joinable(instanceId: string, executionId: string | null): Batch | undefined {
    return this.batches.findLast(
      (batch) =>
        batch.instanceId === instanceId &&
        (executionId === null || batch.executionId === null || batch.executionId === executionId),
    );
  }
}

// Test control of a hub's queues: which invisible message becomes visible first, which late, which twice. It changes
// the queues as time and the faults of a real queue would, so hosts on the hub cannot tell.
import type { SharedFile } from '../../storage/shared-file';
import { createMessages, type QueueMessage } from './messages';

export interface HubControl {
  /** Every message, hidden or not, by queue and visibility. */
  messages(): QueueMessage[];
  /** Makes messages visible at once, in one commit, so that they can share a batch. */
  reveal(messages: readonly QueueMessage[], nowMs: number): Promise<void>;
  /** Hides a message until a moment, also while a host holds it. */
  hide(message: QueueMessage, untilMs: number): Promise<void>;
  /** Puts a copy of a message beside it, visible at once, as a queue may that delivers at least once. */
  duplicate(message: QueueMessage, nowMs: number): Promise<void>;
}

/** The control of the hub in `file`. */
export function createHubControl(file: SharedFile): HubControl {
  const queues = createMessages(file);
  const move = file.statement('UPDATE hub_messages SET visible_ms = ?, receipt = receipt + 1 WHERE id = ?');
  return {
    messages: () => queues.all(),
    reveal: (messages, nowMs) => file.commit(() => messages.forEach(({ id }) => move.run(nowMs, id))),
    hide: (message, untilMs) => file.commit(() => void move.run(untilMs, message.id)),
    duplicate: ({ queue, instanceId, executionId, body }, nowMs) =>
      file.commit(() => queues.add({ queue, instanceId, executionId, body }, nowMs)),
  };
}

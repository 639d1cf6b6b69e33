// Lane of a mailbox: its available messages in order, and the receivers that wait for them. A lane is a whole queue,
// or one session of it.
import type { Lock } from './locks';
import type { StoredMessage } from './message-store';
import { ReadyList, type ReadPage } from './ready-list';

/** Who takes messages; the broker's side of a receiver link. */
export interface Consumer {
  /** Whether it settles what it gets; otherwise a message is deleted as it is handed out. */
  readonly settles: boolean;
  /** Whether it can take one more message now. */
  hasRoom(): boolean;
  /**
   * Takes a message, to be passed on once `written` has resolved: then the delivery is counted or, without a lock, the
   * message deleted. A rejection means that it still lies in the queue.
   */
  take(message: StoredMessage, lock: Lock | undefined, written: Promise<unknown>): void;
  /** Its session is no longer its own. */
  sessionLost(id: string): void;
}

export class Lane {
  readonly ready: ReadyList;
  private readonly consumers: Consumer[] = [];

  constructor(
    readPage: ReadPage,
    newest: number,
    /** The session, when the lane is one. */
    readonly session: { readonly id: string } | undefined,
  ) {
    this.ready = new ReadyList(readPage, newest);
  }

  enter(consumer: Consumer): void {
    this.consumers.push(consumer);
  }

  leave(consumer: Consumer): void {
    const at = this.consumers.indexOf(consumer);
    if (at >= 0) this.consumers.splice(at, 1);
  }

  /** The consumer whose turn it is, of those with room. */
  next(): Consumer | undefined {
    return this.consumers.find((consumer) => consumer.hasRoom());
  }

  /** It has had its turn: all others come before it now. */
  served(consumer: Consumer): void {
    this.leave(consumer);
    this.enter(consumer);
  }
}

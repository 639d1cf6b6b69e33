// Link on which replies go out: a request is carried out when its reply can be sent, not before, so that a client that
// takes no replies makes the broker keep none.
//
// reply-link.P1  A reply that is being made counts against the link's credit, and against the outlet with what it may
//   come to.
// reply-link.P2  Requests that wait are carried out in the order in which they came; of too many, the last are refused.
import type { EventContext, Sender } from 'rhea';
import { repliesNotTaken, replyLinkGone } from './errors';
import type { Outlet } from './outlet';
import { creditOf, dropBytes, freeSlot, sessionHasRoom, writtenOrDrained } from './rhea-seam';

const WAITING_BYTES_AT_MOST = 4 * 1024 * 1024;

export interface ReplySize {
  readonly requestBytes: number;
  /** About as much as its reply may come to; 0 for a small one. */
  readonly replyBytes: number;
}

interface Waiting extends ReplySize {
  readonly go: () => void;
  readonly refuse: (error: Error) => void;
}

export class ReplyLink {
  private waiting: Waiting[] = [];
  private waitingBytes = 0;
  /** Replies that are being made. */
  private promised = 0;
  /** Replies handed to rhea; its delivery count follows as they are written. */
  private issued = 0;

  constructor(
    private readonly sender: Sender,
    private readonly outlet: Outlet,
  ) {
    sender.on('sender_flow', () => this.refill());
    for (const outcome of ['accepted', 'rejected', 'released', 'modified', 'settled'])
      sender.on(outcome, ({ delivery }: EventContext) => {
        if (delivery !== undefined) freeSlot(delivery);
      });
  }

  isOf(session: unknown): boolean {
    return this.sender.session === session;
  }

  /**
   * Makes a reply once it can be sent, and sends it; false when the link has gone meanwhile.
   * @throws BrokerError when the link goes before the reply is made, or too much waits already.
   */
  async reply(size: ReplySize, make: () => Promise<Buffer>): Promise<boolean> {
    await this.room(size);
    try {
      const bytes = await make();
      if (!this.sender.is_open()) return false;
      this.send(bytes);
      return true;
    } finally {
      this.promised -= 1;
      this.outlet.remove(size.replyBytes);
    }
  }

  /** There may be room for what waits. */
  refill(): void {
    for (let next = this.waiting[0]; next !== undefined && this.hasRoom(); next = this.waiting[0]) {
      this.waiting.shift();
      this.waitingBytes -= next.requestBytes;
      this.reserve(next);
      next.go();
    }
  }

  /** The link is closed: what waits will not be carried out. */
  leave(): void {
    const { waiting } = this;
    this.waiting = [];
    this.waitingBytes = 0;
    for (const { refuse } of waiting) refuse(replyLinkGone());
  }

  private room(size: ReplySize): Promise<void> {
    return new Promise((go, refuse) => {
      if (this.waiting.length === 0 && this.hasRoom()) {
        this.reserve(size);
        go();
      } else if (this.waitingBytes + size.requestBytes > WAITING_BYTES_AT_MOST) refuse(repliesNotTaken());
      else {
        this.waitingBytes += size.requestBytes;
        this.waiting.push({ ...size, go, refuse });
      }
    });
  }

  /** reply-link.P1. */
  private hasRoom(): boolean {
    const queued = this.issued - writtenOrDrained(this.sender);
    return (
      creditOf(this.sender) - queued - this.promised > 0 &&
      sessionHasRoom(this.sender) &&
      this.outlet.hasRoom()
    );
  }

  private reserve({ replyBytes }: ReplySize): void {
    this.promised += 1;
    this.outlet.add(replyBytes);
  }

  private send(bytes: Buffer): void {
    const delivery = this.sender.send(bytes, undefined, 0);
    this.issued += 1;
    this.outlet.add(bytes.length);
    // rhea writes at the next tick; this runs after it.
    process.nextTick(() => {
      dropBytes(delivery);
      this.outlet.remove(bytes.length);
    });
  }
}

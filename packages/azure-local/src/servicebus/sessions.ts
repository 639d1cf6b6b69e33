// Sessions of a mailbox: their holders, and the receivers that wait for the next available one.
//
// servicebus-sessions.N1  A session has one holder. Its lock ends with its time, with its link, or with the broker;
//   what the holder had not settled is then available again, and counts as delivered only when the time ran out.
// servicebus-sessions.N2  Within a session messages are handed out in the order of their sequence numbers.
import type { Alarm, Clock } from '../kit/clock';
import { noSession, sessionHeld, sessionLockLost } from './errors';
import type { Consumer, Lane } from './lane';
import type { Mailbox } from './mailbox';
import type { MessageStore } from './message-store';

/** A session with a holder. */
export interface Hold {
  readonly id: string;
  readonly lane: Lane;
  readonly consumer: Consumer;
  untilMs: number;
  alarm: Alarm;
}

/** Somebody who waits for any session. */
interface Waiter {
  readonly consumer: Consumer;
  readonly accept: (hold: Hold) => void;
  readonly alarm: Alarm;
}

const PAGE = 256;

export class Sessions {
  private readonly holds = new Map<string, Hold>();
  private readonly waiters: Waiter[] = [];

  constructor(
    private readonly mailbox: Mailbox,
    private readonly store: MessageStore,
    private readonly clock: Clock,
  ) {}

  /** Takes a session by name; refused while another receiver has it. */
  accept(id: string, consumer: Consumer): Hold {
    if (this.holds.has(id)) throw sessionHeld(id);
    const lane = this.mailbox.openLane({ id });
    const hold: Hold = { id, lane, consumer, untilMs: 0, alarm: { cancel: () => undefined } };
    this.holds.set(id, hold);
    this.prolong(hold);
    lane.enter(consumer);
    return hold;
  }

  /** Takes the session with the oldest available message, now or when there is one; after `withinMs` it is refused. */
  acceptNext(
    consumer: Consumer,
    withinMs: number,
    accept: (hold: Hold) => void,
    refuse: (error: Error) => void,
  ): void {
    const id = this.firstFree();
    if (id !== undefined) {
      accept(this.accept(id, consumer));
      return;
    }
    const alarm = this.clock.alarm(this.clock.now() + withinMs, () => {
      this.forget(consumer);
      refuse(noSession());
    });
    this.waiters.push({ consumer, accept, alarm });
  }

  /** A message of the session is available: a waiting receiver may have it. */
  offer(id: string): void {
    if (this.holds.has(id)) return;
    const waiter = this.waiters.shift();
    if (waiter === undefined) return;
    waiter.alarm.cancel();
    waiter.accept(this.accept(id, waiter.consumer));
  }

  /** The link is gone: its session is free, and it no longer waits for one. */
  leave(consumer: Consumer): void {
    this.forget(consumer);
    for (const hold of this.holds.values()) if (hold.consumer === consumer) this.end(hold, false);
  }

  /** Prolongs the lock of a held session and gives the moment it ends. */
  renew(id: string): number {
    const hold = this.held(id);
    this.prolong(hold);
    return hold.untilMs;
  }

  held(id: string): Hold {
    const hold = this.holds.get(id);
    if (hold === undefined) throw sessionLockLost(id);
    return hold;
  }

  close(): void {
    for (const { alarm } of [...this.holds.values(), ...this.waiters]) alarm.cancel();
  }

  private prolong(hold: Hold): void {
    hold.alarm.cancel();
    hold.untilMs = this.clock.now() + this.mailbox.rules.lockDurationMs;
    hold.alarm = this.clock.alarm(hold.untilMs, () => {
      this.end(hold, true);
      hold.consumer.sessionLost(hold.id);
    });
  }

  private end(hold: Hold, counted: boolean): void {
    hold.alarm.cancel();
    this.holds.delete(hold.id);
    this.mailbox.closeLane(hold.id, counted);
    const next = this.waiters.length > 0 ? this.firstFree() : undefined;
    if (next !== undefined) this.offer(next);
  }

  private forget(consumer: Consumer): void {
    const at = this.waiters.findIndex((waiter) => waiter.consumer === consumer);
    if (at >= 0) this.waiters.splice(at, 1)[0]?.alarm.cancel();
  }

  private firstFree(): string | undefined {
    for (let after = 0; ;) {
      const page = this.store.sessionsAfter(this.mailbox.entity, after, PAGE);
      const free = page.find(({ session }) => !this.holds.has(session));
      if (free !== undefined || page.length < PAGE) return free?.session;
      after = page.at(-1)?.sequence ?? after;
    }
  }
}

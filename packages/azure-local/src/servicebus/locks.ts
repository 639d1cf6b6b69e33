// Message locks of one mailbox, in memory: a crash releases them all. All of them last equally long, so the order of
// insertion is the order of expiry; a renewed lock goes to the end.
import type { Alarm, Clock } from '../kit/clock';
import { newLockToken } from './lock-token';
import type { MessageRow } from './message-store';

export interface Lock {
  readonly token: string;
  readonly sequence: number;
  /** Deliveries begun, this one counted. */
  readonly deliveries: number;
  readonly expiresAtMs: number | null;
  /** Whether the message is set aside: it then goes back to that, not to the queue. */
  readonly deferred: boolean;
  /** The session through which it was handed out; such a lock lasts as long as the session's. */
  readonly session: string | undefined;
  readonly untilMs: number;
}

export class Locks {
  private readonly byToken = new Map<string, Lock>();
  private readonly sequences = new Set<number>();
  private alarm: Alarm | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly durationMs: number,
    private readonly onExpired: (lock: Lock) => void,
  ) {}

  /** Locks a message; `session` has its own, longer lock, which is why its messages' locks never expire alone. */
  lock(message: MessageRow, session: { readonly id: string } | undefined, deferred: boolean): Lock {
    const lock: Lock = {
      token: newLockToken(),
      sequence: message.sequence,
      deliveries: message.deliveries + 1,
      expiresAtMs: message.expiresAtMs,
      deferred,
      session: session?.id,
      untilMs: session === undefined ? this.clock.now() + this.durationMs : Infinity,
    };
    this.byToken.set(lock.token, lock);
    this.sequences.add(lock.sequence);
    if (lock.untilMs !== Infinity) this.arm();
    return lock;
  }

  isLocked(sequence: number): boolean {
    return this.sequences.has(sequence);
  }

  /** Ends a lock that is held, undefined when it is lost. The message stays out of reach until it is freed. */
  take(token: string): Lock | undefined {
    const lock = this.find(token);
    if (lock !== undefined) this.byToken.delete(token);
    return lock;
  }

  /** Whatever was decided about a taken message has been done. */
  free({ sequence }: Lock): void {
    this.sequences.delete(sequence);
  }

  /** Prolongs a lock; gives the moment it now ends, undefined when it is lost. */
  renew(token: string): number | undefined {
    const lock = this.find(token);
    if (lock === undefined) return undefined;
    const untilMs = this.clock.now() + this.durationMs;
    this.byToken.delete(token);
    this.byToken.set(token, { ...lock, untilMs });
    return untilMs;
  }

  /** Ends all locks of a session and returns them, in the order in which they were given. */
  takeSession(session: string): Lock[] {
    const taken = [...this.byToken.values()].filter((lock) => lock.session === session);
    for (const lock of taken) this.release(lock);
    return taken;
  }

  close(): void {
    this.alarm?.cancel();
  }

  /** A lock that is held. */
  find(token: string): Lock | undefined {
    const lock = this.byToken.get(token);
    return lock !== undefined && lock.untilMs > this.clock.now() ? lock : undefined;
  }

  private release({ token, sequence }: Lock): void {
    this.byToken.delete(token);
    this.sequences.delete(sequence);
  }

  private arm(): void {
    if (this.alarm !== undefined) return;
    const first = this.firstToExpire();
    if (first === undefined) return;
    this.alarm = this.clock.alarm(first.untilMs, () => {
      this.alarm = undefined;
      this.expire();
      this.arm();
    });
  }

  private expire(): void {
    for (;;) {
      const lock = this.firstToExpire();
      if (lock === undefined || lock.untilMs > this.clock.now()) return;
      this.release(lock);
      this.onExpired(lock);
    }
  }

  private firstToExpire(): Lock | undefined {
    for (const lock of this.byToken.values()) if (lock.untilMs !== Infinity) return lock;
    return undefined;
  }
}

// Mailbox: a receivable entity (a queue, a subscription, or the dead-letter queue of one), and the state machine of
// its messages.
//
// mailbox.Q1  A settlement is answered only after the commit that holds it; a lock that is lost changes nothing.
// mailbox.Q2  A delivery is counted on disk, and that commit waited for, before the message goes on the wire. So a
//   message that was locked when the broker was killed has used up a delivery: one that kills everything does not come
//   for ever. In mode receiveAndDelete it is the deletion that is waited for: at most once.
// mailbox.Q3  Locks live in memory. They outlast link and connection, as in the service; a restart of the broker ends
//   them, and every message that is not settled on disk is handed out again at once.
// mailbox.Q4  A message whose deliveries have reached the maximum is dead-lettered, never handed out again.
// mailbox.Q5  A message is in one place: available, locked, deferred, scheduled, in the dead-letter queue, or gone.
import type { Clock } from '../kit/clock';
import type { HostLog } from '../kit/host-log';
import type { Journal } from '../storage/journal';
import type { DeliveryRules } from './entities';
import { BrokerError, messageLockLost, messageNotFound, notAllowed } from './errors';
import { GroupedChange } from './grouped-change';
import { Lane, type Consumer } from './lane';
import { Locks, type Lock } from './locks';
import type { Gate, MessageHolds } from './message-holds';
import { STATE, type MessageRow, type MessageStore, type StoredMessage } from './message-store';
import { NEVER } from './never';
import { withProperties, type PropertyChanges } from './outgoing-message';
import { deliveredTooOften, timeToLiveOver, type Settlement } from './settlement';

export interface MailboxParts {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: HostLog;
  readonly store: MessageStore;
  readonly holds: MessageHolds;
}

/** A message handed out on request; without a lock it is already deleted. */
export interface Received {
  readonly message: StoredMessage;
  readonly lock: Lock | undefined;
}

export class Mailbox {
  readonly entity: number;
  private readonly locks: Locks;
  private readonly counts: GroupedChange;
  private readonly removals: GroupedChange;
  /** All messages, or one lane per accepted session. */
  private readonly lanes = new Map<string | undefined, Lane>();

  constructor(
    readonly path: string,
    readonly rules: DeliveryRules,
    private readonly parts: MailboxParts,
    /** Where what cannot be delivered goes; a dead-letter queue has none. */
    readonly deadLetters: Mailbox | undefined,
  ) {
    const { journal, store } = parts;
    const entity = store.entity(path.toLowerCase());
    this.entity = entity;
    this.counts = new GroupedChange(journal, (run) => store.count(entity, run, 1));
    this.removals = new GroupedChange(journal, (run) => store.remove(entity, run));
    this.locks = new Locks(parts.clock, rules.lockDurationMs, (lock) => this.giveBack(lock));
    if (!rules.requiresSession) this.openLane(undefined);
  }

  /** Opens the lane of a session, or of everything; what is on disk is in it. */
  openLane(session: { readonly id: string } | undefined): Lane {
    const { store } = this.parts;
    const lane = new Lane(
      (after, upTo, limit) => store.page(this.entity, session?.id, after, upTo, limit),
      store.lastSequence(this.entity),
      session,
    );
    this.lanes.set(session?.id, lane);
    return lane;
  }

  lane(session?: string): Lane | undefined {
    return this.lanes.get(session);
  }

  /** Ends a session's lane; what it had handed out is available again. `counted` says whether that was a delivery. */
  closeLane(session: string, counted: boolean): void {
    this.lanes.delete(session);
    for (const lock of this.locks.takeSession(session)) {
      if (!counted) this.note(this.parts.journal.write(() => this.uncount(lock)));
      this.giveBack({ ...lock, deliveries: lock.deliveries - (counted ? 0 : 1) });
    }
  }

  /** A message is on disk and available. */
  arrived(sequence: number, session: string | null): void {
    const lane = this.lanes.get(this.rules.requiresSession ? (session ?? undefined) : undefined);
    if (lane === undefined) return;
    lane.ready.add(sequence);
    this.pump(lane);
  }

  /** Hands out what is available to those who have room. */
  pump(lane: Lane): void {
    for (;;) {
      const consumer = lane.next();
      const message = consumer && this.takeReady(lane);
      if (consumer === undefined || message === undefined) return;
      lane.served(consumer);
      this.handOut(consumer, message, lane);
    }
  }

  /** Settles a locked message. Rejects with message-lock-lost when the lock is no longer held. */
  async settle(token: string, settlement: Settlement): Promise<void> {
    if (settlement.kind === 'deadLetter' && this.deadLetters === undefined)
      throw notAllowed(`'${this.path}' is a dead-letter queue: complete or abandon what is in it.`);
    const gate = settlement.kind === 'complete' ? this.gateOf(token) : undefined;
    if (gate?.moment === 'arrival') return NEVER;
    const lock = this.locks.take(token);
    if (lock === undefined) throw messageLockLost();
    try {
      if (settlement.kind === 'complete') await this.removals.add(lock.sequence);
      else await this.parts.journal.write(() => this.write(lock, settlement));
    } catch (error) {
      this.locks.free(lock);
      this.giveBack(lock);
      throw error;
    }
    this.locks.free(lock);
    this.settled(lock, settlement);
    if (gate !== undefined) await NEVER;
  }

  /** What holds the completion of a message back. */
  private gateOf(token: string): Gate | undefined {
    const { holds, store } = this.parts;
    const lock = holds.isIdle ? undefined : this.locks.find(token);
    const message = lock && store.load(this.entity, lock.sequence);
    return message && holds.gateFor(this.path, 'complete', [message.payload]);
  }

  /** Prolongs a lock and gives the moment it ends. */
  renew(token: string): number {
    const untilMs = this.locks.renew(token);
    if (untilMs === undefined) throw messageLockLost();
    return untilMs;
  }

  /** Hands out deferred messages by number, locked or (`remove`) for good; all of them or none. */
  async receiveDeferred(
    sequences: readonly number[],
    remove: boolean,
    session: { readonly id: string } | undefined,
  ): Promise<Received[]> {
    const { store, journal } = this.parts;
    const messages = sequences.map((sequence) => {
      const message = store.load(this.entity, sequence);
      const held = message !== undefined && this.locks.isLocked(sequence);
      const available = message?.state === STATE.deferred && !held;
      if (!available || (session !== undefined && message.session !== session.id)) throw messageNotFound();
      return message;
    });
    const received = messages.map((message) => ({
      message,
      lock: remove ? undefined : this.locks.lock(message, session, true),
    }));
    await journal.write(() => {
      for (const { sequence } of messages)
        if (remove) store.remove(this.entity, [sequence, sequence]);
        else store.count(this.entity, [sequence, sequence], 1);
    });
    return received;
  }

  /** Ends a message whose time to live is over, unless it is locked: then this is done when it is given back. */
  expire(sequence: number): void {
    if (this.locks.isLocked(sequence)) return;
    if (this.deadLetters !== undefined && this.rules.deadLetteringOnMessageExpiration)
      this.deadLetterNow(sequence, timeToLiveOver());
    else this.note(this.removeNow(sequence));
  }

  close(): void {
    this.locks.close();
  }

  private takeReady(lane: Lane): StoredMessage | undefined {
    for (;;) {
      const sequence = lane.ready.take();
      if (sequence === undefined) return undefined;
      if (this.locks.isLocked(sequence)) continue;
      const message = this.parts.store.load(this.entity, sequence);
      if (message?.state !== STATE.active) continue;
      if (this.isOver(message)) this.expire(sequence);
      else if (this.isWorn(message.deliveries))
        this.deadLetterNow(sequence, deliveredTooOften(message.deliveries));
      else return message;
    }
  }

  private handOut(consumer: Consumer, message: StoredMessage, { session }: Lane): void {
    const { sequence } = message;
    const lock = consumer.settles ? this.locks.lock(message, session, false) : undefined;
    const written = lock === undefined ? this.removeNow(sequence) : this.counts.add(sequence);
    this.note(written);
    consumer.take(message, lock, written);
  }

  /** At once, for nothing else keeps the message from being handed out again. */
  private removeNow(sequence: number): Promise<void> {
    const { store, journal } = this.parts;
    return journal.write(() => store.remove(this.entity, [sequence, sequence]));
  }

  /** The part of a settlement that is on disk. */
  private write(lock: Lock, settlement: Exclude<Settlement, { kind: 'complete' }>): void {
    const { store } = this.parts;
    const { sequence } = lock;
    switch (settlement.kind) {
      case 'release':
        this.uncount(lock);
        return;
      case 'abandon':
        this.change(sequence, settlement.changes);
        return;
      case 'defer':
        this.change(sequence, settlement.changes);
        store.defer(this.entity, sequence);
        return;
      case 'deadLetter':
        this.moveToDeadLetters(sequence, settlement.changes);
    }
  }

  /** The part of a settlement that is in memory, once the other is committed. */
  private settled(lock: Lock, { kind }: Settlement): void {
    if (kind === 'abandon') this.giveBack(lock);
    else if (kind === 'release') this.giveBack({ ...lock, deliveries: lock.deliveries - 1 });
    else if (kind === 'deadLetter') this.deadLetters?.arrived(lock.sequence, null);
  }

  private giveBack(lock: Lock): void {
    const { sequence } = lock;
    if (this.isWorn(lock.deliveries)) this.deadLetterNow(sequence, deliveredTooOften(lock.deliveries));
    else if (this.isOver(lock)) this.expire(sequence);
    else if (!lock.deferred) this.arrived(sequence, lock.session ?? null);
  }

  private deadLetterNow(sequence: number, changes: PropertyChanges): void {
    const moved = this.parts.journal.write(() => this.moveToDeadLetters(sequence, changes));
    this.note(moved.then(() => this.deadLetters?.arrived(sequence, null)));
  }

  private moveToDeadLetters(sequence: number, changes: PropertyChanges): void {
    if (this.deadLetters === undefined) return;
    this.change(sequence, changes);
    this.parts.store.deadLetter({ entity: this.entity, sequence }, this.deadLetters.entity, this.path);
  }

  private change(sequence: number, changes: PropertyChanges): void {
    if (changes.length === 0) return;
    const { store } = this.parts;
    const message = store.load(this.entity, sequence);
    if (message !== undefined)
      store.replacePayload(this.entity, sequence, withProperties(message.payload, changes));
  }

  private uncount({ sequence }: Lock): void {
    this.parts.store.count(this.entity, [sequence, sequence], -1);
  }

  private isWorn(deliveries: number): boolean {
    return this.deadLetters !== undefined && deliveries >= this.rules.maxDeliveryCount;
  }

  private isOver({ expiresAtMs }: Pick<MessageRow, 'expiresAtMs'>): boolean {
    return expiresAtMs !== null && expiresAtMs <= this.parts.clock.now();
  }

  /** Nobody waits for these writes: what could not be written is said in the log, and is on disk as it was. */
  private note(written: Promise<unknown>): void {
    written.catch((error: unknown) => {
      if (!(error instanceof BrokerError))
        this.parts.log.error(
          `Service Bus look-alike: a change in '${this.path}' could not be stored.`,
          error,
        );
    });
  }
}

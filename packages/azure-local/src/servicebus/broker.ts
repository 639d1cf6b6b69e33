// Broker: routes a sent message to the entities of the namespace, with duplicate detection, schedules, topics and time
// to live. It must not know AMQP connections.
//
// broker.B1  A send resolves only after the commit that holds the messages of it, all or none, in every subscription.
// broker.B2  A message becomes available only after that commit.
import type { Clock } from '../kit/clock';
import type { HostLog } from '../kit/host-log';
import type { Journal } from '../storage/journal';
import { Directory, type Source, type Target } from './directory';
import { DueTimes } from './due-times';
import { Duplicates } from './duplicates';
import type { Entities } from './entities';
import { messageNotFound, notAllowed } from './errors';
import { taken } from './filters';
import { parseIncoming, type IncomingMessage } from './incoming-message';
import type { MessageHolds } from './message-holds';
import { MessageStore, STATE, type ExpiryCursor, type Place, type StoredMessage } from './message-store';
import { SessionStates } from './session-states';
import { withProperties } from './outgoing-message';
import { NEVER } from './never';
import { withoutSession } from './settlement';

/** A message that a commit will make available. */
interface Arrival extends Source {
  readonly sequence: number;
  readonly session: string | null;
}

const DUE_AT_ONCE = 100;
/** Few, for bodies may be large. */
const PEEKED_AT_ONCE = 16;
const EXPIRED_AT_ONCE = 500;
/** What could not be stored is due still: to look at once would be to look without a pause. */
const SCHEDULE_AGAIN_MS = 1_000;

export class Broker {
  readonly sessionStates: SessionStates;
  private readonly store: MessageStore;
  private readonly duplicates: Duplicates;
  private readonly directory: Directory;
  private readonly schedule: DueTimes;
  private readonly expiry: DueTimes;
  private expired: ExpiryCursor = { ms: 0, id: 0 };

  constructor(
    private readonly journal: Journal,
    private readonly clock: Clock,
    private readonly log: HostLog,
    entities: Entities,
    private readonly holds: MessageHolds,
  ) {
    this.store = new MessageStore(journal);
    this.directory = new Directory(entities, { journal, clock, log, store: this.store, holds });
    this.duplicates = new Duplicates(journal);
    this.sessionStates = new SessionStates(journal);
    this.schedule = new DueTimes(
      clock,
      () => this.store.nextDueMs(),
      () => this.activate(),
    );
    this.expiry = new DueTimes(
      clock,
      () => this.store.nextExpiryMs(this.expired),
      () => this.expire(),
    );
  }

  /** Begins to act on times: schedules and times to live. */
  start(): void {
    this.schedule.look();
    this.expiry.look();
  }

  close(): void {
    this.schedule.close();
    this.expiry.close();
    for (const { mailbox, sessions } of this.directory.all()) {
      mailbox.close();
      sessions?.close();
    }
  }

  /** What can be received from at a path, compared without case; throws what the service answers where there is none. */
  source(path: string): Source {
    return this.directory.source(path);
  }

  /** What can be sent to at a path; as `source`. */
  target(path: string): Target {
    return this.directory.target(path);
  }

  /** Stores messages and gives their sequence numbers (those of a topic's messages mean something only when scheduled). */
  async send(target: Target, messages: readonly IncomingMessage[]): Promise<number[]> {
    const arrivals: Arrival[] = [];
    for (const message of messages) checkSession(target, message);
    const gate = this.holds.gateFor(
      target.path,
      'send',
      messages.map(({ payload }) => payload),
    );
    if (gate?.moment === 'arrival') return NEVER;
    const sequences = await this.store.write(() =>
      messages.map((message) => this.enter(target, message, arrivals)),
    );
    if (gate === undefined) this.announce(arrivals);
    else void gate.released.then(() => this.announce(arrivals));
    return gate === undefined ? sequences : NEVER;
  }

  /** Removes scheduled messages; all of them or none. */
  async cancel({ entity }: Target, sequences: readonly number[]): Promise<void> {
    await this.journal.write(() => {
      for (const sequence of sequences) {
        if (this.store.load(entity, sequence)?.state !== STATE.scheduled) throw messageNotFound();
        this.store.remove(entity, [sequence, sequence]);
      }
    });
  }

  /** Messages of a source from a sequence number on, whatever their state. */
  *peek({ mailbox }: Source, session: string | undefined, from: number): Generator<StoredMessage> {
    for (let next = from; ;) {
      const page = this.store.peek(mailbox.entity, session, next, PEEKED_AT_ONCE);
      yield* page;
      const last = page.at(-1);
      if (last === undefined || page.length < PEEKED_AT_ONCE) return;
      next = last.sequence + 1;
    }
  }

  /** Inside a write: a message is new, scheduled or known already. */
  private enter(target: Target, message: IncomingMessage, arrivals: Arrival[]): number {
    const nowMs = this.clock.now();
    const { entity, duplicateWindowMs } = target;
    if (duplicateWindowMs !== undefined) {
      const isNew = this.duplicates.isNew(entity, message.messageId, nowMs, duplicateWindowMs);
      if (!isNew) return this.store.lastSequence(entity);
    }
    const { scheduledAtMs, timeToLiveMs = null, sessionId = null, payload } = message;
    if (scheduledAtMs === undefined || scheduledAtMs <= nowMs) return this.route(target, message, arrivals);
    const sequence = this.store.append(entity, {
      state: STATE.scheduled,
      session: sessionId,
      enqueuedAtMs: nowMs,
      timeToLiveMs,
      expiresAtMs: null,
      dueAtMs: scheduledAtMs,
      payload,
    });
    this.schedule.mayBe(scheduledAtMs);
    return sequence;
  }

  /** Inside a write: a message goes wherever it is wanted. */
  private route(target: Target, message: IncomingMessage, arrivals: Arrival[]): number {
    const nowMs = this.clock.now();
    let sequence = 0;
    for (const { mailbox, sessions, rules } of target.ways) {
      if (!taken(rules, message)) continue;
      const lost = sessions !== undefined && message.sessionId === undefined;
      const box = lost ? (mailbox.deadLetters ?? mailbox) : mailbox;
      const timeToLiveMs = Math.min(
        message.timeToLiveMs ?? Infinity,
        target.defaultTimeToLiveMs,
        mailbox.rules.defaultTimeToLiveMs,
      );
      const expiresAtMs = lost ? null : nowMs + timeToLiveMs;
      const session = message.sessionId ?? null;
      sequence = this.store.append(box.entity, {
        state: STATE.active,
        session,
        enqueuedAtMs: nowMs,
        timeToLiveMs,
        expiresAtMs,
        dueAtMs: null,
        payload: lost ? withProperties(message.payload, withoutSession()) : message.payload,
      });
      if (expiresAtMs !== null) this.expiry.mayBe(expiresAtMs);
      arrivals.push({ mailbox: box, sessions: lost ? undefined : sessions, sequence, session });
    }
    return sequence;
  }

  private announce(arrivals: readonly Arrival[]): void {
    for (const { mailbox, sessions, sequence, session } of arrivals) {
      mailbox.arrived(sequence, session);
      if (session !== null) sessions?.offer(session);
    }
  }

  /** Scheduled messages whose time has come are sent: they get a new sequence number, as in the service. */
  private activate(): void {
    const arrivals: Arrival[] = [];
    this.store
      .write(() => {
        for (const place of this.store.due(this.clock.now(), DUE_AT_ONCE)) this.activateOne(place, arrivals);
      })
      .then(
        () => {
          this.announce(arrivals);
          this.schedule.look();
        },
        (error: unknown) => {
          this.log.error(
            'Service Bus look-alike: scheduled messages could not be sent; it is tried again.',
            error,
          );
          this.schedule.mayBe(this.clock.now() + SCHEDULE_AGAIN_MS);
        },
      );
  }

  private activateOne({ entity, sequence }: Place, arrivals: Arrival[]): void {
    const message = this.store.load(entity, sequence);
    this.store.remove(entity, [sequence, sequence]);
    const target = this.directory.targetOf(entity);
    if (message === undefined) return;
    if (target === undefined) {
      this.log.warn(
        'Service Bus look-alike: dropped a scheduled message of an entity that is no longer configured.',
      );
      return;
    }
    const timeToLiveMs = message.timeToLiveMs ?? undefined;
    this.route(target, { ...parseIncoming(message.payload), timeToLiveMs }, arrivals);
  }

  private expire(): void {
    const { places, cursor } = this.store.expired(this.expired, this.clock.now(), EXPIRED_AT_ONCE);
    this.expired = cursor;
    for (const { entity, sequence } of places) this.directory.sourceOf(entity)?.mailbox.expire(sequence);
    this.expiry.look();
  }
}

function checkSession({ path, ways, isTopic }: Target, { sessionId }: IncomingMessage): void {
  if (isTopic || sessionId !== undefined || ways[0]?.sessions === undefined) return;
  throw notAllowed(
    `The SessionId was not set on a message, and it cannot be sent to the entity '${path}'. Entities that have session ` +
      'support enabled can only receive messages that have the SessionId set to a valid value.',
  );
}

// The entities of the namespace and the way of a message to them: duplicates, schedules, topics, time to live. Knows no
// AMQP connection.
//
// B1  A send resolves only after the commit that holds the messages of it, all or none, in every subscription.
// B2  A message becomes available only after that commit.
import type { Clock } from '../clock';
import type { HostLog } from '../durable/contract';
import type { Journal } from '../storage/journal';
import { DueTimes } from './due-times';
import { Duplicates } from './duplicates';
import type { DeliveryRules, Entities, QueueDefinition, TopicDefinition } from './entities';
import { entityNotFound, messageNotFound, notAllowed } from './errors';
import { taken, type CorrelationFilter } from './filters';
import { parseIncoming, type IncomingMessage } from './incoming-message';
import { Mailbox, type MailboxParts } from './mailbox';
import { MessageStore, STATE, type ExpiryCursor, type Place, type StoredMessage } from './message-store';
import { SessionStates } from './session-states';
import { Sessions } from './sessions';
import { withProperties } from './outgoing-message';
import { withoutSession } from './settlement';

/** What can be received from. */
export interface Source {
  readonly mailbox: Mailbox;
  /** Who holds its sessions; undefined when it has none. */
  readonly sessions: Sessions | undefined;
}

/** What can be sent to: a queue with itself as only way, a topic with one way per subscription. */
export interface Target {
  readonly entity: number;
  readonly path: string;
  readonly duplicateWindowMs: number | undefined;
  readonly defaultTimeToLiveMs: number;
  readonly ways: readonly Way[];
  readonly isTopic: boolean;
}

interface Way extends Source {
  readonly rules: readonly CorrelationFilter[];
}

/** A message that a commit will make available. */
interface Arrival extends Source {
  readonly sequence: number;
  readonly session: string | null;
}

const DEAD_LETTERS = '$deadletterqueue';
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
  private readonly sources = new Map<string, Source>();
  private readonly targets = new Map<string, Target>();
  private readonly bySourceEntity = new Map<number, Source>();
  private readonly byTargetEntity = new Map<number, Target>();
  private readonly schedule: DueTimes;
  private readonly expiry: DueTimes;
  private expired: ExpiryCursor = { ms: 0, id: 0 };

  constructor(
    private readonly journal: Journal,
    private readonly clock: Clock,
    private readonly log: HostLog,
    { queues, topics }: Entities,
  ) {
    this.store = new MessageStore(journal);
    this.duplicates = new Duplicates(journal);
    this.sessionStates = new SessionStates(journal);
    for (const queue of queues) this.addQueue(queue);
    for (const topic of topics) this.addTopic(topic);
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
    for (const { mailbox, sessions } of this.sources.values()) {
      mailbox.close();
      sessions?.close();
    }
  }

  /** What lies at a path, compared without case. */
  source(path: string): Source {
    const source = this.sources.get(path.toLowerCase());
    if (source !== undefined) return source;
    if (this.targets.has(path.toLowerCase()))
      throw notAllowed(`'${path}' is a topic: receive from '${path}/Subscriptions/<name>'.`);
    throw entityNotFound(path);
  }

  target(path: string): Target {
    const target = this.targets.get(path.toLowerCase());
    if (target !== undefined) return target;
    if (this.sources.has(path.toLowerCase()))
      throw notAllowed(`Nothing can be sent to '${path}': send to the queue or the topic it belongs to.`);
    throw entityNotFound(path);
  }

  /** Stores messages and gives their sequence numbers (those of a topic's messages mean something only when scheduled). */
  async send(target: Target, messages: readonly IncomingMessage[]): Promise<number[]> {
    const arrivals: Arrival[] = [];
    for (const message of messages) checkSession(target, message);
    const sequences = await this.journal.write(() =>
      messages.map((message) => this.enter(target, message, arrivals)),
    );
    this.announce(arrivals);
    return sequences;
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

  private addQueue(queue: QueueDefinition): void {
    const source = this.addSource(queue.name, queue);
    this.addTarget(queue, source.mailbox.entity, [{ ...source, rules: [] }], false);
  }

  private addTopic(topic: TopicDefinition): void {
    const ways = topic.subscriptions.map((subscription) => ({
      ...this.addSource(`${topic.name}/Subscriptions/${subscription.name}`, subscription),
      rules: subscription.rules,
    }));
    this.addTarget(topic, this.store.entity(topic.name.toLowerCase()), ways, true);
  }

  private addTarget(
    { name, duplicateWindowMs, defaultTimeToLiveMs }: QueueDefinition | TopicDefinition,
    entity: number,
    ways: readonly Way[],
    isTopic: boolean,
  ): void {
    const target = { entity, path: name, duplicateWindowMs, defaultTimeToLiveMs, ways, isTopic };
    this.targets.set(name.toLowerCase(), target);
    this.byTargetEntity.set(entity, target);
  }

  private addSource(path: string, rules: DeliveryRules): Source {
    const { journal, clock, log, store } = this;
    const parts: MailboxParts = { journal, clock, log, store };
    const deadLetterPath = `${path}/${DEAD_LETTERS}`;
    const deadLetters = new Mailbox(deadLetterPath, { ...rules, requiresSession: false }, parts, undefined);
    const mailbox = new Mailbox(path, rules, parts, deadLetters);
    const sessions = rules.requiresSession ? new Sessions(mailbox, store, clock) : undefined;
    const source = { mailbox, sessions };
    this.sources.set(path.toLowerCase(), source);
    this.bySourceEntity.set(mailbox.entity, source);
    this.sources.set(deadLetterPath.toLowerCase(), { mailbox: deadLetters, sessions: undefined });
    return source;
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
    this.journal
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
    const target = this.byTargetEntity.get(entity);
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
    for (const { entity, sequence } of places) this.bySourceEntity.get(entity)?.mailbox.expire(sequence);
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

// A Service Bus queue without the wire, on a journal in memory and a clock in the test's hands, for one test at a time.
import { ManualClock } from '../../src/kit/clock';
import type { DeliveryRules } from '../../src/servicebus/entities';
import type { Consumer } from '../../src/servicebus/lane';
import type { Lock } from '../../src/servicebus/locks';
import { Mailbox } from '../../src/servicebus/mailbox';
import { MessageHolds } from '../../src/servicebus/message-holds';
import { MessageStore, STATE, type StoredMessage } from '../../src/servicebus/message-store';
import { Journal } from '../../src/storage/journal';

export const LOCK_MS = 60_000;
const RULES: DeliveryRules = {
  lockDurationMs: LOCK_MS,
  maxDeliveryCount: 3,
  requiresSession: false,
  defaultTimeToLiveMs: Infinity,
  deadLetteringOnMessageExpiration: true,
};

export interface Taken {
  readonly message: StoredMessage;
  readonly lock: Lock | undefined;
}

export interface Receiver extends Consumer {
  readonly taken: Taken[];
  /** The sessions that it was told to have lost. */
  readonly lost: string[];
}

/** A receiver with room for so many messages, which remembers what it got. */
export function receiverFor(room: number, settles = true): Receiver {
  const taken: Taken[] = [];
  const lost: string[] = [];
  return {
    settles,
    taken,
    lost,
    hasRoom: () => taken.length < room,
    take: (message, lock) => void taken.push({ message, lock }),
    sessionLost: (id) => void lost.push(id),
  };
}

/** Long enough for whatever nobody waits for to be written. */
export const turn = (): Promise<void> => new Promise(setImmediate);

export const tokenOf = (taken: Taken | undefined): string => taken?.lock?.token ?? 'none was handed out';

export interface MailboxFixture {
  readonly journal: Journal;
  readonly store: MessageStore;
  readonly clock: ManualClock;
  readonly mailbox: Mailbox;
  readonly dead: Mailbox;
  /** What the look-alike said in its log. */
  readonly errors: string[];
  /** Puts a message on disk and tells the queue; gives its number. */
  send(more?: { session?: string; expiresAtMs?: number }): Promise<number>;
  /** What one more receiver would get now. */
  receive(from?: Mailbox, settles?: boolean): Taken | undefined;
  /** The numbers of what is there in whatever state. */
  left(from?: Mailbox): number[];
  /** The text of the first dead letter, its properties in it. */
  deadLetterText(): string | undefined;
  readonly deliveriesOnDisk: (sequence: number) => number | undefined;
  close(): Promise<void>;
}

/** A queue `Q` with its dead letters; on the disk of an `earlier` one, as a restart finds it. */
export function openMailbox(rules: Partial<DeliveryRules> = {}, earlier?: MailboxFixture): MailboxFixture {
  const journal = earlier?.journal ?? new Journal(':memory:');
  const clock = earlier?.clock ?? new ManualClock();
  const store = new MessageStore(journal);
  const errors: string[] = [];
  const log = {
    info: () => undefined,
    warn: () => undefined,
    error: (text: string) => void errors.push(text),
  };
  const parts = { journal, clock, log, store, holds: new MessageHolds(clock) };
  const all = { ...RULES, ...rules };
  const dead = new Mailbox('Q/$DeadLetterQueue', { ...all, requiresSession: false }, parts, undefined);
  const mailbox = new Mailbox('Q', all, parts, dead);
  return {
    ...{ journal, store, clock, mailbox, dead, errors },
    async send({
      session = null,
      expiresAtMs = null,
    }: { session?: string | null; expiresAtMs?: number | null } = {}) {
      const sequence = await store.write(() =>
        store.append(mailbox.entity, {
          ...{ state: STATE.active, session, expiresAtMs, payload: Buffer.alloc(0) },
          ...{ enqueuedAtMs: clock.now(), timeToLiveMs: null, dueAtMs: null },
        }),
      );
      mailbox.arrived(sequence, session);
      return sequence;
    },
    receive(from = mailbox, settles = true) {
      const lane = from.lane();
      if (lane === undefined) throw new Error(`'${from.path}' has sessions: accept one.`);
      const receiver = receiverFor(1, settles);
      lane.enter(receiver);
      from.pump(lane);
      lane.leave(receiver);
      return receiver.taken[0];
    },
    left: (from = mailbox) => store.peek(from.entity, undefined, 0, 100).map(({ sequence }) => sequence),
    deadLetterText: () => store.peek(dead.entity, undefined, 0, 1)[0]?.payload.toString('latin1'),
    deliveriesOnDisk: (sequence) => store.load(mailbox.entity, sequence)?.deliveries,
    async close() {
      await turn();
      for (const each of [mailbox, dead]) each.close();
      await journal.close();
    },
  };
}

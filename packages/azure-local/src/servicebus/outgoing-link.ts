// Link on which a client receives: sends messages as far as there is credit, and passes the client's settlements on to
// the mailbox.
//
// outgoing-link.L1  Messages queued in rhea are counted against credit: one without credit would block its whole
//   session.
// outgoing-link.L2  A drain is answered exactly once, after what was handed over before it.
import type { Delivery, EventContext, Sender } from 'rhea';
import type { HostLog } from '../kit/host-log';
import { listFields, mapEntries, textOf, type Typed } from './amqp-types';
import { refusalOf, sessionLockLost, type BrokerError } from './errors';
import type { Consumer } from './lane';
import { deliveryTag } from './lock-token';
import type { Lock } from './locks';
import type { Mailbox } from './mailbox';
import type { StoredMessage } from './message-store';
import type { Outlet } from './outlet';
import { encodeOutgoing, type PropertyChanges } from './outgoing-message';
import {
  ACCEPTED,
  answerDrain,
  creditOf,
  dropBytes,
  freeSlot,
  rejected,
  sessionHasRoom,
  writeAnswers,
  writtenOrDrained,
  type Answer,
} from './rhea-seam';
import { because, type Settlement } from './settlement';

const SETTLED_BY_SENDER = 1;

export interface OutgoingLinkParts {
  readonly sender: Sender;
  readonly mailbox: Mailbox;
  readonly outlet: Outlet;
  readonly log: HostLog;
  /** The moment the session's lock ends, on a link that holds one. */
  readonly sessionUntilMs: () => number | undefined;
  /** Looks for messages for this link. */
  readonly refill: () => void;
}

export class OutgoingLink implements Consumer {
  readonly settles: boolean;
  private readonly tokens = new Map<Delivery, string>();
  /** Transfers queued and credit drained; rhea's delivery count follows as they are written. */
  private issued = 0;
  /** Messages whose delivery is being written to disk. */
  private promised = 0;
  private answers: Answer[] = [];
  private gone = false;
  /** Set once another receiver has the session; what the client still settles is answered with it. */
  private lost: BrokerError | undefined;

  constructor(private readonly parts: OutgoingLinkParts) {
    const { sender } = parts;
    this.settles = sender.snd_settle_mode !== SETTLED_BY_SENDER;
    sender.on('sender_flow', () => parts.refill());
    sender.on('sender_draining', () => this.drain());
    for (const outcome of ['accepted', 'rejected', 'released', 'modified'] as const)
      sender.on(outcome, ({ delivery }: EventContext) => {
        if (delivery !== undefined) this.decided(delivery, outcome);
      });
    sender.on('settled', () => undefined);
  }

  hasRoom(): boolean {
    const { sender, outlet } = this.parts;
    const queued = this.issued - writtenOrDrained(sender);
    return (
      !this.gone &&
      this.lost === undefined &&
      creditOf(sender) - queued - this.promised > 0 &&
      sessionHasRoom(sender) &&
      outlet.hasRoom()
    );
  }

  take(message: StoredMessage, lock: Lock | undefined, written: Promise<unknown>): void {
    this.promised += 1;
    void written
      .then(() => {
        if (!this.gone) this.write(message, lock);
        else if (lock !== undefined) return this.parts.mailbox.settle(lock.token, { kind: 'release' });
        return undefined;
      })
      // The mailbox says in the log what could not be written; a lock that is lost by now needs no release.
      .catch(() => undefined)
      .finally(() => (this.promised -= 1));
  }

  sessionLost(id: string): void {
    this.lost = sessionLockLost(id);
    this.parts.sender.close({ condition: this.lost.condition, description: this.lost.message });
  }

  /** The link is closed; what it had handed over stays locked. */
  leave(): void {
    this.gone = true;
    this.tokens.clear();
  }

  private write(message: StoredMessage, lock: Lock | undefined): void {
    const { sender, sessionUntilMs, outlet } = this.parts;
    const heldLock = lock && { token: lock.token, untilMs: sessionUntilMs() ?? lock.untilMs };
    const earlier = lock === undefined ? message.deliveries : lock.deliveries - 1;
    const tag = lock === undefined ? undefined : deliveryTag(lock.token);
    const bytes = encodeOutgoing(message, earlier, heldLock);
    const delivery = sender.send(bytes, tag, 0);
    this.issued += 1;
    outlet.add(bytes.length);
    if (lock !== undefined) this.tokens.set(delivery, lock.token);
    // rhea writes at the next tick; this runs after it.
    process.nextTick(() => {
      dropBytes(delivery);
      outlet.remove(bytes.length);
    });
  }

  private drain(): void {
    this.parts.refill();
    process.nextTick(() => this.answerDrainOnceWritten());
  }

  private answerDrainOnceWritten(): void {
    if (this.gone) return;
    const { sender } = this.parts;
    if (this.promised > 0 || this.issued > writtenOrDrained(sender))
      setImmediate(() => this.answerDrainOnceWritten());
    else this.issued += answerDrain(sender);
  }

  private decided(delivery: Delivery, outcome: Outcome): void {
    const token = this.tokens.get(delivery);
    if (token === undefined) return;
    this.tokens.delete(delivery);
    this.parts.mailbox.settle(token, settlementOf(outcome, delivery.remote_state)).then(
      () => this.answer(delivery, ACCEPTED),
      (error: unknown) => this.answer(delivery, rejected(this.lost ?? refusalOf(error, this.parts.log))),
    );
  }

  private answer(delivery: Delivery, outcome: Typed): void {
    if (this.gone) return;
    if (delivery.remote_settled) {
      freeSlot(delivery);
      return;
    }
    if (this.answers.push({ delivery, outcome }) > 1) return;
    process.nextTick(() => {
      const answers = this.answers;
      this.answers = [];
      if (!this.gone) writeAnswers(this.parts.sender, answers);
    });
  }
}

type Outcome = 'accepted' | 'rejected' | 'released' | 'modified';

function settlementOf(outcome: Outcome, state: unknown): Settlement {
  const fields = listFields(state as Typed | undefined);
  switch (outcome) {
    case 'accepted':
      return { kind: 'complete' };
    case 'released':
      return { kind: 'release' };
    case 'modified':
      return { kind: fields[1]?.value === true ? 'defer' : 'abandon', changes: mapEntries(fields[2]) };
    case 'rejected':
      return { kind: 'deadLetter', changes: deadLetterChanges(fields[0]) };
  }
}

/** The service's clients put reason, description and property changes into `info`; others name an error only. */
function deadLetterChanges(error: Typed | undefined): PropertyChanges {
  const [condition, description, info] = listFields(error);
  const changes = mapEntries(info).filter(([, { value }]) => value !== null);
  return changes.length > 0 || error === undefined
    ? changes
    : because(textOf(condition) ?? '', textOf(description) ?? '');
}

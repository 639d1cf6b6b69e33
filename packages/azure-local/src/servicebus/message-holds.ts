// Hold points for messages: what a sender sends, or what a receiver says of a message, stays unanswered, as when a network or a
// machine stops at a bad moment. Set through the control API; a rule matches by entity, by what is done and by a text of the
// message. Lost at a restart.
//
// message-holds.M1  A rule holds the n-th message that it matches, and no other; how many it has matched, and when, is told.
// message-holds.M2  What is held at its arrival is never carried out. What is held at its answer is on disk; a message that was sent
//   is given to nobody before the rules are replaced.
import { z } from 'zod';
import type { Clock } from '../kit/clock';
import { createLatch, type Latch } from '../kit/latch';

const OPERATIONS = ['send', 'complete'] as const;
const rules = z.array(
  z.strictObject({
    /** Path of the queue or topic that is sent to, or of the queue or subscription that is received from. */
    entity: z.string().min(1),
    operation: z.enum(OPERATIONS),
    /** Matched is a message that contains each of these. */
    contains: z.array(z.string().min(1)).min(1).readonly(),
    nth: z.int().positive(),
    moment: z.enum(['arrival', 'answer']),
  }),
);

export type MessageHoldRule = z.infer<typeof rules>[number];

/** A rule in force. */
export interface MessageHold extends MessageHoldRule {
  /** When each message came that the rule matches. */
  readonly seen: readonly string[];
  readonly held: number;
}

/** Where the broker waits with one request. */
export interface Gate {
  readonly moment: MessageHoldRule['moment'];
  /** Resolves when the rules are replaced. */
  readonly released: Promise<void>;
}

interface Standing extends Latch {
  readonly rule: MessageHoldRule;
  readonly seen: string[];
  held: number;
}

/** The rules in force. */
export class MessageHolds {
  private standing: readonly Standing[] = [];

  constructor(private readonly clock: Clock) {}

  /** The gate for what is done with these messages, undefined when nothing holds it. To be asked once. */
  gateFor(
    entity: string,
    operation: MessageHoldRule['operation'],
    payloads: readonly Buffer[],
  ): Gate | undefined {
    const reached = this.standing.filter(
      ({ rule }) => rule.operation === operation && rule.entity.toLowerCase() === entity.toLowerCase(),
    );
    const holding = reached.filter((standing) => isReached(standing, payloads, this.clock.now()));
    for (const standing of holding) standing.held += 1;
    const [first] = holding;
    return first && { moment: first.rule.moment, released: first.released };
  }

  /** Whether anything is to be asked at all. */
  get isIdle(): boolean {
    return this.standing.length === 0;
  }

  list(): readonly MessageHold[] {
    return this.standing.map(({ rule, seen, held }) => ({ ...rule, seen, held }));
  }

  /** Puts these rules in force in place of others. @throws ZodError when they are not a list of rules */
  replace(given: unknown): void {
    const parsed = rules.parse(given);
    const before = this.standing;
    this.standing = parsed.map(standingFor);
    for (const { release } of before) release();
  }
}

const standingFor = (rule: MessageHoldRule): Standing => ({ rule, seen: [], held: 0, ...createLatch() });

/** Counts the messages, and says whether the awaited one is among them. */
function isReached({ rule, seen }: Standing, payloads: readonly Buffer[], nowMs: number): boolean {
  const matching = payloads.filter((payload) => rule.contains.every((part) => payload.includes(part)));
  const before = seen.length;
  for (let count = 0; count < matching.length; count += 1) seen.push(new Date(nowMs).toISOString());
  return before < rule.nth && seen.length >= rule.nth;
}

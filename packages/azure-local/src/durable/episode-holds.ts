// Hold points for episodes: one waits just before or just after its commit until it is released, as in a process that
// stops there. Set through holds-api.ts; a rule matches by a text of the instance's input. Lost at a restart.
//
// episode-holds.O1  A held episode goes on when its rule is no longer in force: at the next `replace`.
import { z } from 'zod';
import { createLatch, type Latch } from '../kit/latch';

const FIELDS = {
  /** Held is an instance whose input, as JSON text, contains each of these. */
  contains: z.array(z.string().min(1)).min(1).readonly(),
  /** Held is the episode that takes the n-th event which reached the instance under this rule; its start is the first. */
  event: z.int().positive(),
  /**
   * `before`: the episode is decided and not on disk. `sent`, of the storage mode `azure` alone: its messages are out and
   * its history is not written. `after`: it is on disk, and in the mode `atomic` nothing that it scheduled has begun.
   */
  moment: z.enum(['before', 'sent', 'after']),
};
const ruleList = z.array(z.strictObject(FIELDS));

export type EpisodeHoldRule = z.infer<typeof ruleList>[number];

/** A rule in force, with the number of episodes that it holds or has held. */
export type EpisodeHold = EpisodeHoldRule & { readonly held: number };

/** Where the engine waits with one episode; resolves at once when this moment is not held. */
export type EpisodeGate = (moment: EpisodeHoldRule['moment']) => Promise<void> | undefined;

interface Standing extends Latch {
  readonly rule: EpisodeHoldRule;
  /** Events that reached matching instances. */
  seen: number;
  held: number;
}

/** The rules in force; each holds one episode of one instance at most, if `contains` names only one. */
export class EpisodeHolds {
  private rules: readonly Standing[] = [];

  /** The gate of an episode that takes `events` events; undefined when no rule holds it. To be asked once per episode. */
  gateFor(input: string | null, events: number): EpisodeGate | undefined {
    if (this.rules.length === 0 || input === null) return undefined;
    const reached = this.rules.filter((standing) => isReached(standing, input, events));
    if (reached.length === 0) return undefined;
    return (moment) => {
      const standing = reached.find(({ rule }) => rule.moment === moment);
      if (standing === undefined) return undefined;
      standing.held += 1;
      return standing.released;
    };
  }

  list(): readonly EpisodeHold[] {
    return this.rules.map(({ rule, held }) => ({ ...rule, held }));
  }

  /**
   * Puts these rules in force and lets go whatever is held (episode-holds.O1). @throws ZodError when they are not a
   * list of rules
   */
  replace(rules: unknown): void {
    const parsed = ruleList.parse(rules);
    const before = this.rules;
    this.rules = parsed.map(standing);
    for (const { release } of before) release();
  }
}

const standing = (rule: EpisodeHoldRule): Standing => ({ rule, seen: 0, held: 0, ...createLatch() });

/** Counts the events of this episode, and says whether the awaited one is among them. */
function isReached(standing: Standing, input: string, events: number): boolean {
  const { rule, seen } = standing;
  if (seen >= rule.event || !rule.contains.every((part) => input.includes(part))) return false;
  standing.seen += events;
  return standing.seen >= rule.event;
}

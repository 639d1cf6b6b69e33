// Fault injection for requests for documents: rules, put in force by the control API, fail them as a busy container or
// a region that fails over does. Rules match by container and kind of operation, and are lost at a restart.
//
// cosmos-faults.F1  The first rule that matches, has times left and wins its draw strikes; a request is struck at most
//   once.
// cosmos-faults.F2  Every rule draws from a stream of its own, one number per matching request.
import { z } from 'zod';
import { draw } from '../kit/mulberry32';
import type { OperationKind } from './counters';
import { parseRules } from './rules';

const FIELDS = {
  /**
   * `throttle`: refused with 429. `unavailable`: refused with 503. Neither does anything. `loseAnswer`: carried out, and
   * then the connection breaks.
   */
  fault: z.enum(['throttle', 'unavailable', 'loseAnswer']),
  container: z.string().min(1).optional(),
  operation: z
    .enum(['read', 'create', 'upsert', 'replace', 'delete', 'patch', 'batch', 'query', 'feed', 'changeFeed'])
    .optional(),
  /** How many requests it strikes; all when absent. */
  times: z.int().positive().optional(),
  /** The share of matching requests that it strikes, by a random stream that starts at `seed`. */
  probability: z.number().min(0).max(1).default(1),
  seed: z.int().min(0).max(0xffff_ffff).default(0),
  /** The waiting time that a throttled client is sent. */
  retryAfterMs: z.int().nonnegative().default(100),
};
const rule = z.strictObject(FIELDS);
const FORM = '{ "fault": "throttle" | "unavailable" | "loseAnswer", … }';

export type CosmosFault = z.infer<typeof rule>;

/** A rule in force, with the number of requests that it struck. */
export type StandingFault = CosmosFault & { struck: number };

export class CosmosFaults {
  private standing: (StandingFault & { stream: number })[] = [];

  /** The rule that strikes a request of this kind, if any; uses up one of its times. */
  strike(kind: OperationKind, container: string | undefined): CosmosFault | undefined {
    return this.standing.find((rule) => {
      if (rule.container !== undefined && rule.container !== container) return false;
      if (rule.operation !== undefined && rule.operation !== kind) return false;
      if (rule.times !== undefined && rule.struck >= rule.times) return false;
      const { value, state } = draw(rule.stream);
      rule.stream = state;
      if (value >= rule.probability) return false;
      rule.struck += 1;
      return true;
    });
  }

  list(): readonly StandingFault[] {
    return this.standing.map(({ stream: _, ...rule }) => rule);
  }

  /** Puts the rules of this JSON text in force in place of others. @throws CosmosError (400) */
  replace(text: string): void {
    this.standing = parseRules(text, rule, 'requests that fail', FORM).map((given) => ({
      ...given,
      struck: 0,
      stream: given.seed,
    }));
  }
}

// Hold points: requests that stay unanswered until they are released, as when a network or a machine stops at a bad
// moment. Set by the control API; a rule matches by a text of the request's body and by operation. Lost at a restart.
import { z } from 'zod';
import type { OperationKind } from './counters';
import { parseRules } from './rules';

const FIELDS = {
  /** Held is a request whose body contains each of these; one that has no body is never held. */
  contains: z.array(z.string().min(1)).min(1).readonly(),
  /** Restricts the rule to requests that are counted in this container, or as this kind of operation. */
  container: z.string().min(1).optional(),
  operation: z.string().min(1).optional(),
  /** `arrival`: the request is never carried out. `answer`: it is, and what it wrote is on disk. Neither is answered. */
  moment: z.enum(['arrival', 'answer']),
};
const rule = z.strictObject(FIELDS);
const FORM = '{ "contains": ["…"], "container"?, "operation"?, "moment": "arrival" | "answer" }';

export type HoldRule = z.infer<typeof rule>;

/** A rule in force, with the number of requests that it holds. */
export type Hold = HoldRule & { held: number };

/** A request as the rules see it. */
export interface HoldableRequest {
  readonly body: string | undefined;
  readonly kind: OperationKind;
  readonly container: string | undefined;
}

/** The rules in force. Every request that matches is held, repeats by a patient client too, until they are replaced. */
export class Holds {
  private rules: Hold[] = [];

  /** The first rule for a request; its `held` is for the caller to count when the moment has come. */
  find({ body, kind, container: asked }: HoldableRequest): Hold | undefined {
    if (this.rules.length === 0 || body === undefined) return undefined;
    return this.rules.find(
      ({ contains, container = asked, operation = kind }) =>
        container === asked && operation === kind && contains.every((part) => body.includes(part)),
    );
  }

  list(): readonly Hold[] {
    return this.rules;
  }

  /** Puts the rules of this JSON text in force; what is held already stays held. @throws CosmosError (400) */
  replace(text: string): void {
    this.rules = parseRules(text, rule, 'held requests', FORM).map((given) => ({ ...given, held: 0 }));
  }
}

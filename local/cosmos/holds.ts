// Requests that get no answer, on demand: what a network or a machine that stops at the wrong moment looks like to the
// app. Knows requests by what is in their bodies, and neither containers nor documents. In memory: a restart holds nothing.
import { z } from 'zod';
import { CosmosError } from './errors';

const FIELDS = {
  /** Held is a request whose body contains each of these. */
  contains: z.array(z.string().min(1)).min(1),
  /** `arrival`: the request is never carried out. `answer`: it is, and what it wrote is on disk. Neither is answered. */
  moment: z.enum(['arrival', 'answer']),
};
const ruleList = z.array(z.strictObject(FIELDS));

export type HoldRule = z.infer<typeof ruleList>[number];

/** A rule in force, with the number of requests that it holds. */
export type Hold = HoldRule & { held: number };

/** The rules in force. Every request that matches is held, repeats by a patient client too, until they are replaced. */
export class Holds {
  private rules: Hold[] = [];

  /** The first rule for a request with this body; its `held` is for the caller to count when the moment has come. */
  find(body: string | undefined): Hold | undefined {
    if (this.rules.length === 0 || body === undefined) return undefined;
    return this.rules.find(({ contains }) => contains.every((part) => body.includes(part)));
  }

  list(): readonly Hold[] {
    return this.rules;
  }

  /** Puts the rules of this JSON text in force; what is held already stays held. @throws CosmosError (400) */
  replace(text: string): void {
    this.rules = parseRules(text).map((rule) => ({ ...rule, held: 0 }));
  }
}

function parseRules(text: string): HoldRule[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new CosmosError(400, 'The rules for held requests are not JSON.');
  }
  const parsed = ruleList.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new CosmosError(
    400,
    `The rules for held requests are a list of { "contains": ["…"], "moment": "arrival" | "answer" }: ${z.prettifyError(parsed.error)}`,
  );
}

// Parser of the rule lists that the control API puts in force (hold points, faults, replica lag). It must not know
// what a rule does.
import { z } from 'zod';
import { CosmosError } from './protocol/errors';

/** The rules in `text`. @throws CosmosError (400) that says what rules for `what` look like. */
export function parseRules<Rule>(text: string, rule: z.ZodType<Rule>, what: string, form: string): Rule[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new CosmosError(400, `The rules for ${what} are not JSON.`);
  }
  const parsed = z.array(rule).safeParse(json);
  if (parsed.success) return parsed.data;
  throw new CosmosError(400, `The rules for ${what} are a list of ${form}: ${z.prettifyError(parsed.error)}`);
}

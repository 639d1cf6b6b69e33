// Redaction of personal data by the names of the fields (PERSONAL_FIELDS), and of values that a service repeats in its answer.
// Pure. Used by the log, the console and the activities.
import type { Outcome } from './outcome';
import { PERSONAL_FIELDS } from './personal-data';

export const REDACTED = '[redacted]';

const PERSONAL: ReadonlySet<string> = new Set(PERSONAL_FIELDS);

/** `value` with every personal field redacted, at any depth. */
export function redacted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redacted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, PERSONAL.has(name) ? REDACTED : redacted(part)]),
  );
}

/** JSON with its personal fields redacted; of a text that is no JSON nothing is shown, as it may hold anything. */
export function redactedJson(text: string): string {
  try {
    return JSON.stringify(redacted(JSON.parse(text)), null, 2);
  } catch {
    return REDACTED;
  }
}

/** Shorter values stand in too many words. */
const SHORTEST = 3;

/** `text` without the values. */
export function withoutValues(text: string, values: readonly string[]): string {
  return values
    .filter(({ length }) => length >= SHORTEST)
    .reduce((rest, value) => rest.replaceAll(value, REDACTED), text);
}

/** What a service answered, without the personal values that it was told and may repeat: reasons are stored and shown. */
export function withoutEcho<T>(outcome: Outcome<T>, values: readonly string[]): Outcome<T> {
  switch (outcome.kind) {
    case 'done':
      return outcome;
    case 'refused':
      return { ...outcome, reason: withoutValues(outcome.reason, values) };
    case 'transient':
    case 'unknown':
      return {
        ...outcome,
        error: { ...outcome.error, message: withoutValues(outcome.error.message, values) },
      };
  }
}

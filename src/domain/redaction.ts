// Redaction of personal data by the names of the fields (PERSONAL_FIELDS), and of values that a service repeats in its answer.
// Pure. Used by the log, the console and the activities.
import type { Outcome } from './outcome';
import { PERSONAL_FIELDS } from './personal-data';

export const REDACTED = '[redacted]';

/** A name however a producer writes it: `ShippingAddress` and `shipping_address` are `shippingAddress`. */
function plainName(name: string): string {
  return name.replace(/[\s_-]/g, '').toLowerCase();
}

const PERSONAL: ReadonlySet<string> = new Set(PERSONAL_FIELDS.map(plainName));

/** `value` with every personal field redacted, at any depth, and every text that is JSON with such a field. */
export function redacted(value: unknown): unknown {
  if (typeof value === 'string') return holdsPersonalJson(value) ? REDACTED : value;
  if (Array.isArray(value)) return value.map(redacted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name,
      PERSONAL.has(plainName(name)) ? REDACTED : redacted(part),
    ]),
  );
}

/** Whether a text is JSON that has something to redact, as a body that was written as JSON twice. */
function holdsPersonalJson(text: string): boolean {
  if (!/^\s*[[{"]/.test(text)) return false;
  try {
    const value: unknown = JSON.parse(text);
    return JSON.stringify(redacted(value)) !== JSON.stringify(value);
  } catch (error) {
    return !(error instanceof SyntaxError);
  }
}

/**
 * JSON with its personal fields redacted; nothing is shown of a text that is no JSON, nor of one that is a single string: it
 * may hold anything.
 */
export function redactedJson(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? REDACTED : JSON.stringify(redacted(value), null, 2);
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

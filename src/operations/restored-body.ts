// Body of a dead letter that an operator has changed in its redacted form (domain/redaction.ts): where the redaction is left, what
// the letter has in the same place is put back.
import { REDACTED } from '../domain/redaction';
import type { FieldError } from '../validation';

export type Restored =
  | { readonly kind: 'restored'; readonly body: unknown }
  | { readonly kind: 'nothingThere'; readonly errors: readonly FieldError[] };

/** What is nested deeper is no body of a message. */
const MAX_DEPTH = 100;

/**
 * `letterText` is undefined where the letter lies there no more. Refused by the paths where the letter has nothing, and where
 * entries were added to a list or taken out of it: the place in it says no more whose value is meant.
 */
export function restoredBody(body: unknown, letterText: string | undefined): Restored {
  const errors: FieldError[] = [];
  const restore = (value: unknown, original: unknown, path: string, depth: number): unknown => {
    if (value === REDACTED) {
      if (original === undefined) errors.push({ path, message: NOTHING_THERE });
      return original;
    }
    if (typeof value !== 'object' || value === null) return value;
    if (depth > MAX_DEPTH) {
      errors.push({ path: path.slice(0, 200), message: `must be nested at most ${MAX_DEPTH} levels deep` });
      return undefined;
    }
    if (Array.isArray(value)) {
      const same = Array.isArray(original) && original.length === value.length ? original : undefined;
      return value.map((each, index) => restore(each, at(same, index), `${path}[${index}]`, depth + 1));
    }
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [
        key,
        restore(each, at(original, key), path === '' ? key : `${path}.${key}`, depth + 1),
      ]),
    );
  };
  const whole = restore(body, letterText === undefined ? undefined : jsonOf(letterText), '', 0);
  return errors.length > 0 ? { kind: 'nothingThere', errors } : { kind: 'restored', body: whole };
}

const NOTHING_THERE = `must be given: the letter has nothing there that "${REDACTED}" could keep, or its list has another length`;

function at(value: unknown, key: string | number): unknown {
  const has = typeof value === 'object' && value !== null && Object.hasOwn(value, key);
  return has ? (value as Record<string | number, unknown>)[key] : undefined;
}

/** Undefined for what is not JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

// Body of a dead letter that an operator has changed in its redacted form (domain/redaction.ts): where the redaction is left, what
// the letter has in the same place is put back.
import { REDACTED } from '../domain/redaction';
import type { FieldError } from '../validation';

export type Restored =
  | { readonly kind: 'restored'; readonly body: unknown }
  | { readonly kind: 'nothingThere'; readonly errors: readonly FieldError[] };

/** `letterText` is undefined where the letter lies there no more. Refused by the paths where the letter has nothing. */
export function restoredBody(body: unknown, letterText: string | undefined): Restored {
  const errors: FieldError[] = [];
  const restore = (value: unknown, original: unknown, path: string): unknown => {
    if (value === REDACTED) {
      if (original === undefined)
        errors.push({
          path,
          message: `must be given: the letter has nothing there that "${REDACTED}" could keep`,
        });
      return original;
    }
    if (Array.isArray(value))
      return value.map((each, index) => restore(each, at(original, index), `${path}[${index}]`));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [
        key,
        restore(each, at(original, key), path === '' ? key : `${path}.${key}`),
      ]),
    );
  };
  const whole = restore(body, letterText === undefined ? undefined : jsonOf(letterText), '');
  return errors.length > 0 ? { kind: 'nothingThere', errors } : { kind: 'restored', body: whole };
}

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

// Serialisation of what handlers and orchestrators give: to what leaves the app's thread, and in what the engine keeps.
// Pure.

/** What the declaration of `JSON.stringify` leaves out: it may give undefined. */
const stringify = JSON.stringify as (value: unknown) => string | undefined;

/** A value that is kept as its JSON text, which `JSON.stringify` has made. */
export class JsonText {
  constructor(readonly text: string) {}

  toJSON(): unknown {
    return JSON.parse(this.text);
  }
}

/**
 * JSON text of a value; null for null, and for what JSON has no text for: undefined, a function, a symbol.
 * @throws TypeError for a BigInt or a cycle.
 */
export function jsonText(value: unknown): string | null {
  if (value instanceof JsonText) return value.text;
  return value === null ? null : (stringify(value) ?? null);
}

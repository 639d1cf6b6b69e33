// Serialisation of what handlers and orchestrators give: to what leaves the app's thread, and in what the engine keeps.
// Pure.

/** What the declaration of `JSON.stringify` leaves out: it may give undefined. */
const stringify = JSON.stringify as (value: unknown) => string | undefined;

/**
 * JSON text of a value; null for null, and for what JSON has no text for: undefined, a function, a symbol.
 * @throws TypeError for a BigInt or a cycle.
 */
export const jsonText = (value: unknown): string | null =>
  value === null ? null : (stringify(value) ?? null);

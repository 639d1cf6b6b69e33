// Reader of output values whose items are JSON objects (documents, events).
import type { TypedData } from './core-types';

export type OutputObject = Readonly<Record<string, unknown>>;

/**
 * One object, or each of an array; a text is read as JSON. `item` is for people: `document`.
 * @throws Error that says what was found instead.
 */
export function toObjects({ json, string, bytes }: TypedData, item: string): readonly OutputObject[] {
  const text = json ?? string ?? (bytes === undefined ? '' : Buffer.from(bytes).toString());
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(
      `The output is not JSON: ${(error as Error).message}. Each ${item} must be a JSON object.`,
      {
        cause: error,
      },
    );
  }
  // A text inside of an array is the JSON of one item, as the platform reads it.
  return (Array.isArray(value) ? value : [value]).map((each: unknown) => toObject(each, item));
}

function toObject(value: unknown, item: string): OutputObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as OutputObject;
  if (typeof value === 'string' && value.trimStart().startsWith('{'))
    return JSON.parse(value) as OutputObject;
  throw new Error(
    `The output has ${JSON.stringify(value)}, which is not an object: each ${item} must be one.`,
  );
}

// Types of JSON values as documents hold them, and checked access to objects and arrays.
import { CosmosError } from './errors';

export type Json = null | boolean | number | string | Json[] | JsonObject;

export interface JsonObject {
  [key: string]: Json;
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A property of the object itself: `constructor` or `__proto__` of a document are undefined unless it has them. */
export const own = (object: JsonObject, key: string): Json | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined;

/** Parses a request body; a 400 that says where it broke. */
export function parseJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new CosmosError(400, `The request body is not JSON: ${(error as Error).message}`);
  }
}

export function parseObject(text: string): JsonObject {
  const value = parseJson(text);
  if (!isObject(value)) throw new CosmosError(400, 'The request body must be a JSON object.');
  return value;
}

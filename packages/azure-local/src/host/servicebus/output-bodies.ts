// Converter of output values to message bodies, by the platform's rules for a collection of byte arrays.
import type { TypedData } from '../core-types';

/** An array, or text that is a JSON array, is one message for each element; everything else is one message. */
export function toMessageBodies({ bytes, string, json, int, double }: TypedData): readonly Buffer[] {
  if (bytes !== undefined) return [Buffer.from(bytes)];
  if (string !== undefined) return /^\s*\[/.test(string) ? fromJson(string) : [Buffer.from(string)];
  if (json !== undefined) return fromJson(json);
  return [Buffer.from(String(int ?? double ?? ''))];
}

function fromJson(text: string): readonly Buffer[] {
  if (!/^\s*\[/.test(text)) return [Buffer.from(text)];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Begins like an array and is none: text.
    return [Buffer.from(text)];
  }
  return Array.isArray(value) ? value.map(toBody) : [Buffer.from(text)];
}

function toBody(element: unknown): Buffer {
  return Buffer.from(typeof element === 'string' ? element : JSON.stringify(element));
}

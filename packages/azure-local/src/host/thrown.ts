// Codec of what an app throws, between the threads of app and host: an error keeps its name, message, stack and cause.
// Pure.
import { inspect } from 'node:util';

export type ThrownData =
  | {
      readonly kind: 'error';
      readonly name: string;
      readonly message: string;
      /** The SDK of durable-functions makes errors without one. */
      readonly stack?: string;
      readonly cause?: ThrownData;
    }
  | { readonly kind: 'value'; readonly value: unknown };

/** Causes further down are of no use to anybody, and a chain of them may have no end. */
const MAX_CAUSES = 10;

export function encodeThrown(thrown: unknown, causes = MAX_CAUSES): ThrownData {
  if (typeof thrown !== 'object' || thrown === null) {
    return { kind: 'value', value: isPlain(thrown) ? thrown : inspect(thrown) };
  }
  const { name, message, stack, cause } = thrown as Record<string, unknown>;
  // An error of another realm (a vm context) is none by `instanceof`.
  if (typeof message === 'string' && (thrown instanceof Error || typeof stack === 'string')) {
    const caused =
      cause === undefined || causes === 0 ? undefined : { cause: encodeThrown(cause, causes - 1) };
    const traced = typeof stack === 'string' ? { stack } : undefined;
    return { kind: 'error', name: String(name), message, ...traced, ...caused };
  }
  try {
    return { kind: 'value', value: JSON.parse(JSON.stringify(thrown)) };
  } catch {
    return { kind: 'value', value: inspect(thrown) };
  }
}

export function decodeThrown(data: ThrownData): unknown {
  if (data.kind === 'value') return data.value;
  const { name, message, stack, cause } = data;
  const error = new Error(message, cause === undefined ? undefined : { cause: decodeThrown(cause) });
  // Not enumerable, as they are on the error that was thrown.
  Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true });
  Object.defineProperty(error, 'stack', { value: stack, configurable: true, writable: true });
  return error;
}

const isPlain = (value: unknown): boolean => typeof value !== 'symbol' && typeof value !== 'function';

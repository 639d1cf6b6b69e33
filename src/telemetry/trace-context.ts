// Correlation id and W3C trace context of a request: the caller's if valid, else new.
import { randomUUID } from 'node:crypto';

const PRINTABLE = /^[\x20-\x7e]{1,128}$/;

/** The caller's correlation id if it is 1 to 128 printable characters, else a new one. */
export function correlationIdFrom(given: unknown): string {
  return typeof given === 'string' && PRINTABLE.test(given) ? given : randomUUID();
}

const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The caller's W3C trace context, if it sent a valid one (an invalid one is to be ignored, says the standard). */
export function traceparentFrom(given: unknown): string | undefined {
  return typeof given === 'string' && TRACEPARENT.test(given) ? given : undefined;
}

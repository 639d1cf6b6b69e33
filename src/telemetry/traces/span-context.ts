// Ids of spans and W3C trace context. A span that a replay, a retry or a redelivery could make once more has an id that follows
// from its trace and a key: made twice it is the same span. All other ids are random.
import { hash, randomBytes } from 'node:crypto';
import { traceparentFrom } from '../trace-context';
import type { SpanContext } from './span';

const SAMPLED = 0x01;

/** The context in a `traceparent`; undefined for what is none. */
export function contextIn(traceparent: unknown): SpanContext | undefined {
  const valid = traceparentFrom(traceparent);
  if (valid === undefined) return undefined;
  return {
    traceId: valid.slice(3, 35),
    spanId: valid.slice(36, 52),
    isSampled: (parseInt(valid.slice(53), 16) & SAMPLED) === SAMPLED,
  };
}

export function toTraceparent({ traceId, spanId, isSampled }: SpanContext): string {
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;
}

/** The id of the span of a trace that `key` names. */
export function spanIdFor(traceId: string, key: string): string {
  return hash('sha256', `${traceId}\n${key}`).slice(0, 16);
}

export const newSpanId = (): string => randomBytes(8).toString('hex');

export const newTraceId = (): string => randomBytes(16).toString('hex');

/** Whether a trace that begins here is one of the `ratio` (0 to 1) that are exported. Every host says the same of an id. */
export function isSampledAt(ratio: number, traceId: string): boolean {
  return parseInt(traceId.slice(-8), 16) < ratio * 2 ** 32;
}

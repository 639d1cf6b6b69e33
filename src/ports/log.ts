// Structured log lines: one event name of the catalogue, fields that can be searched for, no text to parse.
import type { LogLevel } from './described-event';
import type { LogEvent } from './log-events';

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Each level takes the events that the catalogue has for it. */
export type Log = {
  [L in LogLevel]: (event: LogEvent<L>, fields: LogFields) => void;
};

/** The fields by which the lines about an order are found: the id of its trace is that of the request that placed it. */
export function aboutOrder({ orderId, correlationId, traceparent }: OfOrder): AboutOrder {
  return { orderId, correlationId, traceId: traceIdIn(traceparent) };
}

type OfOrder = Readonly<Record<'orderId' | 'correlationId' | 'traceparent', string>>;
interface AboutOrder extends LogFields {
  readonly orderId: string;
  readonly correlationId: string;
  readonly traceId: string | undefined;
}

/** The trace id of a W3C trace context; undefined for what is none. */
export function traceIdIn(traceparent: string | undefined): string | undefined {
  return /^[\da-f]{2}-([\da-f]{32})-/.exec(traceparent ?? '')?.[1];
}

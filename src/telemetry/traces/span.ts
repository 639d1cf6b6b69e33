// Types of spans: what one records, and what is known of it when it begins. Plain data, so that an exporter in a bundle of its
// own can take it.

export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** Where a span stands (W3C trace context). */
export interface SpanContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** Decided once, where the trace begins: a trace is exported whole or not at all. */
  readonly isSampled: boolean;
}

/** A span that has ended. Times are milliseconds since 1970, with fractions. */
export interface Span {
  readonly context: SpanContext;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: SpanKind;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Attributes;
  /** What failed; undefined when nothing did. */
  readonly error: string | undefined;
  readonly links: readonly SpanContext[];
}

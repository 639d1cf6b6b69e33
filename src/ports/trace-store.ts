// Port of the store of traces, where the app may read one: the spans of a trace, by its id.

export interface StoredSpan {
  readonly spanId: string;
  /** Null for the beginning of a trace; it may name a span that the store does not have. */
  readonly parentSpanId: string | null;
  readonly service: string;
  readonly name: string;
  /** Milliseconds since 1970, with fractions. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  /** What its status says; null where that is no error. */
  readonly error: string | null;
}

export interface TraceStore {
  /** In any order, and none for a trace that it does not have; undefined while it does not answer. */
  spansOf(traceId: string): Promise<readonly StoredSpan[] | undefined>;
}

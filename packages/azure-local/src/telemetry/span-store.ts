// Store of spans in the journal.
//
// span-store.X1  A span that comes again (same trace, same id) replaces the one that is there.
// span-store.X2  It is bounded: beyond `atMost` spans the oldest go.
import type { Journal } from '../storage/journal';
import type { StoredSpan } from './otlp-spans';

export interface SpanStore {
  /** Resolves when the spans are on disk. */
  add(spans: readonly StoredSpan[]): Promise<void>;
  /** Every span of the traces in which one has this attribute, by their beginning; at most `limit`. */
  ofTracesWith(attribute: string, value: string, limit: number): Promise<readonly StoredSpan[]>;
  /** Every span of a trace, by their beginning; at most `limit`. */
  ofTrace(traceId: string, limit: number): Promise<readonly StoredSpan[]>;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS telemetry_spans (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, trace_id TEXT NOT NULL, span_id TEXT NOT NULL, span TEXT NOT NULL,
    start_ms REAL NOT NULL, UNIQUE (trace_id, span_id));`;

const OF_TRACES = `SELECT span FROM telemetry_spans WHERE trace_id IN (
    SELECT DISTINCT trace_id FROM telemetry_spans WHERE span -> '$.attributes' ->> ? = ?)
  ORDER BY start_ms, seq LIMIT ?`;

const OF_TRACE = 'SELECT span FROM telemetry_spans WHERE trace_id = ? ORDER BY start_ms, seq LIMIT ?';

/** Some 25 MB. */
export const SPANS_AT_MOST = 50_000;

/** On a journal that may be shared: the table is called `telemetry_spans`. */
export function createSpanStore(journal: Journal, atMost = SPANS_AT_MOST): SpanStore {
  journal.schema(SCHEMA);
  const insert = journal.statement(
    'INSERT OR REPLACE INTO telemetry_spans (trace_id, span_id, span, start_ms) VALUES (?, ?, ?, ?)',
  );
  const forget = journal.statement(
    'DELETE FROM telemetry_spans WHERE seq <= (SELECT MAX(seq) FROM telemetry_spans) - ?',
  );
  const ofTraces = journal.statement(OF_TRACES);
  const ofTrace = journal.statement(OF_TRACE);
  return {
    add: (spans) =>
      journal.write(() => {
        for (const span of spans) insert.run(span.traceId, span.spanId, JSON.stringify(span), span.startMs);
        forget.run(atMost);
      }),
    ofTracesWith: (attribute, value, limit) =>
      journal.read(() => ofTraces.all<Row>(`$."${attribute}"`, value, limit).map(spanIn)),
    ofTrace: (traceId, limit) => journal.read(() => ofTrace.all<Row>(traceId, limit).map(spanIn)),
  };
}

interface Row {
  readonly span: string;
}

const spanIn = ({ span }: Row): StoredSpan => JSON.parse(span) as StoredSpan;

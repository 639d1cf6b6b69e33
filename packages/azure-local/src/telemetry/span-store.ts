// Store of spans in the journal: a row for each request, as it came. Many are written for one that is read, so what can wait
// until somebody asks does: nothing is taken apart, and there is no index but the row's number.
//
// span-store.X1  A span that comes again (same trace, same id) replaces the one that came before.
// span-store.X2  It is bounded: beyond `atMost` bytes the oldest requests go.
import type { Journal } from '../storage/journal';
import { readOtlpRequest, spansIn, tracesIn, type OtlpRequest, type StoredSpan } from './otlp-spans';

export interface SpanStore {
  /** Resolves when the spans of `request` are on disk; `text` is its JSON. */
  add(request: OtlpRequest, text: string): Promise<void>;
  /** Every span of the traces in which one has this attribute, by their beginning; at most `limit`. */
  ofTracesWith(attribute: string, value: string, limit: number): Promise<readonly StoredSpan[]>;
  /** Every span of a trace, by their beginning; at most `limit`. */
  ofTrace(traceId: string, limit: number): Promise<readonly StoredSpan[]>;
}

/** `last_byte`: how many bytes have ever been written up to the end of this row. `traces`: their ids. */
const SCHEMA = `
  DROP TABLE IF EXISTS telemetry_spans;
  CREATE TABLE IF NOT EXISTS telemetry_requests (
    last_byte INTEGER PRIMARY KEY, traces TEXT NOT NULL, request TEXT NOT NULL);`;

/** Some 55,000 spans. */
export const SPAN_BYTES_AT_MOST = 25_000_000;

/** On a journal that may be shared: the table is called `telemetry_requests`. */
export function createSpanStore(journal: Journal, atMost = SPAN_BYTES_AT_MOST): SpanStore {
  journal.schema(SCHEMA);
  const insert = journal.statement(
    'INSERT INTO telemetry_requests SELECT COALESCE(MAX(last_byte), 0) + ?, ?, ? FROM telemetry_requests',
  );
  const forget = journal.statement(
    'DELETE FROM telemetry_requests WHERE last_byte <= (SELECT MAX(last_byte) FROM telemetry_requests) - ?',
  );
  const mentioning = journal.statement('SELECT request FROM telemetry_requests WHERE instr(request, ?) > 0');
  const rows = journal.statement(
    'SELECT last_byte AS row, traces FROM telemetry_requests ORDER BY last_byte',
  );
  const inRow = journal.statement('SELECT request FROM telemetry_requests WHERE last_byte = ?');
  const ofTraces = (wanted: ReadonlySet<string>): StoredSpan[] => {
    const holding = rows
      .all<{ row: number; traces: string }>()
      .filter(({ traces }) => traces.split(' ').some((traceId) => wanted.has(traceId)))
      .flatMap(({ row }) => inRow.all<RequestRow>(row));
    return lastOfEach(spansOf(holding).filter(({ traceId }) => wanted.has(traceId))).sort(
      (a, b) => a.startMs - b.startMs,
    );
  };
  return {
    async add(request, text) {
      const traces = [...tracesIn(request)].join(' ');
      if (traces === '') return;
      await journal.write(() => {
        insert.run(Buffer.byteLength(text), traces, text);
        forget.run(atMost);
      });
    },
    ofTracesWith: (attribute, value, limit) =>
      journal.read(() =>
        ofTraces(
          new Set(
            spansOf(mentioning.all<RequestRow>(asInJson(value)))
              .filter(({ attributes }) => attributes[attribute] === value)
              .map(({ traceId }) => traceId),
          ),
        ).slice(0, limit),
      ),
    ofTrace: (traceId, limit) => journal.read(() => ofTraces(new Set([traceId])).slice(0, limit)),
  };
}

interface RequestRow {
  readonly request: string;
}

function spansOf(rows: readonly RequestRow[]): readonly StoredSpan[] {
  return rows.flatMap(({ request }) => {
    const read = readOtlpRequest(JSON.parse(request));
    // It could be read when it came.
    return typeof read === 'string' ? [] : spansIn(read);
  });
}

/** What a request with `value` in it holds for certain: other characters may be written in several ways. */
function asInJson(value: string): string {
  return /[\w.:-]*/.exec(value)?.[0] ?? '';
}

/** span-store.X1. */
function lastOfEach(spans: readonly StoredSpan[]): StoredSpan[] {
  return [...new Map(spans.map((span) => [`${span.traceId} ${span.spanId}`, span])).values()];
}

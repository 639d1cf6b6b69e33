// Drawing of traces as text: a tree of spans, each with its bar on the time of the trace. Pure; local/cli/trace.ts prints it.
import type { StoredSpan } from 'azure-local/telemetry/otlp-spans';

const BAR_WIDTH = 40;
const NAME_WIDTH = 54;

/** A span in its tree. */
interface Node {
  readonly span: StoredSpan;
  readonly depth: number;
}

/** One block of lines for each trace, the earliest first. */
export function waterfall(spans: readonly StoredSpan[]): string {
  const traces = new Map<string, StoredSpan[]>();
  for (const span of spans) traces.set(span.traceId, [...(traces.get(span.traceId) ?? []), span]);
  return [...traces.entries()].map(([traceId, own]) => block(traceId, own)).join('\n\n');
}

function block(traceId: string, spans: readonly StoredSpan[]): string {
  const fromMs = Math.min(...spans.map(({ startMs }) => startMs));
  const untilMs = Math.max(...spans.map(({ endMs }) => endMs));
  const head = `trace ${traceId}: ${spans.length} spans, ${duration(untilMs - fromMs)}`;
  return [head, ...nodesOf(spans).map((node) => line(node, fromMs, untilMs))].join('\n');
}

/** Depth first, children by their beginning. A span whose parent is not there, or is itself below it, is a root. */
export function nodesOf(spans: readonly StoredSpan[]): readonly Node[] {
  const byStart = [...spans].sort((a, b) => a.startMs - b.startMs);
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const seen = new Set<string>();
  const withChildren = (span: StoredSpan, depth: number): Node[] => {
    if (seen.has(span.spanId)) return [];
    seen.add(span.spanId);
    const children = byStart.filter(({ parentSpanId }) => parentSpanId === span.spanId);
    return [{ span, depth }, ...children.flatMap((child) => withChildren(child, depth + 1))];
  };
  const roots = byStart.filter(({ parentSpanId }) => parentSpanId === null || !ids.has(parentSpanId));
  return [...roots, ...byStart].flatMap((span) => withChildren(span, 0));
}

function line({ span, depth }: Node, fromMs: number, untilMs: number): string {
  const { name, attributes, error, startMs, endMs } = span;
  const outcome = error === null ? attributes['outcome'] : `! ${error}`;
  const attempt = Number(attributes['attempt'] ?? 1) > 1 ? ` #${String(attributes['attempt'])}` : '';
  const label = `${'  '.repeat(depth)}${name}${attempt}${outcome === undefined ? '' : ` (${String(outcome)})`}`;
  const scale = BAR_WIDTH / Math.max(untilMs - fromMs, 0.001);
  const from = Math.min(BAR_WIDTH - 1, Math.floor((startMs - fromMs) * scale));
  const width = Math.max(1, Math.min(BAR_WIDTH - from, Math.round((endMs - startMs) * scale)));
  const bar = `${' '.repeat(from)}${'█'.repeat(width)}`.padEnd(BAR_WIDTH);
  const fitting = label.length > NAME_WIDTH ? `${label.slice(0, NAME_WIDTH - 1)}…` : label.padEnd(NAME_WIDTH);
  return `${fitting} |${bar}| ${duration(endMs - startMs)}`;
}

function duration(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

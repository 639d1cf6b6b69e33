// The trace of one order, as a tree of spans with times. A pure function over what a store of traces has.
//
// order-trace.O1  Spans of other orders are left out, with what is below them: a trace id may come from a caller, who may send
//   many orders in one trace, or name a trace of another tenant.
// order-trace.O2  The tree is given depth first, children by their beginning. A span whose parent is not there is a root.
import type { StoredSpan } from '../ports/trace-store';

/** More than any order makes. */
const SPANS_AT_MOST = 1_000;

export interface TracedSpan {
  readonly spanId: string;
  readonly parentSpanId: string | null;
  /** 0 for a root. */
  readonly depth: number;
  readonly service: string;
  readonly name: string;
  /** From the beginning of the first span. */
  readonly offsetMs: number;
  readonly durationMs: number;
  /** Of a call that was made more than once. */
  readonly attempt: number | null;
  readonly outcome: string | null;
  /** A code; null where nothing failed. */
  readonly error: string | null;
}

export interface TraceTree {
  /** Null where there is no span. */
  readonly startedAt: string | null;
  readonly durationMs: number;
  readonly spans: readonly TracedSpan[];
}

/** The tree of `stored`: the trace in which the order is. */
export function traceTree(orderId: string, stored: readonly StoredSpan[]): TraceTree {
  const placed = depthFirst(ofOrder(orderId, stored)).slice(0, SPANS_AT_MOST);
  const [first] = placed;
  if (first === undefined) return { startedAt: null, durationMs: 0, spans: [] };
  const fromMs = Math.min(...placed.map(({ span }) => span.startMs));
  const untilMs = Math.max(...placed.map(({ span }) => span.endMs));
  return {
    startedAt: new Date(fromMs).toISOString(),
    durationMs: micros(untilMs - fromMs),
    spans: placed.map(({ span, depth }) => toTraced(span, depth, fromMs)),
  };
}

interface Placed {
  readonly span: StoredSpan;
  readonly depth: number;
}

function depthFirst(spans: readonly StoredSpan[]): readonly Placed[] {
  const byStart = [...spans].sort((a, b) => a.startMs - b.startMs);
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const children = new Map<string, StoredSpan[]>();
  for (const span of byStart) {
    const parent = span.parentSpanId ?? '';
    const siblings = children.get(parent) ?? [];
    siblings.push(span);
    children.set(parent, siblings);
  }
  const isRoot = ({ parentSpanId }: StoredSpan): boolean => parentSpanId === null || !ids.has(parentSpanId);
  const seen = new Set<string>();
  const placed: Placed[] = [];
  // Spans that are each below another are reached from no root: they come last.
  for (const start of [...byStart.filter(isRoot), ...byStart]) {
    const open: Placed[] = [{ span: start, depth: 0 }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { span, depth } = next;
      if (seen.has(span.spanId)) continue;
      seen.add(span.spanId);
      placed.push(next);
      const below = children.get(span.spanId) ?? [];
      open.push(...below.map((child) => ({ span: child, depth: depth + 1 })).reverse());
    }
  }
  return placed;
}

/** order-trace.O1: the order's own spans, what is above them, and what is below them and names no order. */
function ofOrder(orderId: string, spans: readonly StoredSpan[]): readonly StoredSpan[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const orderOf = (span: StoredSpan | undefined): unknown => span?.attributes['order.id'];
  /** The span and those above it, up to the first that names an order. */
  const upwards = (span: StoredSpan): readonly StoredSpan[] => {
    const path: StoredSpan[] = [span];
    for (let last = span; orderOf(last) === undefined;) {
      const above = byId.get(last.parentSpanId ?? '');
      if (above === undefined || path.includes(above)) break;
      path.push(above);
      last = above;
    }
    return path;
  };
  const own = spans.filter((span) => orderOf(upwards(span).at(-1)) === orderId);
  const above = own.flatMap((span) => {
    const parent = byId.get(span.parentSpanId ?? '');
    return parent === undefined ? [] : upwards(parent).filter((one) => orderOf(one) === undefined);
  });
  const kept = new Set([...own, ...above]);
  return spans.filter((span) => kept.has(span));
}

function toTraced(span: StoredSpan, depth: number, fromMs: number): TracedSpan {
  const { spanId, parentSpanId, service, name, attributes, error } = span;
  const { attempt, outcome } = attributes;
  return {
    ...{ spanId, parentSpanId, depth, service, name },
    offsetMs: micros(span.startMs - fromMs),
    durationMs: micros(Math.max(0, span.endMs - span.startMs)),
    attempt: typeof attempt === 'number' ? attempt : null,
    outcome: typeof outcome === 'string' ? outcome : null,
    error,
  };
}

const micros = (ms: number): number => Math.round(ms * 1_000) / 1_000;

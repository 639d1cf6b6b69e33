// Tracer: makes spans around work and hands those of sampled traces to a sink. It knows no SDK and nothing of orders.
//
// tracer.T1  The sampling decision is the parent's; a trace that begins here decides by its id. So a trace is whole over all
//   hosts, restarts and messages.
// tracer.T2  A trace never changes: work for an order is in the order's trace, and a request in another trace that caused it is
//   linked.
import { activeSpan, type OpenSpan } from './active-span';
import type { Attributes, Span, SpanContext, SpanKind } from './span';
import { contextIn, isSampledAt, newSpanId, newTraceId, spanIdFor } from './span-context';

export interface SpanStart {
  readonly name: string;
  readonly kind: SpanKind;
  /** Of what the span's id is made, within its trace; left out, the id is random. */
  readonly key?: string | undefined;
  /** Undefined: a trace begins here. */
  readonly parent: SpanContext | undefined;
  readonly links?: readonly SpanContext[];
  readonly attributes?: Attributes;
}

export interface Tracer {
  /** Runs `work` in a span that ends with it; what it throws marks the span as failed and is thrown on. */
  within<T>(start: SpanStart, work: (span: OpenSpan) => Promise<T>): Promise<T>;
  /** A span that has run already; nothing where its trace is not sampled. */
  record(start: SpanStart & Pick<Span, 'startMs' | 'endMs'> & { readonly error?: string | undefined }): void;
}

export interface TracerParts {
  /** How many of the traces that begin here are exported, from 0 to 1. */
  readonly ratio: number;
  readonly nowMs: () => number;
  readonly sink: (span: Span) => void;
}

export function createTracer({ ratio, nowMs, sink }: TracerParts): Tracer {
  const contextFor = ({ parent, key }: SpanStart): SpanContext => {
    const traceId = parent?.traceId ?? newTraceId();
    const spanId = key === undefined ? newSpanId() : spanIdFor(traceId, key);
    return { traceId, spanId, isSampled: parent?.isSampled ?? isSampledAt(ratio, traceId) };
  };
  return {
    async within(start, work) {
      const span = new StartedSpan(start, contextFor(start), nowMs());
      try {
        return await work(span);
      } catch (thrown) {
        span.error ??= nameOf(thrown);
        throw thrown;
      } finally {
        span.endMs = nowMs();
        if (span.context.isSampled) sink(span);
      }
    },
    record(start) {
      const context = contextFor(start);
      if (!context.isSampled) return;
      const span = new StartedSpan(start, context, start.startMs);
      span.endMs = start.endMs;
      span.error = start.error;
      sink(span);
    },
  };
}

/** A span from its beginning to its export: one object, because there are some thirty for an order. */
class StartedSpan implements OpenSpan, Span {
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: SpanKind;
  readonly links: readonly SpanContext[];
  endMs: number;
  attributes: Attributes;
  error: string | undefined = undefined;

  constructor(
    start: SpanStart,
    readonly context: SpanContext,
    readonly startMs: number,
  ) {
    this.parentSpanId = start.parent?.spanId;
    this.name = start.name;
    this.kind = start.kind;
    this.links = start.links ?? NO_LINKS;
    this.attributes = start.attributes ?? NO_ATTRIBUTES;
    this.endMs = startMs;
  }

  set(more: Attributes): void {
    this.attributes = { ...this.attributes, ...more };
  }

  fail(why: string): void {
    this.error = why;
  }
}

const NO_LINKS: readonly SpanContext[] = [];
const NO_ATTRIBUTES: Attributes = {};

/** Where in the trace of an order a request does something: in its span if that is of this trace, else as `traceparent` says. */
export function placeIn(traceparent: string): Pick<SpanStart, 'parent' | 'links'> {
  const own = contextIn(traceparent);
  const active = activeSpan()?.context;
  if (active === undefined || own === undefined) return { parent: own };
  return active.traceId === own.traceId ? { parent: active } : { parent: own, links: [active] };
}

/** The code of an error, or its name: its message may hold data. */
function nameOf(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null) return typeof thrown;
  if ('code' in thrown && typeof thrown.code === 'string') return thrown.code;
  return thrown instanceof Error ? thrown.name : 'Error';
}

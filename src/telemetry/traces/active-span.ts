// The span of the request that the running code is a part of, kept by Node.js over every await. Only requests about orders that are
// there already are followed that way: their writes belong to the trace of the order, and the request is linked. Whatever is done for
// an order hands its span on by its `traceparent`.
//
// active-span.A1  Node.js before 24 runs a hook for every promise of the process for as long as one AsyncLocalStorage is in use. So it
//   is in use only while such a request runs.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Attributes, SpanContext } from './span';
import { traceparentFrom } from '../trace-context';
import { toTraceparent } from './span-context';

/** A span that has begun. */
export interface OpenSpan {
  readonly context: SpanContext;
  set(attributes: Attributes): void;
  /** Marks it as failed; `why` is a code or a few words, never data of an order. */
  fail(why: string): void;
}

const storage = new AsyncLocalStorage<OpenSpan>();

let running = 0;

export const activeSpan = (): OpenSpan | undefined => storage.getStore();

/** Runs `work` with `span` as the active one (active-span.A1). */
export async function runInSpan<T>(span: OpenSpan, work: () => Promise<T>): Promise<T> {
  running += 1;
  try {
    return await storage.run(span, work);
  } finally {
    running -= 1;
    if (running === 0) storage.disable();
  }
}

/** The trace context of what `span` stores or sends; without a span, the valid one that the caller gave. */
export function traceparentIn(span: OpenSpan | undefined, given: unknown): string | undefined {
  return span === undefined ? traceparentFrom(given) : toTraceparent(span.context);
}

const ofInvocations = new WeakMap<object, OpenSpan>();

/** Makes `span` the one that `spanOf` gives for the context of an invocation. */
export function openedFor(invocation: object, span: OpenSpan): void {
  ofInvocations.set(invocation, span);
}

/** The span of an invocation by its context; undefined where it is not traced. */
export const spanOf = (invocation: object): OpenSpan | undefined => ofInvocations.get(invocation);

// The span in which the running code is, kept by Node.js over every await. Without tracing there is none, and asking costs
// nothing.
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

export const activeSpan = (): OpenSpan | undefined => storage.getStore();

export const runInSpan = <T>(span: OpenSpan, work: () => T): T => storage.run(span, work);

/** The trace context of what is stored or sent now: that of the active span, or else the valid one that the caller gave. */
export function traceparentHere(given: unknown): string | undefined {
  const active = activeSpan();
  return active === undefined ? traceparentFrom(given) : toTraceparent(active.context);
}

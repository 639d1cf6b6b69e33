// Hands the active span on to SDKs that ask OpenTelemetry for it: the durable client sends it to the task hub. They ask as they
// are called, before their first await, so nothing has to follow their promises: an AsyncLocalStorage costs every promise of the
// process.
import {
  context,
  propagation,
  ROOT_CONTEXT,
  trace,
  type Context,
  type ContextManager,
} from '@opentelemetry/api';

const W3C_TRACEPARENT = 'traceparent';

/** Sets up OpenTelemetry's API for that; does nothing where an SDK has done so. */
export function handOnActiveSpan(): void {
  context.setGlobalContextManager(createCallContexts());
  propagation.setGlobalPropagator({
    inject(from, carrier, setter) {
      const span = trace.getSpanContext(from);
      if (span === undefined) return;
      const flags = span.traceFlags.toString(16).padStart(2, '0');
      setter.set(carrier, W3C_TRACEPARENT, `00-${span.traceId}-${span.spanId}-${flags}`);
    },
    extract: (from) => from,
    fields: () => [W3C_TRACEPARENT],
  });
}

/** A context is active while the call that it was given to runs. */
function createCallContexts(): ContextManager {
  let active: Context = ROOT_CONTEXT;
  return {
    active: () => active,
    with(next, work, self, ...args) {
      const before = active;
      active = next;
      try {
        return work.call(self as ThisParameterType<typeof work>, ...args);
      } finally {
        active = before;
      }
    },
    bind: (_context, target) => target,
    enable() {
      return this;
    },
    disable() {
      return this;
    },
  };
}

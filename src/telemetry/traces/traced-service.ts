// Downstream service in spans: one for each request, whose context the service gets as its `traceparent`.
import type { ServiceCall } from '../../ports/downstream';
import { contextIn, toTraceparent } from './span-context';
import { failureOf } from './traced-activities';
import type { Tracer } from './tracer';

type Method = (call: ServiceCall, ...rest: readonly unknown[]) => Promise<Parameters<typeof failureOf>[0]>;

/** `service`, every method of which takes a ServiceCall and gives an outcome, under the name `name`. */
export function tracedService<S extends object>(name: string, service: S, tracer: Tracer): S {
  const traced = Object.entries(service).map(([operation, method]) => [
    operation,
    ((call, ...rest) => {
      const parent = contextIn(call.traceparent);
      const start = {
        parent,
        name: `${name} ${operation}`,
        kind: 'client' as const,
        key: `${parent?.spanId ?? ''} ${operation} ${call.key}`,
        attributes: { 'order.id': call.orderId, 'peer.service': name, 'idempotency.key': call.key },
      };
      return tracer.within(start, async (span) => {
        const outcome = await (method as Method)(
          { ...call, traceparent: toTraceparent(span.context) },
          ...rest,
        );
        span.set({ outcome: outcome.kind });
        const why = failureOf(outcome);
        if (why !== undefined) span.fail(why);
        return outcome;
      });
    }) satisfies Method,
  ]);
  return Object.fromEntries(traced) as S;
}
